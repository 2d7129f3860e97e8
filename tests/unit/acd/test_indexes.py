"""The line keeps rank order, the free agents keep idle order."""

from acd.indexes import FreeAgents, Kinds, WaitingLine, is_free, serves
from acd.model import Agent, AgentState, Device
from tests.unit.acd.floors import free_agent, waiting

ENGLISH = {"english": 1}


def always(agent: Agent) -> bool:
    return True


def free_of(*agents: Agent) -> FreeAgents:
    by_id = {agent.profile.agent_id: agent for agent in agents}
    free = FreeAgents(by_id, Kinds(by_id))
    for agent in agents:
        free.see(agent, 0.0)
    return free


def test_line_is_in_rank_order() -> None:
    """Over all classes: higher band first, then arrival, then id; the order of adding does not matter."""
    line = WaitingLine(
        Kinds({"1001": free_agent("1001", {"chinese": 3}, 0.0), "1002": free_agent("1002", ENGLISH, 0.0)})
    )
    callers = [waiting("c", 5.0), waiting("b", 1.0), waiting("a", 1.0), waiting("d", 9.0, priority=1)]
    callers[1].requirement = (("english", 1),)
    for visit in callers:
        line.add(visit)
    assert [visit.visit_id for visit in line] == ["d", "a", "b", "c"]
    assert [visit.visit_id for visit in line.in_order(line.kinds.of("1002"))] == ["b"]
    assert [visit.visit_id for visit in line.in_order(0)] == []


def test_line_forgets_who_leaves() -> None:
    """A caller taken out is in neither index; taking out one who is not there changes nothing."""
    line = WaitingLine(Kinds({}))
    known, other = waiting("a", 1.0, last_agent_id="1001"), waiting("b", 2.0)
    line.add(known)
    line.add(other)
    assert line.who_know("1001") == [known]
    line.remove(known)
    line.remove(known)
    assert (list(line), line.who_know("1001"), list(line.known_agents())) == ([other], [], [])


def test_serves_needs_every_level() -> None:
    """Each skill counts by its level; a skill that is not there is level 0, which meets a need of 0."""
    assert serves({"chinese": 3}, (("chinese", 3), ("english", 0)))
    assert not serves({"chinese": 2}, (("chinese", 3),))
    assert not serves({"chinese": 9}, (("chinese", 3), ("english", 1)))


def test_free_means_ready_idle_and_rested() -> None:
    """An agent can be rung when ready, with an idle phone, and not in a rest."""
    agent = free_agent("1001", {}, 0.0)
    assert is_free(agent, 0.0)
    agent.rest_deadline = 5.0
    assert (is_free(agent, 4.9), is_free(agent, 5.0)) == (False, True)
    agent.device = Device.BUSY
    assert not is_free(agent, 5.0)


def test_longest_idle_over_profiles() -> None:
    """The longest idle is found over all kinds of agents that can serve; of equals the lowest id."""
    agents = [
        free_agent("1004", {"chinese": 3}, 7.0),
        free_agent("1003", {"chinese": 5}, 7.0),
        free_agent("1002", {"english": 5}, 1.0),
        free_agent("1001", {"chinese": 3}, 9.0),
    ]
    free = free_of(*agents)
    need = (("chinese", 3),)
    assert free.longest_idle(need, always) is agents[1]
    assert free.longest_idle(need, lambda agent: agent not in agents[:2]) is agents[3]
    assert free.longest_idle(need, lambda agent: False) is None


def test_agents_of_equal_skills_are_of_one_kind() -> None:
    """A kind is a set of levels, in whatever order they are written; `able` has the bits of those that meet a need."""
    skills = {"1001": {"a": 1, "b": 2}, "1002": {"b": 2, "a": 1}, "1003": {"a": 3}}
    kinds = Kinds({agent_id: free_agent(agent_id, levels, 0.0) for agent_id, levels in skills.items()})
    assert kinds.of("1001") == kinds.of("1002") != kinds.of("1003")
    assert kinds.able((("a", 1),)) == kinds.of("1001") | kinds.of("1003")
    assert kinds.able((("b", 1),)) == kinds.of("1001")
    assert kinds.able((("c", 1),)) == 0


def test_moved_idle_time_moves_the_place() -> None:
    """An agent seen again has the place of the new idle time, once."""
    first, second = free_agent("1001", {}, 1.0), free_agent("1002", {}, 2.0)
    free = free_of(first, second)
    first.idle_since = 3.0
    free.see(first, 3.0)
    assert len(free) == 2
    assert free.longest_idle((), always) is second


def test_agent_who_is_taken_is_not_free() -> None:
    """An agent who was offered leaves; the last of a kind leaves no trace that the kind can serve."""
    agent = free_agent("1001", {}, 1.0)
    free = free_of(agent)
    agent.state = AgentState.OFFERED
    free.see(agent, 1.0)
    assert (len(free), list(free), free.kinds) == (0, [], 0)


def test_rest_ends_by_time() -> None:
    """A resting agent is free again at the end of the rest, not before."""
    agent = free_agent("1001", {}, 1.0)
    agent.rest_deadline = 5.0
    free = free_of(agent)
    free.wake(4.0)
    assert list(free) == []
    free.wake(5.0)
    assert list(free) == [agent]


def test_free_ones_among_some() -> None:
    """Whichever of the two is longer: the free ones of these agents, by id."""
    free = free_of(free_agent("1002", {}, 1.0), free_agent("1001", {}, 2.0), free_agent("1003", {}, 3.0))
    assert [agent.profile.agent_id for agent in free.among(["1002", "1001", "1009", "1008"])] == ["1001", "1002"]
    assert [agent.profile.agent_id for agent in free.among(["1003"])] == ["1003"]


def test_all_who_can_serve_are_told_in_idle_order() -> None:
    """Over all kinds: the longest idle first, of equals by id; who lacks the skill is left out."""
    agents = [
        free_agent("1003", {"english": 2}, 5.0),
        free_agent("1002", {"english": 1, "chinese": 3}, 1.0),
        free_agent("1001", {"english": 2}, 5.0),
        free_agent("1004", {"chinese": 3}, 0.0),
    ]
    found = free_of(*agents).in_order((("english", 1),))
    assert [agent.profile.agent_id for agent in found] == ["1002", "1001", "1003"]
