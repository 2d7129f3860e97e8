"""A trace is decided again as it was: whole, from any segment, over restarts, gaps, damage and other versions."""

import base64
import copyreg
import json
import pickle
from collections import OrderedDict, defaultdict
from http import HTTPStatus
from typing import Any

import pytest

from acd import checkpoint
from acd.checkpoint import CannotFreeze, NoCheckpoint, engine_version, freeze, thaw
from acd.codec import Undecodable
from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, FloorChanged, OfferAnswered, OfferFailed, TalkEnded
from acd.ids import Ids
from acd.model import AgentState, Floor, OfferOutcome, WrapUp
from acd.replay import Difference, Replay
from acd.testing import Rehearsal
from acd.trace import EVENT, FLOOR
from tests.unit.acd.floors import floor_of, seen
from tests.unit.acd.tape import Tape

AGENTS = {"1001": {"chinese": 5}, "1002": {"chinese": 5}}


class Story:
    """A short day, traced."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.day = Rehearsal(floor_of(AGENTS), trace_journal=self.tape)

    def open(self) -> None:
        self.day.handle(seen(AGENTS))
        for agent_id in AGENTS:
            self.day.pass_time(self.day.now + 1.0)
            self.day.handle(AgentAsked(agent_id, AgentState.READY))

    def serve(self, name: str) -> None:
        """One caller whom the first agent does not answer and the second does; the talk goes on."""
        self.day.handle(CallerJoined(name, f"call-{name}", "orders", f"number-{name}"))
        self.day.pass_time(self.day.now + 2.0)
        visit = self.day.engine.visits[name]
        offer = self.offer_of(visit)
        self.day.handle(OfferFailed(offer["offer_id"], name, OfferOutcome.RNA))
        self.day.handle(OfferAnswered(name, self.offer_of(visit)["agent_id"]))

    def offer_of(self, visit: Any) -> dict[str, Any]:
        offers = [line for line in self.day.journal if line["verb"] == "OFFER" and line["visit_id"] == visit.visit_id]
        return offers[-1]

    def roll(self) -> None:
        self.tape.must_roll = True
        assert self.day.trace is not None
        self.day.trace.roll(self.day.engine)


@pytest.fixture
def story() -> Story:
    story = Story()
    story.open()
    story.serve("zhang")
    story.roll()
    story.day.handle(TalkEnded("zhang", by_agent=True))
    story.day.pass_time(story.day.now + 30.0)
    return story


def replayed(lines: list[dict[str, Any]]) -> tuple[Replay, list[Difference]]:
    replay = Replay()
    return replay, [found for line in lines if (found := replay.take(line)) is not None]


def offer_in(commands: list[Any]) -> dict[str, Any]:
    """The fields of the OFFER record among these."""
    (fields,) = (one["fields"] for one in commands if one.get("verb") == "OFFER")
    found: dict[str, Any] = fields
    return found


def events(lines: list[dict[str, Any]]) -> int:
    return sum(line["verb"] == EVENT for line in lines)


def test_a_day_is_decided_again(story: Story) -> None:
    """All its events lead to the recorded commands, with the recorded ids, and to the same state."""
    replay, found = replayed(story.tape.lines)
    assert found == []
    assert (replay.events, replay.runs, replay.gaps, replay.skipped) == (events(story.tape.lines), 1, 0, 0)
    assert replay.engine is not None
    assert replay.engine.agents == story.day.engine.agents
    assert replay.now == story.tape.lines[-1]["now"]


def test_a_segment_is_decided_again_alone(story: Story) -> None:
    """It begins with the engine as it was: resting agents, refusals, misses in a row and all."""
    replay, found = replayed(story.tape.since(1))
    assert found == []
    assert 0 < replay.events < events(story.tape.lines)
    assert replay.engine is not None
    assert replay.engine.agents == story.day.engine.agents


def test_a_restarted_distributor_is_another_run(story: Story) -> None:
    """The engine of the trace begins anew where that of the day did."""
    story.day.restart()
    story.day.handle(seen(AGENTS))
    story.serve("li")
    replay, found = replayed(story.tape.lines)
    assert (found, replay.runs) == ([], 2)


def test_a_changed_site_is_in_the_trace(story: Story) -> None:
    """What follows a reload is decided on the new floor, in the same segment and in the next."""
    story.day.handle(FloorChanged(floor_of({"1002": {"chinese": 1}, "1003": {"chinese": 5}})))
    story.day.handle(AgentAsked("1003", AgentState.READY))
    story.roll()
    story.day.handle(CallerJoined("li", "call-li", "orders", "138"))
    for segment in range(3):
        assert replayed(story.tape.since(segment))[1] == []


def test_another_decision_is_told_with_both(story: Story) -> None:
    """Event, time, what was decided then, and what would be now."""
    at = next(n for n, line in enumerate(story.tape.lines) if line.get("ids"))
    changed = json.loads(json.dumps(story.tape.lines))
    offer_in(changed[at]["did"])["agent_id"] = "1002"
    _, (difference,) = replayed(changed)
    assert difference.event["is"] == "CallerJoined"
    assert difference.at == changed[at]["at"]
    assert offer_in(difference.expected)["agent_id"] == "1002"
    assert offer_in(difference.got)["agent_id"] == "1001"


def test_an_id_that_was_not_recorded_shows(story: Story) -> None:
    """An engine that makes one more offer than was made draws an id that nobody has seen."""
    changed = [{**line, "ids": []} if line.get("ids") else line for line in story.tape.lines]
    _, found = replayed(changed)
    assert offer_in(found[0].got)["offer_id"] == "not-recorded-1"


def test_a_refused_event_is_refused_again(story: Story) -> None:
    """An event about an agent whom nobody knows changed nothing then and changes nothing now."""
    assert story.day.trace is not None
    story.day.trace.note(AgentAsked("9999", AgentState.READY), story.day.now, 0.0, (), "UnknownName")
    story.day.handle(AgentAsked("1001", AgentState.NOT_READY))
    assert replayed(story.tape.lines)[1] == []


def test_an_event_that_was_refused_then_only_is_a_difference(story: Story) -> None:
    """And so is one that is refused now only; the reason is told."""
    assert story.day.trace is not None
    story.day.trace.note(AgentAsked("1001", AgentState.NOT_READY), story.day.now, 0.0, (), "UnknownName")
    story.day.trace.note(AgentAsked("9999", AgentState.READY), story.day.now, 0.0, ())
    _, (then, now) = replayed(story.tape.lines)
    assert then.fault == "was refused: UnknownName"
    assert now.fault == "UnknownName: agent '9999'"


def test_missing_lines_are_counted(story: Story) -> None:
    """What the disk refused is known to be missing, within a segment and before one."""
    lines = story.tape.lines
    without = [line for line in lines if line.get("n") != 2]
    assert replayed(without)[0].gaps == 1
    first = story.tape.segments[1]
    replay, found = replayed(lines[: first - 1] + lines[first:])
    assert (replay.gaps, found) == (1, [])


def test_another_versions_trace_is_replayed_from_its_beginning(story: Story) -> None:
    """And said to be another's; the second segment goes on with the engine of the first."""
    lines = [{**line, "engine": "older"} if line["verb"] == FLOOR else line for line in story.tape.lines]
    replay, found = replayed(lines)
    assert (found, replay.other_versions, replay.skipped) == ([], {"older"}, 0)


def test_another_versions_state_cannot_be_taken_up(story: Story) -> None:
    """A segment that begins inside another version's life is left out, and counted."""
    lines = [{**line, "engine": "older"} if line["verb"] == FLOOR else line for line in story.tape.since(1)]
    replay, found = replayed(lines)
    assert found == []
    assert (replay.engine, replay.skipped) == (None, replay.events)
    assert replay.events > 0


@pytest.mark.parametrize(
    "damage",
    [{"verb": EVENT}, {"verb": FLOOR}, {}, {"verb": EVENT, "at": 1.0, "now": "soon", "n": 1, "event": {}}],
    ids=str,
)
def test_a_line_of_another_shape_is_refused(damage: dict[str, Any], story: Story) -> None:
    """The replay goes on with the next one."""
    replay = Replay()
    replay.take(story.tape.lines[0])
    with pytest.raises(Undecodable):
        replay.take(damage)


def test_a_damaged_floor_leaves_no_engine(story: Story) -> None:
    """Events of a run whose beginning cannot be read are not given to the engine of the run before."""
    replay = Replay()
    replay.take(story.tape.lines[0])
    with pytest.raises(Undecodable):
        replay.take({**story.tape.lines[0], "run": "another", "floor": {"is": "Floor"}})
    assert replay.engine is None


def test_a_damaged_state_leaves_no_engine(story: Story) -> None:
    """A checkpoint that cannot be read is told as such; the next one that can is taken up."""
    replay = Replay()
    floor = story.tape.since(1)[0]
    with pytest.raises(Undecodable):
        replay.take({**floor, "state": "AAAA"})
    assert replay.engine is None
    replay.take(floor)
    assert replay.engine is not None
    assert (replay.runs, replay.gaps) == (1, 0)


def test_other_lines_are_passed_over() -> None:
    """A verb that the trace does not know yet changes nothing."""
    assert Replay().take({"verb": "LATER"}) is None


def test_the_engine_can_be_asked_at_each_offer(story: Story) -> None:
    """Whoever watches is told of an offer before anything has moved for it."""
    seen_then: list[tuple[str, str]] = []
    replay = Replay()

    def look(offer_id: str) -> None:
        assert replay.engine is not None
        visit = replay.engine.visits["zhang"]
        seen_then.append((offer_id, visit.state.value))

    replay.watch = look
    for line in story.tape.lines:
        replay.take(line)
    assert seen_then == [("offer-1", "waiting"), ("offer-2", "waiting")]


# Checkpoints


def engine() -> tuple[Engine, Ids]:
    ids = Ids(lambda: "offer-9")
    return Engine(Floor({}, {}), ids), ids


def test_a_thawed_engine_draws_from_its_own_ids() -> None:
    """The ids come back as the engine's own, and no function of the process that froze it comes along."""
    frozen, ids = thaw(freeze(*engine()))
    ids.give(["offer-5"])
    assert frozen._moves.new_id is ids  # the state that the checkpoint is about
    assert (ids(), ids()) == ("offer-5", "not-recorded-2")


def test_an_engine_that_holds_code_cannot_be_frozen() -> None:
    """That would be our own bug; the trace then stays in the segment that it has."""
    made, ids = engine()
    made.extra = lambda: None  # type: ignore[attr-defined]  # what no engine has
    with pytest.raises(CannotFreeze):
        freeze(made, ids)


def test_a_trace_that_cannot_roll_tries_once(story: Story) -> None:
    """A state that cannot be written costs one attempt and not one at every event."""
    assert story.day.trace is not None
    story.day.engine.extra = lambda: None  # type: ignore[attr-defined]  # what no engine has
    story.tape.must_roll = True
    with pytest.raises(CannotFreeze):
        story.day.trace.roll(story.day.engine)
    story.tape.must_roll = True
    story.day.trace.roll(story.day.engine)
    assert len(story.tape.segments) == 2


@pytest.mark.parametrize("text", ["", "no base64!", "gASVBQAAAAAAAACMATGULg==", "KGxwMQ=="], ids=repr)
def test_what_is_no_engine_is_refused(text: str) -> None:
    """Damage is told as such."""
    with pytest.raises(NoCheckpoint):
        thaw(text)


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("acd.engine", "heapq"), ("acd.moves", "remember"), ("acd.model", "None")],
)
def test_a_trace_can_run_nothing(module: str, name: str) -> None:
    """A pickle that names anything but a class of the core or a plain collection is refused before it is used."""
    call = f"c{module}\n{name}\n(S'echo'\ntR.".encode()
    with pytest.raises(NoCheckpoint, match="no class"):
        thaw(base64.b64encode(call).decode())


def test_plain_collections_are_let_through() -> None:
    """What the state is kept in."""
    state = OrderedDict(a=frozenset({1})), {2}
    with pytest.raises(NoCheckpoint, match="something else"):
        thaw(base64.b64encode(pickle.dumps(state, protocol=5)).decode())


def test_a_part_that_calls_another_back_is_thawed_with_it() -> None:
    """A bound method comes back bound to the thawed part; a default that is a plain collection comes along."""
    made, ids = engine()
    made.parts = defaultdict(set, {"alarm": {1}})  # type: ignore[attr-defined]  # what a part may keep
    made.back = made._moves.alarm  # type: ignore[attr-defined]  # what a part may keep
    thawed, _ = thaw(freeze(made, ids))
    assert thawed.back.__self__ is thawed._moves  # type: ignore[attr-defined]  # as above
    assert thawed.parts["new"] == set()  # type: ignore[attr-defined]  # as above


def test_members_that_an_older_python_pickled_are_thawed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.11.4, Debian 12's among them, Python asks an enum for its member by name."""
    monkeypatch.setitem(copyreg.dispatch_table, WrapUp, lambda member: (getattr, (WrapUp, member.name)))
    made, ids = engine()
    made.way = WrapUp.TIMED  # type: ignore[attr-defined]  # as a queue has it
    assert thaw(freeze(made, ids))[0].way is WrapUp.TIMED  # type: ignore[attr-defined]  # as above
    with pytest.raises(pickle.UnpicklingError):
        checkpoint._part(WrapUp, "mro")
    with pytest.raises(pickle.UnpicklingError):
        checkpoint._part(HTTPStatus, "OK")


@pytest.mark.parametrize("name", ["__init__", "floor", "nothing"])
def test_nothing_but_methods_is_reached_through_a_part(name: str) -> None:
    """From an object of ours a trace cannot walk to anything else."""
    with pytest.raises(pickle.UnpicklingError, match="no part"):
        checkpoint._part(engine()[0], name)
    with pytest.raises(pickle.UnpicklingError, match="no part"):
        checkpoint._part("text", "upper")


def test_the_version_is_that_of_the_sources() -> None:
    """Equal for equal sources; it covers the engine and all that it rests on, and nothing of the shell."""
    assert engine_version() == engine_version()
    assert {"acd.engine", "acd.moves", "acd.matching", "acd.model"} <= checkpoint._core()
    assert not {"acd.distributor", "acd.hold", "acd.testing"} & checkpoint._core()


def test_ids_are_remembered_until_the_decision_is_noted() -> None:
    """Live, each decision is recorded with the ids that it drew, and no others."""
    ids = Ids(iter(["a", "b", "c"]).__next__)
    assert (ids(), ids(), ids.drawn) == ("a", "b", ["a", "b"])
    ids.forget()
    ids.forget()
    assert (ids(), ids.drawn) == ("c", ["c"])
