"""The line keeps rank order, the free agents keep the orders of their queues, and both know their news."""

from dataclasses import replace

from acd.indexes import FreeAgents, Kinds, LoggedIn, WaitingLine, is_free
from acd.ladder import Ladders
from acd.model import Agent, AgentProfile, AgentState, CallerClass, Device, QueueRules, Step, Strategy
from acd.requirement import ANYBODY, parse
from tests.unit.acd.floors import free_agent, ladders_for, waiting

ENGLISH = {"english": 1}
PLAIN = QueueRules("plain", {})


def free_of(*agents: Agent, strategies: tuple[Strategy, ...] = ()) -> FreeAgents:
    free = FreeAgents({agent.profile.agent_id: agent for agent in agents}, strategies)
    for agent in agents:
        free.see(agent, 0.0)
    return free


def class_for(*agents: Agent, requires: str = "", queue: QueueRules = PLAIN) -> CallerClass:
    """The class of callers who ask this of these agents, who get their kinds by it."""
    by_id = {agent.profile.agent_id: agent for agent in agents}
    return ladders_for(by_id, queue).of(queue, parse(requires), None)[-1].caller_class


def language_ladders() -> tuple[Ladders, int, int]:
    """Of a floor with an agent for each of two languages; the kinds of the two."""
    agents = {"1001": free_agent("1001", {"chinese": 3}, 0.0), "1002": free_agent("1002", ENGLISH, 0.0)}
    return ladders_for(agents, PLAIN), agents["1001"].kind, agents["1002"].kind


def test_line_is_in_rank_order() -> None:
    """Over all classes: higher band first, then arrival, then id; the order of adding does not matter."""
    ladders, _, _ = language_ladders()
    callers = [
        waiting("c", 5.0, ladders, queue=PLAIN, requires="chinese"),
        waiting("b", 1.0, ladders, queue=PLAIN, requires="english"),
        waiting("a", 1.0, ladders, queue=PLAIN, requires="chinese"),
        waiting("d", 9.0, ladders, queue=PLAIN, requires="chinese", priority=1),
    ]
    line = WaitingLine()
    for visit in callers:
        line.add(visit)
    assert [visit.visit_id for visit in line] == ["d", "a", "b", "c"]
    assert len(line) == 4


def test_line_knows_whom_a_kind_can_serve() -> None:
    """By class; asked again it is the same, until a class comes or goes."""
    ladders, chinese, english = language_ladders()
    b, a = (waiting(name, 1.0, ladders, queue=PLAIN, requires="chinese") for name in ("b", "a"))
    c = waiting("c", 5.0, ladders, queue=PLAIN, requires="english")
    line = WaitingLine()
    line.add(b)
    assert (line.served_by(chinese), line.served_by(english), line.served_by(0)) == ([[b]], [], [])
    line.add(c)
    line.add(a)
    assert (line.served_by(chinese), line.served_by(english)) == ([[a, b]], [[c]])
    assert line.served_by(chinese | english) == [[a, b], [c]]
    line.remove(c)
    assert (line.served_by(chinese), line.served_by(english)) == ([[a, b]], [])


def test_more_is_asked_than_an_index_remembers() -> None:
    """Four thousand sets of kinds are asked for, and every answer is right."""
    ladders, chinese, _ = language_ladders()
    visit = waiting("a", 1.0, ladders, queue=PLAIN, requires="chinese")
    line = WaitingLine()
    line.add(visit)
    asked = range(4_000)
    assert [line.served_by(kinds) for kinds in asked] == [[[visit]] if kinds & chinese else [] for kinds in asked]
    agent = free_agent("1001", {}, 1.0)
    need, free = class_for(agent), free_of(agent)
    tiers = [replace(need, tiers=(kinds,)) for kinds in asked]
    assert [free.first(one) for one in tiers] == [agent if kinds & agent.kind else None for kinds in asked]


def test_line_forgets_who_leaves() -> None:
    """A caller taken out is in no index; taking out one who is not there changes nothing."""
    line = WaitingLine()
    known, other = waiting("a", 1.0, last_agent_id="1001"), waiting("b", 2.0)
    known.hold_deadline = 20.0
    line.add(known, "1001")
    line.add(other)
    assert (line.kept_for("1001"), list(line.keepers), line.hoping_for("1001")) == ([known], ["1001"], [known])
    line.remove(known)
    line.remove(known)
    assert (list(line), line.kept_for("1001"), list(line.keepers), line.hoping_for("1001")) == ([other], [], [], [])
    assert known not in line and other in line


def test_each_caller_who_is_kept_counts_by_their_own_class() -> None:
    """Two who ask for different things are kept for one agent, the one of the other language first: whoever comes after
    them has only the one ahead who asks for the same, and none of those who come later."""
    ladders, _, _ = language_ladders()
    line = WaitingLine()
    kept = [("chinese", 1.0), ("english", 2.0), ("english", 9.0)]
    for asks, arrived in kept:
        line.add(waiting(f"{asks}{arrived}", arrived, ladders, queue=PLAIN, requires=asks), "1001")
    line.add(waiting("public", 3.0, ladders, queue=PLAIN, requires="english"))
    newcomer = waiting("newcomer", 5.0, ladders, queue=PLAIN, requires="english")
    assert (line.ahead_in_class(newcomer), line.competing_ahead(newcomer)) == (2, 2)
    chinese = waiting("other", 5.0, ladders, queue=PLAIN, requires="chinese")
    assert (line.ahead_in_class(chinese), line.competing_ahead(chinese)) == (1, 1)
    anybody = waiting("anybody", 5.0, ladders, queue=PLAIN)
    assert (line.ahead_in_class(anybody), line.competing_ahead(anybody)) == (0, 3)


def test_kept_callers_are_out_of_the_public_order() -> None:
    """Who is kept for one agent is in the line, but nobody else is asked about them; two of them leave one by one."""
    ladders, chinese, _ = language_ladders()
    line = WaitingLine()
    callers = [waiting(name, 1.0, ladders, queue=PLAIN, last_agent_id="1001") for name in ("a", "b")]
    for visit in callers:
        visit.hold_deadline = 20.0
        line.add(visit, "1001")
    assert [visit.visit_id for visit in line] == ["a", "b"]
    assert line.served_by(chinese) == []
    line.remove(callers[0])
    assert (line.kept_for("1001"), line.hoping_for("1001")) == ([callers[1]], [callers[1]])


def test_hope_ends_with_the_hold() -> None:
    """Whose hold is over no longer cares what the agent does who served them last."""
    line = WaitingLine()
    line.add(waiting("a", 1.0, last_agent_id="1001"))
    assert line.hoping_for("1001") == []


def test_line_knows_its_news_until_it_was_looked_at() -> None:
    """A class that somebody joined, an agent whom somebody is kept for; one who left again is no news."""
    ladders, chinese, english = language_ladders()
    line = WaitingLine()
    one = waiting("a", 1.0, ladders, queue=PLAIN, requires="chinese")
    kept = waiting("b", 1.0, ladders, queue=PLAIN, last_agent_id="1001")
    line.add(one)
    line.add(kept, "1001")
    assert (line.news_served_by(chinese), line.news_served_by(english)) == ([[one]], [])
    assert line.private_news == {"1001"}
    line.remove(one)
    assert line.news_served_by(chinese) == []
    line.looked()
    assert (line.news, line.private_news) == (set(), set())


def test_callers_whom_nobody_can_serve() -> None:
    """Those with steps to go whom no agent of some kinds can serve, kept ones too."""
    ladders, chinese, english = language_ladders()
    steps = QueueRules("steps", {"chinese": 1}, steps=(Step(20.0, parse("english")),))
    line = WaitingLine()
    stuck = waiting("a", 1.0, ladders, queue=steps)
    kept = waiting("b", 1.0, ladders, queue=steps, last_agent_id="1001")
    at_the_end = waiting("c", 1.0, ladders, queue=PLAIN, requires="chinese")
    line.add(stuck)
    line.add(kept, "1001")
    line.add(at_the_end)
    assert line.without(english) == [stuck, kept]
    assert line.without(chinese) == []


def test_free_means_ready_idle_and_rested() -> None:
    """An agent can be rung when ready, with an idle phone, and not in a rest."""
    agent = free_agent("1001", {}, 0.0)
    assert is_free(agent, 0.0)
    agent.rest_deadline = 5.0
    assert (is_free(agent, 4.9), is_free(agent, 5.0)) == (False, True)
    agent.device = Device.BUSY
    assert not is_free(agent, 5.0)


def test_first_over_kinds() -> None:
    """The longest idle is found over all kinds of agents that can serve; of equals the lowest id."""
    agents = [
        free_agent("1004", {"chinese": 3}, 7.0),
        free_agent("1003", {"chinese": 5}, 7.0),
        free_agent("1002", {"english": 5}, 1.0),
        free_agent("1001", {"chinese": 3}, 9.0),
    ]
    need = class_for(*agents, requires="chinese >= 3")
    free = free_of(*agents)
    assert free.first(need) is agents[1]
    assert free.first(need, {"1004", "1003"}) is agents[3]
    assert free.first(need, {agent.profile.agent_id for agent in agents}) is None


def test_tiers_come_before_the_order() -> None:
    """Who is preferred is taken however short their idle time; the next tier when nobody of it may be taken."""
    agents = [free_agent("1001", {"orders": 3}, 1.0), free_agent("1002", {"orders": 9}, 8.0)]
    queue = QueueRules("orders", {"orders": 1}, prefer=(parse("orders >= 8"),))
    need = class_for(*agents, queue=queue)
    free = free_of(*agents)
    assert free.first(need) is agents[1]
    assert free.first(need, {"1002"}) is agents[0]
    assert free.first_tier(need) == [agents[1]]
    assert free.first_tier(need, {"1002"}) == [agents[0]]
    assert free.first_tier(need, {"1001", "1002"}) == []


def test_queues_of_one_floor_may_order_the_same_agents_differently() -> None:
    """The longest idle of one queue is not the first of the site's list, whom the other takes."""
    agents = [free_agent("1001", {}, 9.0), free_agent("1002", {}, 1.0)]
    agents[1].position = 1
    fixed = QueueRules("fixed", {}, strategy=Strategy.FIXED_ORDER)
    by_idle, by_list = class_for(*agents), class_for(*agents, queue=fixed)
    free = free_of(*agents, strategies=(Strategy.FIXED_ORDER,))
    assert (free.first(by_idle), free.first(by_list)) == (agents[1], agents[0])
    agents[0].state = AgentState.OFFERED
    free.see(agents[0], 1.0)
    assert (free.first(by_idle), free.first(by_list)) == (agents[1], agents[1])


def test_agents_of_equal_skills_are_of_one_kind() -> None:
    """A kind is a set of levels, in whatever order they are written; `able` has the bits of those that meet a need."""
    skills = {"1001": {"a": 1, "b": 2}, "1002": {"b": 2, "a": 1}, "1003": {"a": 3}}
    agents = {agent_id: free_agent(agent_id, levels, 0.0) for agent_id, levels in skills.items()}
    kinds = Kinds(agents)
    one, same, other = (agent.kind for agent in agents.values())
    assert one == same != other
    assert kinds.able(parse("a")) == one | other
    assert kinds.able(parse("b")) == one
    assert kinds.able(parse("c")) == 0
    assert list(kinds.each(one | other)) == [one, other]


def test_agents_in_reserve_are_a_kind_of_their_own() -> None:
    """The same skills, but able only where the reserve is open."""
    agents = {"1001": free_agent("1001", {"a": 1}, 0.0), "1002": free_agent("1002", {}, 0.0)}
    agents["1002"].profile = AgentProfile("1002", "", {"a": 1}, reserve=True)
    kinds = Kinds(agents)
    one, reserve = agents["1001"].kind, agents["1002"].kind
    assert (kinds.able(ANYBODY), kinds.able(ANYBODY, reserve=True)) == (one, one | reserve)
    assert (kinds.is_reserve(one), kinds.is_reserve(reserve)) == (False, True)


def test_moved_idle_time_moves_the_place() -> None:
    """An agent seen again has the place of the new idle time, once."""
    first, second = free_agent("1001", {}, 1.0), free_agent("1002", {}, 2.0)
    need = class_for(first, second)
    free = free_of(first, second)
    first.idle_since = 3.0
    free.see(first, 3.0)
    assert len(free) == 2
    assert free.first(need) is second


def test_agent_who_is_taken_is_not_free() -> None:
    """An agent who was offered leaves; the last of a kind leaves no trace that the kind can serve."""
    agent = free_agent("1001", {}, 1.0)
    need = class_for(agent)
    free = free_of(agent)
    assert (agent.profile.agent_id in free, free.kinds, free.news) == (True, agent.kind, {"1001"})
    agent.state = AgentState.OFFERED
    free.see(agent, 1.0)
    assert (len(free), list(free), free.kinds, free.news) == (0, [], 0, set())
    assert free.first(need) is None


def test_rest_ends_by_time_and_is_news() -> None:
    """A resting agent is free again at the end of the rest, not before; that is news until it was looked at."""
    agent = free_agent("1001", {}, 1.0)
    class_for(agent)
    agent.rest_deadline = 5.0
    free = free_of(agent)
    free.wake(4.0)
    assert (list(free), free.kinds_news) == ([], 0)
    free.wake(5.0)
    assert (list(free), free.kinds_news) == ([agent], agent.kind)
    free.looked()
    assert (free.news, free.kinds_news) == (set(), 0)


def test_logged_in_by_kind() -> None:
    """The kinds that have somebody logged in, ready or not; told is when the last one of a kind goes."""
    agents = [free_agent("1001", {}, 0.0), free_agent("1002", {}, 0.0), free_agent("1003", {"a": 1}, 0.0)]
    class_for(*agents)
    logged_in = LoggedIn()
    assert [logged_in.see(agent) for agent in agents] == [False, False, False]
    assert logged_in.kinds == agents[0].kind | agents[2].kind
    agents[0].state = AgentState.LOGGED_OFF
    agents[1].state = AgentState.NOT_READY
    assert [logged_in.see(agent) for agent in agents] == [False, False, False]
    agents[1].state = AgentState.LOGGED_OFF
    assert [logged_in.see(agent) for agent in agents] == [False, True, False]
    assert logged_in.kinds == agents[2].kind
