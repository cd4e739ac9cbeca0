"""HTML bodies as their readers see them (docs/decisions/0007), also those that nobody sane would write."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.adapters.graph.html import text_of
from core.model.essence import plain

ROOT = Path(__file__).resolve().parents[3]
OUTLOOK = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><title>Not seen</title>
<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]-->
<style><!-- p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt;} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head>
<body lang="FI" link="#0563C1" style="word-wrap:break-word"><div class="WordSection1">
<p class="MsoNormal"><span lang="EN-US">Dear&nbsp;<b>An</b>na &amp;
Åke,<o:p></o:p></span></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoListParagraph" style="text-indent:-18.0pt"><![if !supportLists]><span style="font-family:Symbol">·<span
style="font:7.0pt &quot;Times New Roman&quot;">&nbsp;&nbsp;&nbsp; </span></span><![endif]>bring the offer<o:p></o:p></p>
<table class="MsoTableGrid" border="1"><tbody><tr><td width="100"><p class="MsoNormal">When<o:p></o:p></p></td>
<td><p class="MsoNormal">Noon<o:p></o:p></p></td></tr><tr><td></td><td>Turku</td></tr></tbody></table>
<?xml:namespace prefix = o ns = "urn:schemas-microsoft-com:office:office" />
<p class="MsoNormal">Map: <a href="https://maps.example.com/?q=a&amp;b=c">here</a><img src="cid:1" alt="logo"></p>
<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Bo</p></div>
<blockquote><p class="MsoNormal">first<br>second</p><blockquote>deeper</blockquote></blockquote>
<div style="mso-hide:all; DISPLAY: none">preheader <b>of a newsletter</b></div>
<script>alert("not seen")</script></div></body></html>"""
READ = """Dear Anna & Åke,

· bring the offer
When Noon
Turku
Map: here
From: Bo
first
second
deeper"""


def test_a_body_that_outlook_wrote() -> None:
    """Lines, list marks, table rows and quotes as on the screen; nothing of styles, comments, namespaces, addresses."""
    assert plain(text_of(OUTLOOK)) == READ


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),  # an empty line, as Outlook on the web writes it
        ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"),  # and as Outlook does
        ("<div>a<br></div><div>b</div>", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<b>a</b>b <i> c</i>", "ab c"),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>d", "* a\n+ b\n* c\nd"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ('<ol><li value="²">a<li value="' + "9" * 5000 + '">b</ol>', "1. a\n2. b"),
        ("<table><tr><th>a<th>b<tr><td><p>c<p>d<td>e</table>f", "a b\nc\nd\ne\nf"),
        ("<table><tr><td><table><tr><td>a</td></tr><tr><td>b</td></tr></table></td><td>c</td></tr></table>", "a\nb\nc"),
        ("<table><tr><td><p>a</p>b</td></tr></table>", "a b"),
        ("<pre>a\n<span>b</span>\n\nc</pre>", "a\nb\n\nc"),
        ("a<hr>b<h1>c</h1>d<center>e</center>", "a\nb\nc\nd\ne"),
        ("<span>a</span\n><o:p></o:p>b", "ab"),
        ("&lt;b&gt; &amp;lt; &amp;amp; &#128512; &copy;", "<b> &lt; &amp; 😀 ©"),  # each resolved once
        ("&nonsense; &#xD83D; & &#0; &", "&nonsense; \ufffd & \ufffd &"),
        ('<?xml version="1.0" encoding="latin-1"?><p>ä', "ä"),
        ('<meta charset="utf-16"><p>ä 👩‍👩‍👧 שלום', "ä 👩‍👩‍👧 שלום"),
        ("a<!-- b -->c<![CDATA[d]]>e", "ace"),
        ("no markup < at > all", "no markup < at > all"),
        ("a\x00b\x01c\x85d\ufffee\x0cf&#1;&#xFFFF;g&#x1b;", "abcde fg"),  # control characters, raw and spelt out
        ("half \ud83d", "half ?"),
    ],
)
def test_markup(markup: str, text: str) -> None:
    """What a reader sees of it, in the form that is compared."""
    assert plain(text_of(markup)) == text


@pytest.mark.parametrize(
    "markup", ["", " \n", "<!-- only -->", "<", "<>", "</p>", "<html></html>", "<p>", "\x00", "<!"]
)
def test_next_to_nothing(markup: str) -> None:
    """It does not raise, and no text comes of it but what is no tag."""
    assert plain(text_of(markup)).strip("<>!") == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 40_000 + "end",
        "<b>" * 66_000 + "end",
        "<ul><li>" * 25_000 + "end",
        "<table><tr><td>" * 13_000 + "end",
        "<blockquote>" * 16_000 + "<p>end",
        "</div>" * 33_000 + "end",
    ],
)
def test_nested_deeper_than_any_screen_is_wide(markup: str) -> None:
    """P40: neither does it raise, nor is what is deep inside lost: that would look as if a person had emptied it."""
    assert plain(text_of(markup)).endswith("end")


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="MsoNormal">Lorem ipsum <b>dolor</b> sit amet &amp; cetera<o:p></o:p></p>' * 2_500,
        "<b>x</b> " * 22_000,
        "a<br>" * 40_000,
        "<ul>" + "<li>x" * 40_000,
        "<td>" + "y" * 100_000 + "<tr><td>x" * 11_000,  # a wide cell in a table of many rows
        "<tr>" + "<td>x" * 20_000 + "<br>x" * 20_000,
        "<" * 200_000,
        "&" * 200_000,
        "<!--" * 50_000,
        '<p style="' + "style:" * 33_000 + '">x',
        '<p style="padding-left:99999em;margin-top:99999em">x</p>' * 3_500,
        "<p " + "a=1 " * 50_000 + ">x",
    ],
    ids=lambda markup: markup[:20],
)
@pytest.mark.untraced
def test_two_hundred_kilobytes(markup: str) -> None:
    """A second is far more than they take, and far less than what grows with the square of their length would."""
    began = time.process_time()
    text = text_of(markup)
    assert time.process_time() - began < 3.0
    assert len(text) <= 2 * len(markup)


def test_only_an_answer_in_html_loads_the_converter() -> None:
    """Starting up pays nothing for it, and neither does reading what came as text."""
    check = (
        "import json, sys, function_app; from core.adapters.graph import wire; event = json.loads(sys.argv[1]); "
        "loaded = lambda: bool({'inscriptis', 'lxml'} & set(sys.modules)); assert not loaded(); "
        "event['body']['contentType'] = 'text'; wire.event(event); assert not loaded(); "
        "event['body']['contentType'] = 'html'; wire.event(event); assert loaded()"
    )
    noon = {"dateTime": "2026-11-23T12:00:00", "timeZone": "UTC"}
    event = {
        "id": "e",
        "changeKey": "k",
        "type": "singleInstance",
        "start": noon,
        "end": noon,
        "body": {"content": "x"},
    }
    assert subprocess.run([sys.executable, "-c", check, json.dumps(event)], cwd=ROOT, check=False).returncode == 0
