"""A distributor without Asterisk: its engine, a journal in memory, and two agents whose phones are there."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, SwitchSeen
from acd.ledger import Ledger
from acd.model import AgentState, Device, Floor, QueueRules, Strategy
from tests.unit.acd.floors import floor_of

AGENTS = ("1001", "1002")
QUEUE = QueueRules("orders", {}, ring_seconds=20.0, wrap_up_seconds=10.0)
ALL = QueueRules("parcels", {}, ring_seconds=20.0, strategy=Strategy.RING_ALL)


class Memory:
    """A journal that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    @property
    def verbs(self) -> list[str]:
        return [line["verb"] for line in self.lines]

    def append_all(self, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.lines += [{"verb": verb, **fields} for verb, fields in records]

    def roll(self, carry: Callable[[], Mapping[str, Any]] | None) -> bool:
        return False


class Desk:
    """One distributor and what it wrote."""

    def __init__(self, floor: Floor | None = None) -> None:
        numbers = count(1)
        self.journal = Memory()
        self.engine = Engine(
            floor or floor_of({agent_id: {} for agent_id in AGENTS}, QUEUE, ALL), lambda: f"o{next(numbers)}"
        )
        self.distributor = Distributor(self.engine, self.journal, Ledger())

    def see_phones(self) -> None:
        """The switch is there, every phone is idle, nobody calls."""
        devices = dict.fromkeys(self.engine.phones, Device.IDLE)
        self.distributor.post(SwitchSeen({}, {}, frozenset(), devices))

    def ready(self, *agent_ids: str) -> None:
        for agent_id in agent_ids:
            self.distributor.post(AgentAsked(agent_id, AgentState.READY))

    def join(self, visit_id: str, queue_id: str = "orders", **told: Any) -> None:
        """A caller enters; the call's linkedid is `call-<visit_id>`."""
        self.distributor.post(CallerJoined(visit_id, f"call-{visit_id}", queue_id, "138", **told))
