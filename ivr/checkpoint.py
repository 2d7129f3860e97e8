"""What outlives an IVR that is killed: kept on the caller's channel as IVR_NODE and IVR_VARS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

# A variable of a menu cannot begin with a dot, so ours cannot meet it in the query string.
_STEP = ".step"
_SCRIPT = ".script"


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

    def channel_variables(self) -> dict[str, str]:
        own = {_STEP: str(self.step)}
        if self.script_since is not None:
            own[_SCRIPT] = f"{self.script_since:.3f}"
        return {"IVR_NODE": self.address, "IVR_VARS": urlencode(own | self.variables)}


def restore(node: str, variables: str) -> Checkpoint:
    """The checkpoint that these values of IVR_NODE and IVR_VARS hold."""
    fields = dict(parse_qsl(variables, keep_blank_values=True))
    step = int(fields.pop(_STEP, "1"))
    since = fields.pop(_SCRIPT, None)
    return Checkpoint(node, step, fields, None if since is None else float(since))


def channel_assignments(variables: Mapping[str, str]) -> list[str]:
    """Arguments of Asterisk's MSet, which sets many variables in one command.

    MSet ends a value at a comma and takes backslash and quote for its own (asterisk main/pbx_variables.c,
    pbx_builtin_setvar_multiple), so a value with one is refused: our own ids never hold any.
    """
    for name, value in variables.items():
        if set(value) & set(',"\\'):
            raise ValueError(f"{name} cannot hold {value!r}: a comma, quote or backslash is not kept")
    return [f"{name}={value}" for name, value in variables.items()]
