"""What outlives an IVR that is killed: kept on the caller's channel as IVR_NODE and IVR_VARS."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

# A variable of a menu cannot begin with a dot, so ours cannot meet it in the query string.
_STEP = ".step"
_SCRIPT = ".script"
_SINCE = ".since"
_BACK = ".back"
_CALLS = ".calls"
_TOLD = ".told"
_SECRET = ".secret"
_SEALED = ".sealed"
_TRIES = ".tries"
_WITHIN = ".within"

BACK_MAX = 8
"""So many nodes the key `back` leads back, at most."""
CALLS_MAX = 8
"""So many sub-flows may be under way, one in the other; of more, the oldest never comes back."""
ROOM_BYTES = 100
"""Left by what is taken from a backend, for what the steps after it keep of themselves."""
VARIABLES_BYTES_MAX = 1500
"""Of IVR_VARS. Asterisk reads a command of an AGI into 2048 bytes (res_agi.c, AGI_BUF_LEN), and others go with it."""


@dataclass(frozen=True)
class Frame:
    """A sub-flow under way: the node that called it, and what waits there for its end."""

    address: str
    variables: dict[str, str]
    answered: list[str]
    secret: list[str] = field(default_factory=list)


@dataclass
class Checkpoint:
    """Where a call is.

    IVR_VARS is written percent-encoded: no comma, space or quote in it can be taken for Asterisk's own.
    """

    address: str
    """The node under way, `menu.node`."""
    step: int = 1
    """Number of the step under way in this call, from 1. It survives a restart, so that a step journalled twice has
    the same id twice and the records writer can drop the second."""
    variables: dict[str, str] = field(default_factory=dict)
    script_since: float | None = None
    """Epoch seconds since which the call is away in the script of this node; None when it is not."""
    since: float | None = None
    """Epoch seconds since which the call is in the menus, where that is limited; a queue begins it anew."""
    answered: list[str] = field(default_factory=list)
    """Nodes at which the caller has chosen or keyed something, the last one last: where the key `back` leads."""

    calls: list[Frame] = field(default_factory=list)
    """Sub-flows under way, the innermost last."""

    told: list[str] = field(default_factory=list)
    """Announcements that the caller has heard."""

    tries: dict[str, int] = field(default_factory=dict)
    """Wrong PINs of this call, by the node that asked for them."""

    within: list[str] = field(default_factory=list)
    """How far the caller is in the node under way: the question of a survey, the file of a message, FAX_SENDING."""

    secret: list[str] = field(default_factory=list)
    """Variables that no log may show. With one of them all variables, and those of sub-flows, are sealed."""

    def keep(self, values: Mapping[str, str], secret: Iterable[str] = ()) -> None:
        """Give variables values; those among them that are not secret now are so no more."""
        self.variables = {**self.variables, **values}
        self.secret = sorted({*self.secret} - {*values} | {*secret})

    def take(self, values: Mapping[str, str]) -> bool:
        """Keep what a backend said; False where there is no room for it, and nothing is kept."""
        before, secret = self.variables, self.secret
        self.keep(values)
        if len(replace(self, answered=[])._written(_as_long_as_sealed)) + ROOM_BYTES <= VARIABLES_BYTES_MAX:
            return True
        self.variables, self.secret = before, secret
        return False

    def remember(self, address: str) -> None:
        """The caller goes on from this node by their own word, and may come back."""
        self.answered = [*self.answered, address][-BACK_MAX:]

    def call(self, inputs: dict[str, str], secret: Iterable[str] = ()) -> None:
        """Begin a sub-flow with these variables. A call that is made again was left for good, and what it called."""
        outside = [frame.address for frame in self.calls]
        kept = self.calls[: outside.index(self.address)] if self.address in outside else self.calls
        self.calls = [*kept, Frame(self.address, self.variables, self.answered, self.secret)][-CALLS_MAX:]
        self.variables, self.answered, self.secret = inputs, [], list(secret)

    def leave_call(self) -> str | None:
        """Be again where the sub-flow was called, with its variables: the address; None where none is under way."""
        if not self.calls:
            return None
        *self.calls, frame = self.calls
        self.variables, self.answered = dict(frame.variables), list(frame.answered)
        self.secret = list(frame.secret)
        return frame.address

    def leave_all_calls(self) -> None:
        """Whoever goes to a person or to the main menu comes back from no sub-flow."""
        while self.calls:
            self.leave_call()

    def forget_the_way_back(self) -> None:
        self.answered = []
        self.calls = [replace(frame, answered=[]) for frame in self.calls]

    def begin_anew(self) -> None:
        """Keep the variables and the number of the step; no way leads back to where the call has been."""
        self.script_since, self.answered, self.calls, self.within = None, [], [], []

    def channel_variables(self, seal: Callable[[str], str] = str) -> dict[str, str]:
        """IVR_NODE and IVR_VARS. Rather than that they are too long for Asterisk the way back is forgotten.

        Args:
            seal: closes a text so that nobody can read it but who restores the checkpoint.

        Raises:
            ValueError: the variables alone are too long, by the site's own words; what is on the channel stays.
        """
        text = self._written(seal)
        if len(text) > VARIABLES_BYTES_MAX:
            self.forget_the_way_back()
            text = self._written(seal)
        if len(text) > VARIABLES_BYTES_MAX:
            raise ValueError(f"the variables at {self.address} are {len(text)} bytes: {VARIABLES_BYTES_MAX} are kept")
        return {"IVR_NODE": self.address, "IVR_VARS": text}

    def _written(self, seal: Callable[[str], str]) -> str:
        carried = self._calls() | self.variables
        if self.secret or any(frame.secret for frame in self.calls):
            carried = {_SEALED: seal(urlencode({_SECRET: " ".join(self.secret)} | carried))}
        return urlencode(self._own() | carried)

    def _calls(self) -> dict[str, str]:
        if not self.calls:
            return {}
        frames = [astuple(frame) if frame.secret else astuple(frame)[:3] for frame in self.calls]
        return {_CALLS: json.dumps(frames, ensure_ascii=False, separators=(",", ":"))}

    def _own(self) -> dict[str, str]:
        own = {_STEP: str(self.step)}
        if self.script_since is not None:
            own[_SCRIPT] = f"{self.script_since:.3f}"
        if self.since is not None:
            own[_SINCE] = f"{self.since:.3f}"
        if self.answered:
            own[_BACK] = " ".join(self.answered)
        if self.told:
            own[_TOLD] = " ".join(self.told)
        if self.tries:
            own[_TRIES] = " ".join(f"{address}:{count}" for address, count in self.tries.items())
        if self.within:
            own[_WITHIN] = " ".join(self.within)
        return own


class Kept(NamedTuple):
    """A checkpoint kept elsewhere than on the channel."""

    node: str
    """IVR_NODE"""
    language: str
    """the caller's: its change may not have reached the channel"""
    version: str
    """IVR_VERSION"""
    variables: str
    """IVR_VARS"""


def _as_long_as_sealed(text: str) -> str:
    """Fernet adds 57 bytes and up to 16 of padding, and writes three bytes as four characters."""
    return "-" * (len(text.encode()) * 4 // 3 + 110)


def restore(node: str, variables: str, unseal: Callable[[str], str] = str) -> Checkpoint:
    """The checkpoint that these values of IVR_NODE and IVR_VARS hold; what `unseal` cannot open leaves no variables."""
    fields = dict(parse_qsl(variables, keep_blank_values=True))
    fields |= parse_qsl(unseal(fields.pop(_SEALED, "")), keep_blank_values=True)
    step = int(fields.pop(_STEP, "1"))
    script, since = (float(fields.pop(name)) if name in fields else None for name in (_SCRIPT, _SINCE))
    answered = fields.pop(_BACK, "").split()
    calls = [Frame(*frame) for frame in json.loads(fields.pop(_CALLS, "[]"))]
    told = fields.pop(_TOLD, "").split()
    tries = {name: int(count) for name, _, count in (one.partition(":") for one in fields.pop(_TRIES, "").split())}
    within, secret = fields.pop(_WITHIN, "").split(), fields.pop(_SECRET, "").split()
    return Checkpoint(node, step, fields, script, since, answered, calls, told, tries, within, secret)


def channel_assignments(variables: Mapping[str, str]) -> list[str]:
    """Arguments of Asterisk's MSet, which sets many variables in one command.

    MSet ends a value at a comma and takes backslash and quote for its own (asterisk main/pbx_variables.c,
    pbx_builtin_setvar_multiple), so a value with one is refused: our own ids never hold any.
    """
    for name, value in variables.items():
        if set(value) & set(',"\\'):
            raise ValueError(f"{name} cannot hold {value!r}: a comma, quote or backslash is not kept")
    return [f"{name}={value}" for name, value in variables.items()]
