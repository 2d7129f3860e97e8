"""How long the last callers of each queue took their agents, and how patient they were, kept by the ledger for the
estimates of the next process.

Of talks samples and not means: a mean starts from what the site says then, and learns from them as it did before.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from acd.estimate import MEMORY, Patience

Samples = Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]
"""By queue: seconds of the last talks and of the last wrap-ups, oldest first."""


def _last() -> deque[float]:
    return deque(maxlen=MEMORY)


@dataclass(slots=True)
class Handled:
    """Told of the same as `estimate.HandlingTimes` and `estimate.Patience`, in epoch seconds."""

    talks: dict[str, deque[float]] = field(default_factory=dict)
    wrap_ups: dict[str, deque[float]] = field(default_factory=dict)
    served: dict[str, tuple[str, float]] = field(default_factory=dict)
    """agent_id to the queue of the last talk and its end."""
    patience: Patience = field(default_factory=Patience)

    def talked(self, queue_id: str, agent_id: str, seconds: float, at: float) -> None:
        """A talk is over."""
        self.talks.setdefault(queue_id, _last()).append(seconds)
        self.served[agent_id] = queue_id, at

    def is_back(self, agent_id: str, at: float) -> None:
        """The agent's wrap-up is over, if there was one."""
        if (served := self.served.pop(agent_id, None)) is not None:
            queue_id, ended = served
            self.wrap_ups.setdefault(queue_id, _last()).append(max(0.0, at - ended))

    @property
    def samples(self) -> Samples:
        return {name: (tuple(talks), tuple(self.wrap_ups.get(name, ()))) for name, talks in self.talks.items()}

    def carry(self) -> dict[str, Any]:
        """What a CARRY line tells of this."""
        return {
            "talks": {queue_id: list(samples) for queue_id, samples in self.talks.items()},
            "wrap_ups": {queue_id: list(samples) for queue_id, samples in self.wrap_ups.items()},
            "served": self.served.copy(),
            "patience": {queue_id: list(seen) for queue_id, seen in self.patience.seen.items()},
        }

    def take_carry(self, line: Mapping[str, Any]) -> None:
        """A segment from before there were any has none."""
        for kept, name in ((self.talks, "talks"), (self.wrap_ups, "wrap_ups")):
            for queue_id, samples in line.get(name, {}).items():
                kept[queue_id] = deque(samples, MEMORY)
        self.served = {agent_id: (queue, ended) for agent_id, (queue, ended) in line.get("served", {}).items()}
        self.patience.recall(
            {queue: (abandons, waited) for queue, (abandons, waited) in line.get("patience", {}).items()}
        )
