"""A small reader of PowerShell, written from about_Quoting_Rules and about_Parsing, not from the code under test.

It knows what the scripts use: comments, bare words, both kinds of strings, `[char]0x…`, and punctuation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SINGLE = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'
_NUMBERED = re.compile(r"\[char\]0x([0-9A-F]{4})")
_PUNCTUATION = "|{}()+,;"
_WORD = re.compile(r"[^\s|{}()+,;" + SINGLE + DOUBLE + "]+")


@dataclass(frozen=True)
class Token:
    """`kind` is word, text, number (one UTF-16 unit), mark (punctuation) or end (of a line)."""

    kind: str
    value: str


def tokens(script: str) -> list[Token]:
    """Every token. Raises ValueError where a string does not end."""
    found, position = [], 0
    while position < len(script):
        character = script[position]
        if character == "\n":
            found.append(Token("end", ""))
            position += 1
        elif character.isspace():
            position += 1
        elif character == "#":
            position = (script + "\n").index("\n", position)
        elif character in SINGLE + DOUBLE:
            value, position = _text(script, position + 1, SINGLE if character in SINGLE else DOUBLE)
            found.append(Token("text", value))
        elif number := _NUMBERED.match(script, position):
            found.append(Token("number", number[1]))
            position = number.end()
        elif character in _PUNCTUATION:
            found.append(Token("mark", character))
            position += 1
        else:
            word = _WORD.match(script, position)
            assert word
            found.append(Token("word", word[0]))
            position = word.end()
    return found


def _text(script: str, position: int, quotes: str) -> tuple[str, int]:
    """A string's value, and where it ends: any quote of its kind ends it, two together stand for the first."""
    value = ""
    while position < len(script):
        character = script[position]
        if character in quotes:
            if script[position + 1 : position + 2] not in quotes or position + 1 == len(script):
                return value, position + 1
            position += 1
        elif quotes is DOUBLE and character in "$`":
            raise ValueError("something is expanded")
        value += character
        position += 1
    raise ValueError("a string does not end")


def folded(found: list[Token]) -> list[Token]:
    """With `('a' + [char]0x2019 + 'b')` as the one text that it is worth."""
    result: list[Token] = []
    position = 0
    while position < len(found):
        end, units = _sum(found, position)
        if units is None:
            result.append(found[position])
            position += 1
        else:
            result.append(Token("text", units.decode("utf-16-be")))
            position = end
    return result


def _sum(found: list[Token], position: int) -> tuple[int, bytes | None]:
    """A sum in parentheses that begins with a text, as UTF-16; where it ends."""
    if found[position] != Token("mark", "(") or found[position + 1].kind != "text":
        return position, None
    units, position = b"", position + 1
    while True:
        part = found[position]
        assert part.kind in ("text", "number")
        units += part.value.encode("utf-16-be") if part.kind == "text" else bytes.fromhex(part.value)
        position += 1
        if found[position] == Token("mark", ")"):
            return position + 1, units
        assert found[position] == Token("mark", "+")
        position += 1


def commands(script: str) -> list[tuple[str, dict[str, str]]]:
    """Every command of every pipeline, in order, with its arguments by parameter, names in lower case.

    Blocks in braces are one argument without a name.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parameter, depth, expecting, block = "", 0, True, ""
    for token in folded(tokens(script)):
        if token == Token("mark", "{"):
            depth, block = depth + 1, ""
        elif token == Token("mark", "}"):
            depth -= 1
            found[-1][1]["{}"] = block.strip()
        elif depth:
            block += f"{token.value} "
        elif token.kind == "end" or token == Token("mark", "|"):
            expecting, parameter = True, ""
        elif expecting:
            found.append((token.value.lower(), {}))
            expecting = False
        elif token == Token("word", "="):
            found.pop()  # that was the variable
            expecting = True
        elif token.kind == "word" and token.value.startswith("-"):
            parameter = token.value[1:].lower()
            found[-1][1][parameter] = ""
        else:
            found[-1][1][parameter] = found[-1][1].get(parameter, "") + token.value
    return found
