import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.progress.events import LEARNER, OTHER, random_events
from tutor.progress import Event, ProgressError, ProgressStore, derive, export_json, import_json, open_store
from tutor.progress.exchange import MAX_BYTES, parse_export, read_export


def memory(events: list[Event], learner: str | None = LEARNER) -> ProgressStore:
    store = open_store(None, learner_hint=learner)
    store.add(events)
    return store


def changed(**head: Any) -> str:
    """An export of one event, with other things in its head."""
    store = memory([], None)
    store.record("visit", "l", "s")
    return json.dumps(json.loads(export_json(store)) | head)


def with_event(**event: Any) -> str:
    content = json.loads(changed())
    content["events"][0] |= event
    return json.dumps(content)


def refusal(text: str) -> str:
    store = open_store(None)
    with pytest.raises(ProgressError) as caught:
        import_json(store, text, "her.json")
    assert store.events() == []
    assert caught.value.reason == "export"
    assert str(caught.value).startswith("her.json: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(random_events())
def test_an_export_holds_everything(events: list[Event]) -> None:
    store = memory(events)
    export = parse_export(export_json(store, name="Ada Lovelace", email="ada@example.org"))
    assert list(export.events) == store.events()
    assert export[:3] == (LEARNER, "Ada Lovelace", "ada@example.org")


@given(random_events(), st.data())
def test_any_split_repeated_and_in_any_order_adds_up_to_the_same(
    events: list[Event], data: st.DataObject
) -> None:
    """Devices that share some events, imported by another one that has some, twice or in another order."""
    part = st.lists(st.sampled_from(events), unique_by=lambda event: event.id) if events else st.just([])
    devices = [memory(data.draw(part)) for _ in range(3)]
    missing = set(range(len(events))) - {events.index(event) for one in devices for event in one.events()}
    devices.append(memory([events[index] for index in missing]))
    exports = [export_json(device) for device in devices]
    for device in devices:
        for text in data.draw(st.permutations(exports + exports[:2])):
            import_json(device, text)
        assert device.progress() == derive(events)


def test_import_both_ways_between_files(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db") as one, open_store(tmp_path / "b.db") as two:
        one.record("attempt", "l", "s", "q", response="1", right=False, hints=0)
        two.record("attempt", "l", "s", "q", response="2", right=True, hints=0)
        assert import_json(one, export_json(two)) == (1, 0, False)
        assert import_json(two, export_json(one)) == (1, 1, False)
        assert import_json(two, export_json(one)) == (0, 2, False)
        assert one.progress() == two.progress()
        assert one.events() == two.events()
        assert one.learner != two.learner


def test_a_store_that_holds_nothing_becomes_the_exported_learners(tmp_path: Path) -> None:
    old = memory([])
    old.record("visit", "l", "s")
    with open_store(tmp_path / "p.db") as new, open_store(tmp_path / "p.db") as open_meanwhile:
        assert import_json(new, export_json(old)) == (1, 0, True)
        assert new.learner == open_meanwhile.learner == old.learner
        assert open_meanwhile.record("visit", "l", "s2").learner == old.learner
        assert new.progress().lesson("l").steps_read == {"s", "s2"}


def test_a_learner_who_has_begun_stays_who_they_are(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as store:
        own = store.record("visit", "l", "s").learner
        import_json(store, export_json(memory([], OTHER)))
        assert store.learner == own


def test_a_named_learner_is_never_another_one(tmp_path: Path) -> None:
    old = memory([], OTHER)
    old.record("visit", "l", "s")
    with open_store(tmp_path / "p.db", learner_hint=LEARNER) as store:
        assert import_json(store, export_json(old)) == (1, 0, False)
        assert store.learner == LEARNER
        assert store.progress().last_lesson == "l"


def test_the_export_of_a_later_tutor_with_new_kinds_is_kept_whole() -> None:
    store = open_store(None)
    import_json(store, with_event(kind="badge", data={"gold": True}))
    assert store.events()[0].kind == "badge"
    assert "badge" in export_json(store)


BAD = [
    ("", "not JSON"),
    ("{", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ("9" * 5000, "not JSON"),
    ("[]", "not an export"),
    (changed(format="notes"), "not an export"),
    (changed(version=2), "newer rl-tutor"),
    (changed(version="1"), "no version"),
    (changed(learner="me"), "learner id"),
    (changed(name=["x"]), "name is not text"),
    (changed(email="x" * 501), "email is not text"),
    (changed(events={}), "no list of events"),
    (changed(events=["visit"]), "event 1: not an object"),
    (with_event(id="1"), "event 1: no sound id"),
    (with_event(id="A" * 32), "event 1: no sound id"),
    (with_event(learner="x"), "event 1: no sound learner"),
    (with_event(clock=0), "event 1: clock"),
    (with_event(clock=1.5), "event 1: clock"),
    (with_event(clock=True), "event 1: clock"),
    (with_event(clock=10**30), "event 1: clock"),
    (with_event(at="yesterday"), "event 1: at"),
    (with_event(at="2026-01-01T00:00:00"), "event 1: at"),
    (with_event(at="0001-01-01T00:00:00+14:00"), "event 1: at"),
    (with_event(at=7), "event 1: at is not text"),
    (with_event(kind="Rm -rf"), "event 1: 'Rm -rf'"),
    (with_event(kind="attempt", question="q", data={"right": "yes"}), "event 1: attempt without"),
    (with_event(lesson="x" * 501), "event 1: lesson id longer"),
    (with_event(data=[1]), "event 1: data is not"),
    (with_event(data={"note": "x" * 300_000}), "event 1: data of 300,"),
    (with_event(data={"note": "NaN?"}).replace('"NaN?"', "NaN"), "not JSON"),
    (with_event(data={"note": "huge"}).replace('"huge"', "1e999"), "event 1:"),
    (with_event(data={"note": "deep"}).replace('"deep"', "[" * 600 + "]" * 600), "event 1:"),
]


@pytest.mark.parametrize(
    ("text", "says"), BAD, ids=[f"{number} {says}" for number, (_, says) in enumerate(BAD)]
)
def test_a_bad_export_is_refused_in_one_line_and_nothing_is_taken(text: str, says: str) -> None:
    assert says in refusal(text)


def test_one_bad_event_refuses_the_good_ones_too() -> None:
    content = json.loads(changed())
    content["events"].append(content["events"][0] | {"id": "2" * 32, "clock": -1})
    assert "event 2" in refusal(json.dumps(content))


def test_two_events_of_one_id_in_a_file() -> None:
    content = json.loads(changed())
    content["events"].append(dict(content["events"][0]))
    store = open_store(None)
    assert import_json(store, json.dumps(content)).added == 1
    content["events"][1]["step"] = "other"
    with pytest.raises(ProgressError, match="says something else"):
        parse_export(json.dumps(content))


def test_control_characters_are_taken_out() -> None:
    export = parse_export(
        changed(name="A\x1b[2Jda\nL", events=json.loads(with_event(step="s\x1b[0m"))["events"])
    )
    assert export.name == "A[2Jda L"
    assert export.events[0].step == "s[0m"


def test_a_file_that_is_too_big_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as stream:
        stream.truncate(50 * 2**20)
    with pytest.raises(ProgressError, match="more than 32 MB"):
        read_export(path)
    with pytest.raises(ProgressError, match="more than 32 MB"):
        parse_export(" " * (MAX_BYTES + 1))


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProgressError, match="not UTF-8"):
        read_export(tmp_path / "x.json")
    with pytest.raises(ProgressError, match=r"missing.json.*No such file"):
        read_export(tmp_path / "missing.json")
