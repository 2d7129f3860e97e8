"""A whole engine as text, for the beginning of a trace's segment, and back.

It is a pickle, because nothing else keeps every reference as it was; what reads it makes objects of the core's own
classes and of plain collections, so that a trace from elsewhere can run nothing here. Only the very same engine can
take it up again: `engine_version` tells.
"""

import base64
import hashlib
import inspect
import io
import pickle
import sys
from enum import EnumType
from functools import cache
from types import ModuleType
from typing import Any, Final

import acd.engine
from acd.ids import Ids

ROOM: Final = "acd."
_PLAIN: Final = {
    "builtins": frozenset({"set", "list", "dict"}),
    "collections": frozenset({"OrderedDict", "Counter", "defaultdict", "deque"}),
}


class NoCheckpoint(ValueError):
    """The text is no engine, or one of another version."""


class CannotFreeze(TypeError):
    """The engine holds something that is no data: our own bug. Nothing was written."""


def freeze(engine: acd.engine.Engine, ids: Ids) -> str:
    """The engine with its state, and the `ids` that it was given. Raises CannotFreeze."""
    try:
        return base64.b64encode(pickle.dumps((engine, ids), protocol=5)).decode("ascii")
    except (pickle.PicklingError, TypeError, AttributeError) as foreign:
        raise CannotFreeze(str(foreign)) from foreign


def thaw(text: str) -> tuple[acd.engine.Engine, Ids]:
    """Raises NoCheckpoint."""
    try:
        engine, ids = _OurClassesOnly(io.BytesIO(base64.b64decode(text, validate=True))).load()
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, EOFError, IndexError) as damage:
        raise NoCheckpoint(f"no engine can be made of it: {damage}") from damage
    if not isinstance(engine, acd.engine.Engine) or not isinstance(ids, Ids):
        raise NoCheckpoint("it is something else than an engine")
    return engine, ids


class _OurClassesOnly(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        """Only classes: a pickle calls what it names, and a class of the core does nothing but hold its values."""
        if (module_name, global_name) == ("builtins", "getattr"):
            return _part  # a part of the engine that calls another one back holds its method
        if global_name in _PLAIN.get(module_name, ()):
            return super().find_class(module_name, global_name)
        found = vars(sys.modules[module_name]).get(global_name) if module_name in _core() else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no class of the engine's")
        return found


def _part(owner: object, name: str) -> Any:
    """A method of one of the engine's parts, or a member of an enum: before 3.11.4 Python names it so."""
    kind = type(owner)
    if isinstance(owner, EnumType) and owner.__module__ in _core() and name in owner.__members__:
        return owner[name]
    if kind.__module__ not in _core() or not inspect.isfunction(vars(kind).get(name)) or name.startswith("__"):
        raise pickle.UnpicklingError(f"{kind.__name__}.{name} is no part of the engine's")
    return getattr(owner, name)


@cache
def engine_version() -> str:
    """Twelve digits of a digest over the source of the engine and all that it rests on: equal for equal decisions."""
    sources = (inspect.getsource(sys.modules[name]) for name in sorted(_core()))
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()[:12]


@cache
def _core() -> frozenset[str]:
    """The names of the modules that the engine is made of."""
    found: set[str] = set()
    waiting = [acd.engine.__name__, Ids.__module__]
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting += _rests_on(sys.modules[name]) - found
    return frozenset(found)


def _rests_on(module: ModuleType) -> set[str]:
    homes = (inspect.getmodule(value) for value in vars(module).values() if callable(value) or inspect.ismodule(value))
    return {home.__name__ for home in homes if home is not None and home.__name__.startswith(ROOM)}
