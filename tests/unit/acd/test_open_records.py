"""Which recordings and acts are open, as the journal tells it."""

from acd.ledger import Ledger
from acd.open_records import OpenRecords

RECORDING = {
    "verb": "RECORDING",
    "file": "f",
    "visit_id": "v",
    "agent_id": "1001",
    "channel_id": "c",
    "started_at": 1.0,
}
ACT = {
    **{"verb": "SUPERVISE", "act_id": "a", "supervisor_id": "1009", "agent_id": "1001", "visit_id": "v"},
    **{"mode": "listen", "channel_id": "s", "refused": ""},
}


def of(verb: str, **fields: object) -> dict[str, object]:
    return {"verb": verb, "at": 2.0, **fields}


def test_a_recording_is_open_until_its_end() -> None:
    """Paused and owed a stop are marks on it; what is not open is not marked."""
    records = OpenRecords()
    records.apply(RECORDING)
    records.apply(of("RECORDINGPAUSE", file="f"))
    records.apply(of("RECORDINGSTOP", file="f"))
    records.apply(of("RECORDINGPAUSE", file="another"))
    found = records.recording_of("c")
    assert found is not None and (found.paused, found.stop_owed) == (True, True)
    records.apply(of("RECORDINGRESUME", file="f"))
    assert not records.recordings["f"].paused
    records.apply(of("RECORDINGEND", file="f"))
    assert records.recording_of("c") is None


def test_an_act_is_open_until_its_end() -> None:
    """What was refused, and what needs no leg, never is."""
    records = OpenRecords()
    records.apply({**ACT, "act_id": "b", "refused": "not_allowed"})
    records.apply({**ACT, "act_id": "c", "channel_id": ""})
    assert records.acts == {}
    records.apply(ACT)
    found = records.act_of("s")
    assert found is not None and found.mode == "listen"
    records.apply(of("SUPERVISEEND", act_id="a"))
    assert records.act_of("s") is None


def test_open_records_are_carried_over() -> None:
    """A new segment begins with what is open; a CARRY from before there was any of this has none."""
    ledger = Ledger.fold([RECORDING, of("RECORDINGPAUSE", file="f"), ACT, of("OF_ANOTHER_AGE")])
    again = Ledger.fold([{"verb": "CARRY", **ledger.carry()}])
    assert again.open == ledger.open
    assert again.open.recordings["f"].paused
    old = {name: value for name, value in ledger.carry().items() if name not in ("recordings", "acts")}
    assert Ledger.fold([{"verb": "CARRY", **old}]).open == OpenRecords()


def test_a_talk_that_was_taken_over_is_restored_with_the_one_who_has_it() -> None:
    """TAKEOVER moves the visit; of a visit that is not open it says nothing."""
    enter = of(
        "ENTERQUEUE", visit_id="v", call_id="k", queue="q", caller_number="1", requirement={}, priority=0, arrived_at=1
    )
    connect = of("CONNECT", visit_id="v", agent_id="1001")
    ledger = Ledger.fold([enter, connect, of("TAKEOVER", visit_id="v", agent_id="1009"), of("TAKEOVER", visit_id="w")])
    assert ledger.visits["v"].agent_id == "1009"
    assert ledger.last_agents == {"1": "1001"}
