"""Floors at random: few skills and short times, so that all that a site can say meets all else within one day."""

from dataclasses import replace

from hypothesis import strategies as st

from acd.callback import CALLBACK_KEY, CallbackMode, CallbackRules
from acd.model import AgentProfile, Floor, Overflow, QueueRules, Segment, Step, Strategy, WrapUp
from acd.requirement import Expr, parse

DESK_PHONES = ["2001", "2002"]
EXPRESSIONS = (*("",) * 8, "zh", "en", "zh >= 2", "zh or en", "zh and en >= 2", "not en", "en == 1 or zh > 2")
"""Most of them ask for nothing: a day on which nobody can be served shows little."""

_skills = st.dictionaries(st.sampled_from(["zh", "en"]), st.integers(0, 3))
_able = st.fixed_dictionaries({"zh": st.integers(0, 3), "en": st.integers(1, 3)})
needs = st.sampled_from([True, True, True, False]).flatmap(lambda nothing: st.just({}) if nothing else _skills)
_exprs: st.SearchStrategy[Expr] = st.sampled_from(EXPRESSIONS).map(parse)
_steps = st.lists(
    st.builds(Step, st.sampled_from([0.0, 5.0, 20.0]), st.none() | _exprs, st.booleans()), max_size=2
).map(lambda steps: tuple(sorted(steps, key=lambda step: step.after_seconds)))
_overflows = st.builds(
    Overflow,
    to=st.just("queue-0"),
    after_seconds=st.sampled_from([None, 10.0]),
    size=st.sampled_from([None, 1]),
    estimate_seconds=st.sampled_from([None, 100.0]),
    moves=st.booleans(),
)
_callbacks = st.builds(
    CallbackRules,
    mode=st.sampled_from(CallbackMode),
    attempts=st.integers(1, 3),
    retry_seconds=st.sampled_from([0.0, 5.0, 30.0]),
    initial_delay_seconds=st.sampled_from([0.0, 0.0, 10.0]),
    ring_seconds=st.just(10.0),
    whisper_seconds_max=st.just(5.0),
)
_queues = st.builds(
    QueueRules,
    queue_id=st.just(""),
    skills=needs,
    ring_seconds=st.sampled_from([5.0, 20.0]),
    wrap_up=st.sampled_from(list(WrapUp)),
    wrap_up_seconds=st.sampled_from([0.0, 10.0]),
    wrap_up_seconds_max=st.sampled_from([10.0, 25.0]),
    wait_seconds_max=st.sampled_from([None, 30.0]),
    last_agent_hold_seconds=st.sampled_from([0.0, 20.0]),
    priority=st.integers(0, 1),
    requires=_exprs,
    steps=_steps,
    prefer=st.lists(_exprs, max_size=2).map(tuple),
    least_flexible_first=st.booleans(),
    head_start_seconds=st.sampled_from([0.0, 0.0, 10.0]),
    named_agent_hold_seconds=st.sampled_from([0.0, 30.0]),
    strategy=st.sampled_from(Strategy),
    size_max=st.sampled_from([None, None, None, 2]),
    estimate_seconds_max=st.sampled_from([None, None, None, 200.0]),
    leave_unstaffed=st.sampled_from([False, False, False, False, True]),
    resume_seconds=st.sampled_from([0.0, 30.0]),
    keys=st.sampled_from([{}, {"9": "main.bye"}, {"9": CALLBACK_KEY}]),
    whisper=st.sampled_from(["", "whisper"]),
    overflow=st.one_of(st.none(), st.none(), _overflows),
    callback=st.one_of(st.none(), _callbacks, _callbacks),
)
_segments = st.builds(
    Segment,
    segment_id=st.just("vip"),
    priority=st.integers(0, 1),
    head_start_seconds=st.sampled_from([0.0, 30.0]),
    requires=_exprs,
    requires_seconds=st.sampled_from([0.0, 10.0]),
    numbers=st.sampled_from([frozenset(), frozenset({"1391"})]),
)


@st.composite
def floors(draw: st.DrawFn) -> Floor:
    queues = [draw(_queues) for _ in range(draw(st.integers(1, 3)))]
    reserve = st.sampled_from([False, False, False, True])
    agents = [AgentProfile(f"10{n:02}", "", draw(_able), reserve=draw(reserve)) for n in range(draw(st.integers(1, 4)))]
    return Floor(
        queues={f"queue-{n}": replace(rules, queue_id=f"queue-{n}") for n, rules in enumerate(queues)},
        agents={agent.agent_id: agent for agent in agents},
        segments={"vip": draw(_segments)},
        rna_limit=draw(st.integers(0, 3)),
        phones=frozenset(DESK_PHONES),
        dispositions=frozenset({"sold", "refund"}),
        external_resets_idle=draw(st.booleans()),
        wrap_up_counts_as_idle=draw(st.booleans()),
        ring_all_max=draw(st.integers(2, 4)),
    )
