"""Wrong PINs over calls: what locks, for how long, and what a restarted ACD knows of it."""

import json
from typing import Any

from acd.ledger import Ledger
from acd.wrong_pins import REMEMBERED_SECONDS, PinLimits, Subject, WrongPins

PHONE, AGENT = Subject("phone", "2001"), Subject("agent", "1001")
LIMITS = PinLimits(wrong_max=3, within_seconds=100.0, locked_seconds=60.0)


def wrong(at: float, phone: str = "2001", agent_id: str = "1001") -> dict[str, Any]:
    return {"verb": "WRONGPIN", "at": at, "phone": phone, "agent_id": agent_id}


def lock(subject: Subject, at: float, until: float) -> dict[str, Any]:
    return {"verb": "PINLOCK", "at": at, **subject._asdict(), "until": until}


def told(*times: float) -> WrongPins:
    pins = WrongPins()
    for at in times:
        pins.note_wrong(wrong(at))
    return pins


def test_so_many_within_the_window_are_due() -> None:
    """The third locks phone and number; one that is older than the window does not count."""
    assert told(0.0, 10.0).due("2001", "1001", LIMITS, 10.0) == []
    assert told(0.0, 10.0, 100.0).due("2001", "1001", LIMITS, 100.0) == [PHONE, AGENT]
    assert told(0.0, 10.0, 101.0).due("2001", "1001", LIMITS, 101.0) == []


def test_a_number_is_counted_over_phones_and_a_phone_over_numbers() -> None:
    """Each is locked by its own: three phones for one number, three numbers at one phone."""
    pins = WrongPins()
    for number in range(3):
        pins.note_wrong(wrong(1.0, f"200{number}"))
        pins.note_wrong(wrong(1.0, "2009", ""))
    assert pins.due("2001", "1001", LIMITS, 1.0) == [AGENT]
    assert pins.due("2009", "1002", LIMITS, 1.0) == [Subject("phone", "2009")]


def test_a_limit_of_nothing_never_locks() -> None:
    """wrong_max: 0 is how a site does without."""
    assert told(1.0, 1.0, 1.0).due("2001", "1001", PinLimits(wrong_max=0), 1.0) == []


def test_a_lock_ends_by_itself_and_the_count_begins_anew() -> None:
    """Locked to the second; what led to it does not lock again, and the other subject is not touched."""
    pins = told(0.0, 1.0, 2.0)
    pins.note_lock(lock(PHONE, 2.0, 62.0))
    assert pins.locked(2.0) == {PHONE: 60.0}
    assert pins.locked(62.0) == {}
    assert pins.due("2001", "1001", LIMITS, 2.0) == [AGENT]
    pins.note_lock(lock(AGENT, 70.0, 130.0))
    assert pins.locks == {AGENT: 130.0}


def test_what_no_window_reaches_is_forgotten() -> None:
    """The memory is as long as the longest window and no longer."""
    pins = told(0.0)
    pins.note_wrong(wrong(REMEMBERED_SECONDS + 1, "2002", ""))
    assert dict(pins.wrong) == {Subject("phone", "2002"): [REMEMBERED_SECONDS + 1]}


def test_a_restarted_acd_knows_count_and_lock() -> None:
    """From the lines themselves, and from the CARRY line of a new segment as the journal writes it."""
    lines = [wrong(0.0), wrong(1.0), lock(Subject("phone", "2002"), 1.0, 61.0)]
    ledger = Ledger.fold(lines)
    carried = Ledger.fold([json.loads(json.dumps({"verb": "CARRY", "at": 2.0, **ledger.carry()}))])
    for one in (ledger, carried):
        one.apply(wrong(3.0))
        assert one.pins.due("2001", "1001", LIMITS, 3.0) == [PHONE, AGENT]
        assert one.pins.locked(3.0) == {Subject("phone", "2002"): 58.0}
