"""How many agents work, counted by kind: what wait estimates ask, without a scan of agents."""

from collections import Counter

from acd.model import Agent, AgentState

_WORKING = frozenset({AgentState.READY, AgentState.OFFERED, AgentState.ON_CALL, AgentState.WRAP_UP})


class Working:
    """Nothing here watches an agent: `see` is owed after every change of an agent's state."""

    def __init__(self) -> None:
        self._counted: set[str] = set()
        self.by_kind: Counter[int] = Counter()
        """By kind's bit: agents who take callers, or will as soon as they have finished with one."""

    def see(self, agent: Agent) -> None:
        """Count the agent where the state says."""
        works, counted = agent.state in _WORKING, agent.profile.agent_id in self._counted
        if works and not counted:
            self._counted.add(agent.profile.agent_id)
            self.by_kind[agent.kind] += 1
        elif counted and not works:
            self._counted.remove(agent.profile.agent_id)
            self.by_kind[agent.kind] -= 1
