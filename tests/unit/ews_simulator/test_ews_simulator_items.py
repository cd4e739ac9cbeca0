"""Items created, read, changed and deleted by raw requests."""

from __future__ import annotations

import pytest

from .ews_stage import ALL, ANNA, BERT, HOUR, MARK, NINE, Stage, setting, stage, subject, timed

__all__ = ["stage"]
GONE = ["ErrorItemNotFound"]


async def test_what_is_created_is_read_as_it_was_written(stage: Stage) -> None:
    """Every simulated field, with the zone's name and the mark; times come as UTC."""
    extended = f"<t:ExtendedProperty>{MARK}<t:Value>ours</t:Value></t:ExtendedProperty>"
    made = await stage.create(
        "<t:Subject>Lunch</t:Subject><t:Sensitivity>Private</t:Sensitivity>"
        '<t:Body BodyType="Text">Two lines\nof text</t:Body>'
        f"<t:Categories><t:String>Blue</t:String></t:Categories>{extended}"
        "<t:Start>2026-03-10T11:00:00+02:00</t:Start><t:End>2026-03-10T12:00:00+02:00</t:End>"
        "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Here</t:Location>"
        '<t:StartTimeZone Id="FLE Standard Time"/><t:EndTimeZone Id="FLE Standard Time"/>'
    )
    assert made.codes == ["NoError"]
    [(item_id, change_key)] = made.ids()
    shape = ALL.replace("</m:ItemShape>", f"<t:AdditionalProperties>{MARK}</t:AdditionalProperties></m:ItemShape>")
    got = await stage.get(item_id, shape=shape)
    assert got.ids() == [(item_id, change_key)]
    assert got.text("t:Subject") == "Lunch"
    assert got.text("t:Body") == "Two lines\nof text"
    assert (got.text("t:Start"), got.text("t:End")) == ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z")
    assert (got.text("t:Location"), got.text("t:Sensitivity")) == ("Here", "Private")
    assert got.text("t:LegacyFreeBusyStatus") == "OOF"
    assert got.text("t:ExtendedProperty/t:Value") == "ours"
    assert got.all("t:StartTimeZone")[0].get("Id") == "FLE Standard Time"
    assert (got.text("t:CalendarItemType"), got.text("t:IsMeeting")) == ("Single", "false")


async def test_a_batch_with_one_item_that_is_gone(stage: Stage) -> None:
    """Each item has its own answer; an id that is none is told apart from one that leads nowhere."""
    first, second = (stage.people.add_event(stage.anna, text, NINE, NINE + HOUR) for text in "ab")
    stage.people.delete_event(first)
    got = await stage.get(first, second, "bm9uc2Vuc2U=")
    assert got.codes == ["ErrorItemNotFound", "NoError", "ErrorInvalidIdMalformed"]


async def test_a_stale_change_key(stage: Stage) -> None:
    """NeverOverwrite refuses it; AutoResolve takes what does not touch the same property, AlwaysOverwrite all."""
    [item] = (await stage.create(timed("Old", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"))).ids()
    stage.people.edit_event(item[0], location="There")
    assert (await stage.update(item, subject("New"))).codes == ["ErrorIrresolvableConflict"]
    assert stage.people.event(item[0]).subject == "Old"
    assert (await stage.update(item, subject("New"), how="AutoResolve")).codes == ["NoError"]
    place = setting("calendar:Location", "<t:Location>Nowhere</t:Location>")
    assert (await stage.update(item, place, how="AutoResolve")).codes == ["ErrorIrresolvableConflict"]
    assert (await stage.update(item, place, how="AlwaysOverwrite")).codes == ["NoError"]
    after = stage.people.event(item[0])
    assert (after.subject, after.location) == ("New", "Nowhere")


async def test_the_change_key_of_the_answer_is_the_next_one(stage: Stage) -> None:
    """So a second change needs no read in between; without one, no change is taken, with nonsense neither."""
    [item] = (await stage.create(timed("1", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"))).ids()
    second = await stage.update(item, subject("2"))
    assert second.text("m:ConflictResults/t:Count") == "0"
    [after] = second.ids()
    assert after[0] == item[0]
    assert after[1] != item[1]
    assert (await stage.update(after, subject("3"))).codes == ["NoError"]
    bare = f'<t:ItemId Id="{item[0]}"/>'
    always = await stage.update(bare, subject("4"), how="AlwaysOverwrite")
    assert always.codes == ["ErrorChangeKeyRequiredForWriteOperations"]
    assert (await stage.update((item[0], "bm9uZQ=="), subject("4"))).codes == ["ErrorInvalidChangeKey"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (setting("item:Subject", "<t:Location>x</t:Location>"), "ErrorUpdatePropertyMismatch"),
        (setting("item:Subject", "<t:Subject>x</t:Subject><t:Location/>"), "ErrorIncorrectUpdatePropertyCount"),
        (setting("calendar:IsMeeting", "<t:IsMeeting>true</t:IsMeeting>"), "ErrorInvalidPropertySet"),
        (setting("calendar:End", "<t:End>2026-03-10T08:00:00Z</t:End>"), "ErrorCalendarEndDateIsEarlierThanStartDate"),
        (setting("calendar:End", "<t:End>2036-03-10T08:00:00Z</t:End>"), "ErrorCalendarDurationIsTooLong"),
        (setting("calendar:StartTimeZone", '<t:StartTimeZone Id="Nowhere"/>'), "ErrorTimeZone"),
        (
            '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Start"/></t:DeleteItemField>',
            "ErrorInvalidPropertyDelete",
        ),
    ],
)
async def test_a_change_that_cannot_be(stage: Stage, change: str, code: str) -> None:
    """It is refused with its own code, and nothing has changed."""
    [item] = (await stage.create(timed("1", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"))).ids()
    assert (await stage.update(item, change)).codes == [code]
    assert stage.people.event(item[0]).change_key == item[1]


async def test_properties_that_are_deleted(stage: Stage) -> None:
    """Location and mark are gone; the rest stays."""
    extended = f"<t:ExtendedProperty>{MARK}<t:Value>ours</t:Value></t:ExtendedProperty>"
    times = "<t:Start>2026-03-10T09:00:00Z</t:Start><t:End>2026-03-10T10:00:00Z</t:End>"
    [item] = (await stage.create(f"<t:Subject>S</t:Subject>{extended}{times}<t:Location>Here</t:Location>")).ids()
    paths = ('<t:FieldURI FieldURI="calendar:Location"/>', MARK)
    done = await stage.update(item, *(f"<t:DeleteItemField>{path}</t:DeleteItemField>" for path in paths))
    assert done.codes == ["NoError"]
    after = stage.people.event(item[0])
    assert (after.subject, after.location, after.extended) == ("S", "", ())


async def test_an_item_moved_to_deleted_items(stage: Stage) -> None:
    """Its id leads nowhere any more; its owner finds it under another one, and can bring it back."""
    [(item_id, _)] = (await stage.create(timed("1", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"))).ids()
    assert (await stage.delete(item_id)).codes == ["NoError"]
    assert (await stage.get(item_id)).codes == GONE
    assert (await stage.delete(item_id)).codes == GONE
    there = stage.people.event(item_id)
    assert not there.live
    assert (await stage.get(there.item_id)).codes == ["NoError"]
    assert stage.people.restore_event(item_id) not in (item_id, there.item_id)


async def test_a_hard_delete(stage: Stage) -> None:
    """Nothing is left in Deleted Items."""
    [(item_id, _)] = (await stage.create(timed("1", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"))).ids()
    assert (await stage.delete(item_id, kind="HardDelete")).codes == ["NoError"]
    assert (await stage.get(stage.people.event(item_id).item_id)).codes == GONE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<m:CreateItem><m:Items><t:CalendarItem/></m:Items></m:CreateItem>", "ErrorSendMeetingInvitationsRequired"),
        (
            '<m:DeleteItem DeleteType="HardDelete"><m:ItemIds><t:ItemId Id="x"/></m:ItemIds></m:DeleteItem>',
            "ErrorSendMeetingCancellationsRequired",
        ),
    ],
)
async def test_whether_to_mail_is_not_said(stage: Stage, body: str, code: str) -> None:
    """EWS wants to know it of every item of a calendar."""
    assert (await stage.ask(body)).codes == [code]


async def test_nothing_keeps_two_creates_apart(stage: Stage) -> None:
    """The same request twice makes two items, with two UIDs unless one was given."""
    item = timed("Twice", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z")
    await stage.create(item)
    await stage.create(item)
    first, second = stage.people.events_of(stage.anna)
    assert first.uid != second.uid
    own = item.replace("<t:Start>", "<t:UID>given</t:UID><t:Start>")
    await stage.create(own)
    assert stage.people.events_of(stage.anna)[-1].uid == "given"


async def test_another_persons_item(stage: Stage) -> None:
    """It is denied, not missing."""
    item_id = stage.people.add_event(stage.bert, "His", NINE, NINE + HOUR)
    assert (await stage.get(item_id)).codes == ["ErrorAccessDenied"]
    assert (await stage.get(item_id, acts_for=BERT)).codes == ["NoError"]


@pytest.mark.parametrize("kind", ["HTML", "Text"])
async def test_a_body_in_another_form(stage: Stage, kind: str) -> None:
    """It is converted on the way out; what is kept stays as it was written."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR, body="<p>one</p>", body_type="HTML")
    plain = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR, body="one")
    shape = ALL.replace("</t:BaseShape>", f"</t:BaseShape><t:BodyType>{kind}</t:BodyType>")
    got = await stage.get(item_id, plain, shape=shape)
    assert {body.get("BodyType") for body in got.all("t:Body")} == {kind}
    assert all("one" in text for text in got.texts("t:Body"))
    assert stage.people.event(item_id).text == stage.people.event(plain).text == "one"


async def test_the_id_tells_the_mailbox(stage: Stage) -> None:
    """An item's id holds the mailbox's guid, which stays when its address changes."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
    stage.people.change_mailbox_of_address("anna.berg@acme.example", stage.anna, primary=True)
    assert (await stage.get(item_id)).codes == ["ErrorNonPrimarySmtpAddress"]
    assert (await stage.get(item_id, acts_for="anna.berg@acme.example")).codes == ["NoError"]
    assert (await stage.get(item_id, acts_for=ANNA, by="SmtpAddress")).codes == ["NoError"]
