"""Every option of queues.conf and agents.conf, and what becomes of it. The names are those of app_queue's and
app_agent_pool's documentation and of the samples of Asterisk 22, and a few that older ones had.

`Into` is written as a word of `queues.yaml`; a dot goes one mapping deeper. `Fixed` is no setting here: where the
value is one of `fits` Hotline does just so, and else somebody has to decide; None fits every value. The rest are read
elsewhere, several lines at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

YES = frozenset({"yes", "true", "y", "t", "1", "on"})
NO = frozenset({"no", "false", "n", "f", "0", "off", ""})


@dataclass(frozen=True)
class Into:
    """Written as `word`, with the value that `read` makes; ValueError says why it cannot be."""

    word: str
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Fixed:
    """No setting of a site."""

    why: str
    fits: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class Elsewhere:
    """Read together with others."""

    where: str


@dataclass(frozen=True)
class Sound:
    """A sound file that is a prompt here: `word` names it, and its words have to be written down."""

    word: str


Rule = Into | Fixed | Elsewhere | Sound

STRATEGIES: Mapping[str, str] = {
    "ringall": "ring_all",
    "leastrecent": "longest_idle",
    "fewestcalls": "fewest_calls",
    "rrmemory": "round_robin",
    "roundrobin": "round_robin",
    "rrordered": "round_robin",
    "linear": "fixed_order",
}


def strategy(value: str) -> str:
    """leastrecent knows the last call of one queue only; ours is of the agent's day."""
    if value.lower() not in STRATEGIES:
        raise ValueError(
            "nobody is chosen by chance here: longest_idle is written, which is as fair and can be explained"
        )
    return STRATEGIES[value.lower()]


def whole(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number within limits."""

    def read(value: str) -> int:
        number = int(value) if value.lstrip("-").isdecimal() else None
        if number is None or not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high} is possible here")
        return number

    return read


def none_if_zero(read: Callable[[str], int]) -> Callable[[str], int | None]:
    """0 means without a limit, as not writing the word does."""
    return lambda value: None if value.strip() == "0" else read(value)


def position(value: str) -> bool:
    if value.lower() in ("limit", "more"):
        raise ValueError("a position is told whatever it is; position: true is not written")
    return value.lower() in YES


def estimate(value: str) -> bool:
    if value.lower() == "once":
        raise ValueError("an estimate is told again when it is shorter than before; estimate: true is not written")
    return value.lower() in YES


def unstaffed_at_entry(value: str) -> str:
    """joinempty: `no`, `strict`, `loose` and lists keep callers out when nobody is there."""
    return "wait" if value.lower() in YES else _unstaffed(value)


def unstaffed_later(value: str) -> str | None:
    """leavewhenempty; `no`, its default, says nothing."""
    if value.lower() in NO:
        return None
    return "leave" if value.lower() in YES else _unstaffed(value)


def _unstaffed(value: str) -> str:
    factors = {word.strip().lower() for word in value.split(",")}
    busy = sorted(factors & {"inuse", "ringing", "wrapup"})
    if busy:
        raise ValueError(
            f"agents who are busy ({', '.join(busy)}) are there: limit size_max or estimate_seconds_max instead"
        )
    return "leave"


SECONDS = whole(0, 3600)
_SPACED = whole(10, 86_400)
_DEFAULT_SOUNDS = (
    *("queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-quantity1", "queue-quantity2"),
    *("queue-holdtime", "queue-minute", "queue-minutes", "queue-seconds", "queue-thankyou", "queue-reporthold"),
)
_NO_VARIABLES = "the records tell it (hotline report, SQL); no channel variables are set"

QUEUE: Mapping[str, Rule] = {
    "strategy": Into("strategy", strategy),
    "timeout": Into("ring_seconds", whole(3, 120)),
    "wrapuptime": Into("wrap_up_seconds", SECONDS),
    "maxlen": Into("size_max", none_if_zero(whole(0, 10_000))),
    "weight": Into("priority", whole(-1000, 1000)),
    "joinempty": Into("unstaffed", unstaffed_at_entry),
    "leavewhenempty": Into("unstaffed", unstaffed_later),
    "announce-frequency": Into("announce.every_seconds", none_if_zero(_SPACED)),
    "announce-position": Into("announce.position", position),
    "announce-holdtime": Into("announce.estimate", estimate),
    "periodic-announce-frequency": Into("announce.every_seconds", none_if_zero(_SPACED)),
    "periodic-announce-startdelay": Into("announce.first_seconds", none_if_zero(whole(1, 86_400))),
    "periodic-announce": Sound("announce.comfort"),
    "announce": Sound("whisper"),
    "queue-callerannounce": Sound("greeting"),
    "monitor-format": Into("record", lambda value: "always"),
    "member": Elsewhere("agents.yaml"),
    "defaultrule": Elsewhere("steps"),
    "context": Elsewhere("keys"),
    "musicclass": Fixed("put its sounds, as wav, into music/NAME of the site: `music: NAME`", frozenset({"default"})),
    "musiconhold": Fixed("put its sounds, as wav, into music/NAME of the site: `music: NAME`", frozenset({"default"})),
    "servicelevel": Fixed("not a queue's: the reports give the service level"),
    "retry": Fixed("nobody is polled: the next offer is made in the moment in which it can be", None),
    "timeoutpriority": Fixed("a limit of the wait never cuts a ringing that can still succeed", frozenset({"conf"})),
    "timeoutrestart": Fixed("a busy phone or a reject ends the offer, and the next agent rings", NO),
    "autofill": Fixed("every caller who can be served is, at once", YES),
    "ringinuse": Fixed("an agent who is on the phone is not rung", NO),
    "autopause": Elsewhere("ringing"),
    "autopausedelay": Fixed("no-answers in a row count, however far apart", frozenset({"0"})),
    "autopausebusy": Fixed("a busy phone costs its agent a rest of seconds, and never the state", NO),
    "autopauseunavail": Fixed("an unreachable phone is not rung until it is back; the state stays", NO),
    "penaltymemberslimit": Fixed("preference does not depend on how many agents there are", frozenset({"0"})),
    "memberdelay": Fixed("the agent hears the caller at once", frozenset({"0"})),
    "reportholdtime": Fixed("the agent's display shows who calls; the wait is not spoken", NO),
    "min-announce-frequency": Fixed("announcements keep every_seconds apart, whatever happens", None),
    "announce-position-limit": Fixed("a position is told whatever it is"),
    "announce-position-only-up": Fixed("a position is only told when it has become better", YES),
    "announce-to-first-user": Fixed("an announcement never delays an offer, so everybody hears it", None),
    "announce-round-seconds": Fixed("a wait is told in whole minutes, rounded up", frozenset({"0"})),
    "random-periodic-announce": Fixed("comfort prompts are said in turn", NO),
    "relative-periodic-announce": Fixed("every_seconds counts from the end of an announcement", YES),
    "setinterfacevar": Fixed(_NO_VARIABLES, NO),
    "setqueueentryvar": Fixed(_NO_VARIABLES, NO),
    "setqueuevar": Fixed(_NO_VARIABLES, NO),
    "membergosub": Fixed("no dialplan of yours runs on the agent's phone; whisper says a prompt"),
    "membermacro": Fixed("no dialplan of yours runs on the agent's phone; whisper says a prompt"),
    "monitor-type": Fixed("both directions are recorded, as stereo", frozenset({"mixmonitor"})),
    "monitor-join": Fixed("both directions are recorded, as stereo", YES),
    "shared_lastcall": Fixed("wrap-up is the agent's, in all queues", YES),
    "eventwhencalled": Fixed("the journal tells every offer", None),
    "eventmemberstatus": Fixed("the journal tells every state of an agent", None),
    **{
        name: Fixed("the words of an announcement are prompts of the site, in each language", frozenset({name}))
        for name in _DEFAULT_SOUNDS
    },
}
"""A queue's own section."""

GENERAL: Mapping[str, Rule] = {
    "persistentmembers": Fixed("agents are in agents.yaml, and their states survive a restart", YES),
    "autofill": QUEUE["autofill"],
    "monitor-type": QUEUE["monitor-type"],
    "shared_lastcall": QUEUE["shared_lastcall"],
    "negative_penalty_invalid": Fixed("a level is 0 to 10; 0 means that the agent cannot do it", None),
    "log_membername_as_agent": Fixed("the records name agents by their extension, and agents.yaml names them", None),
    "log-caller-id-name": Fixed("a caller's name is free text from outside and is not kept", NO),
    "log-restricted-caller-id": Fixed("a number that the carrier withholds is not there to be kept", None),
    "force_longest_waiting_caller": Fixed(
        "an agent of several queues is offered the caller of the highest priority, then who waits longest", None
    ),
    "log_unpause_on_reason_change": Fixed("every change of state or reason is a record of its own", None),
}
"""`[general]` of queues.conf."""

_ONE_KEY = "a phone that is picked up is answered: no key has to be pressed"
AGENT: Mapping[str, Rule] = {
    "fullname": Elsewhere("agents.yaml"),
    "ackcall": Fixed(_ONE_KEY, NO),
    "acceptdtmf": Fixed(_ONE_KEY, None),
    "autologoff": Fixed("ringing: no_answer_limit of the site makes agents not ready", frozenset({"0"})),
    "wrapuptime": Fixed("wrap-up is the queue's: wrap_up_seconds", frozenset({"0"})),
    "musiconhold": Fixed("agents are rung on their phone, and hear no music between two calls", None),
    "recordagentcalls": Fixed("recording is the queue's: record", NO),
    "custom_beep": Fixed("the phone rings", None),
}
"""An agent's section of agents.conf."""
