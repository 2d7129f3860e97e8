"""The table of options: every one that Asterisk knows has its line."""

import pytest

from dialplan.importing.options import AGENT, GENERAL, QUEUE, Fixed, Into, strategy, unstaffed_at_entry, unstaffed_later

OF_A_QUEUE = """
    musicclass announce queue-callerannounce strategy servicelevel context penaltymemberslimit timeout retry
    timeoutpriority weight wrapuptime autofill autopause autopausedelay autopausebusy autopauseunavail maxlen
    setinterfacevar setqueueentryvar setqueuevar membergosub announce-frequency min-announce-frequency
    periodic-announce-frequency periodic-announce-startdelay random-periodic-announce relative-periodic-announce
    announce-holdtime announce-position announce-to-first-user announce-position-limit announce-round-seconds
    announce-position-only-up queue-youarenext queue-thereare queue-callswaiting queue-quantity1 queue-quantity2
    queue-holdtime queue-minute queue-minutes queue-seconds queue-thankyou queue-reporthold periodic-announce
    monitor-format monitor-type joinempty leavewhenempty reportholdtime ringinuse memberdelay timeoutrestart
    defaultrule member
"""
OF_ALL_QUEUES = """
    persistentmembers autofill monitor-type shared_lastcall negative_penalty_invalid log_membername_as_agent
    log-caller-id-name log-restricted-caller-id force_longest_waiting_caller log_unpause_on_reason_change
"""
OF_AN_AGENT = "ackcall acceptdtmf autologoff wrapuptime musiconhold recordagentcalls custom_beep fullname"


@pytest.mark.parametrize(
    ("options", "table"),
    [(OF_A_QUEUE, QUEUE), (OF_ALL_QUEUES, GENERAL), (OF_AN_AGENT, AGENT)],
    ids=["queue", "general", "agent"],
)
def test_every_option_of_asterisk_22_is_in_the_table(options: str, table: dict[str, object]) -> None:
    """The options of the samples of Asterisk 22.10: none would be called unknown."""
    assert not set(options.split()) - table.keys()


def test_every_line_of_the_table_tells_why_or_where() -> None:
    """A word of the site, or a reason: never nothing."""
    for table in (QUEUE, GENERAL, AGENT):
        for rule in table.values():
            assert rule.why if isinstance(rule, Fixed) else getattr(rule, "word", "") or getattr(rule, "where", "")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        *[("ringall", "ring_all"), ("leastrecent", "longest_idle"), ("fewestcalls", "fewest_calls")],
        *[("rrmemory", "round_robin"), ("rrordered", "round_robin"), ("linear", "fixed_order")],
    ],
)
def test_each_strategy_has_its_nearest(theirs: str, ours: str) -> None:
    """As app_queue names them; the two that throw dice have none."""
    assert strategy(theirs) == ours


@pytest.mark.parametrize("chance", ["random", "wrandom"])
def test_chance_is_no_strategy(chance: str) -> None:
    """Somebody has to decide."""
    with pytest.raises(ValueError, match="longest_idle is written"):
        strategy(chance)


@pytest.mark.parametrize(
    ("joinempty", "unstaffed"),
    [("yes", "wait"), ("no", "leave"), ("strict", "leave"), ("loose", "leave"), ("paused,invalid", "leave")],
)
def test_joining_an_empty_queue(joinempty: str, unstaffed: str) -> None:
    """Whatever keeps callers out when nobody is there is `leave`."""
    assert unstaffed_at_entry(joinempty) == unstaffed


def test_busy_agents_are_there() -> None:
    """Lists that count busy agents as absent limit a queue's size, which other words do better."""
    with pytest.raises(ValueError, match=r"inuse, ringing"):
        unstaffed_later("inuse,ringing,unavailable")
    assert unstaffed_later("no") is None


@pytest.mark.parametrize("name", [name for name, rule in QUEUE.items() if isinstance(rule, Into)])
def test_nonsense_is_no_value(name: str) -> None:
    """A word that is no number or choice never becomes a number: it is refused, or means what `no` means."""
    rule = QUEUE[name]
    assert isinstance(rule, Into)
    try:
        made = rule.read("nonsense")
    except ValueError as refusal:
        assert str(refusal)
    else:
        assert made in (False, "leave", "always")
