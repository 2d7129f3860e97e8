"""Dataclasses to JSON and back, by their type hints alone: an event that is added needs no line here.

A dataclass becomes an object of its fields, with its class name under `is`; sets become sorted lists. What was written
before a field was added is read with that field's default, and a field that is no more is left out.
"""

import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Decode = Callable[[Any], Any]

CLASS = "is"
"""The key under which an object names its class."""


class Undecodable(ValueError):
    """The text does not say what the type asks for: another version wrote it, or it is damaged."""


class Unencodable(TypeError):
    """The value is neither data nor a dataclass of data: our own bug."""


def encode(value: object) -> str:
    """JSON in one line of ASCII. Raises Unencodable."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError) as foreign:
        raise Unencodable(str(foreign)) from foreign


def to_data(value: object) -> Any:
    """What a reader of the JSON finds: objects, lists and plain values."""
    return json.loads(encode(value))


def decode(hint: Any, told: Any) -> Any:
    """Make the value that the type hint asks for from parsed JSON.

    Raises Undecodable for what does not fit; TypeError for a hint that this codec cannot follow, which is our own bug.
    """
    try:
        return _decoder(hint)(told)
    except (AttributeError, KeyError, IndexError, ValueError) as misfit:
        raise Undecodable(f"{getattr(hint, '__name__', hint)} cannot be made of it: {misfit}") from misfit


def _plain(value: Any) -> object:
    """What JSON has no words for, one level deep; the encoder comes back for the parts."""
    kind: Any = type(value)
    return _teller(kind)(value)


_ENCODER = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":"), default=_plain)


@cache
def _teller(kind: type) -> Callable[[Any], object]:
    """What makes plain data of a value of this class, one level deep."""
    if is_dataclass(kind):
        return _object_teller(kind)
    if issubclass(kind, AbstractSet):
        return sorted
    if issubclass(kind, Mapping):
        return dict
    raise TypeError(f"{kind.__name__} is not data")


def _object_teller(kind: type) -> Callable[[Any], object]:
    names, read, paired = (CLASS, *_names(kind)), _reader(kind), _paired(kind)

    def tell(value: object) -> dict[str, Any]:
        return dict(zip(names, (kind.__name__, *read(value)), strict=True))

    def tell_with_pairs(value: object) -> dict[str, Any]:
        told = tell(value)
        for name in paired:
            told[name] = list(told[name].items())
        return told

    return tell_with_pairs if paired else tell


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init)


def _reader(kind: type) -> Callable[[object], tuple[Any, ...]]:
    """What reads the values of all its fields at once."""
    match _names(kind):
        case ():
            return lambda value: ()
        case (only,):
            return lambda value: (getattr(value, only),)
        case names:
            return attrgetter(*names)


def _paired(kind: type) -> tuple[str, ...]:
    """The fields that are mappings whose keys are no text: written as pairs, since JSON has no such objects."""
    hints = get_type_hints(kind)
    return tuple(name for name in _names(kind) if _has_pairs(hints[name]))


def _has_pairs(hint: Any) -> bool:
    origin = get_origin(hint)
    if not (isinstance(origin, type) and issubclass(origin, Mapping)):
        return False
    key = get_args(hint)[0]
    return not (isinstance(key, type) and issubclass(key, str))


@cache
def _decoder(hint: Any) -> Decode:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _AS_TOLD or origin is Literal:
        return _as_told
    if origin in (Union, UnionType):
        return _union(arguments)
    if _has_pairs(hint):
        return _pairs(*map(_decoder, arguments))
    if isinstance(origin, type):
        return _container(origin, arguments)
    if isinstance(hint, type):
        return _class(hint)
    raise TypeError(f"no way to read a {hint}")


_AS_TOLD = frozenset({Any, object, None, NoneType, str, int, bool, float})


def _as_told(told: Any) -> Any:
    return told


def _union(members: tuple[Any, ...]) -> Decode:
    """Of classes the object names which; of plain values one hint besides None must do."""
    classes = {member.__name__: _decoder(member) for member in members if _is_record(member)}
    others = [_decoder(member) for member in members if not _is_record(member) and member is not NoneType]
    other = next((one for one in others if one is not _as_told), _as_told if others else _refuse)

    def read(told: Any) -> Any:
        if told is None:
            return None
        if classes and isinstance(told, dict):
            return classes[told[CLASS]](told)
        return other(told)

    return read


def _refuse(told: Any) -> Any:
    raise Undecodable(f"{told!r} names no class")


def _is_record(hint: Any) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


def _container(origin: Any, arguments: tuple[Any, ...]) -> Decode:
    if issubclass(origin, Mapping):
        kind = dict if origin.__module__ == "collections.abc" else origin
        key, value = map(_decoder, arguments)
        return lambda told: kind({key(name): value(one) for name, one in told.items()})
    if origin is tuple and arguments[-1] is not Ellipsis:
        parts = [_decoder(argument) for argument in arguments]
        return lambda told: tuple(part(one) for part, one in zip(parts, told, strict=True))
    one_of = _decoder(arguments[0])
    made = tuple if origin.__module__ == "collections.abc" else origin
    return lambda told: made(one_of(one) for one in told)


def _pairs(key: Decode, value: Decode) -> Decode:
    return lambda told: {key(name): value(one) for name, one in told}


def _class(kind: type) -> Decode:
    if is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, tuple) and (hints := get_type_hints(kind)):  # a NamedTuple
        parts = [_decoder(hint) for hint in hints.values()]
        return lambda told: kind(*(part(one) for part, one in zip(parts, told, strict=True)))
    raise TypeError(f"no way to read a {kind}")


def _dataclass(kind: type) -> Decode:
    def read(told: Any) -> Any:
        if not isinstance(told, dict) or told.get(CLASS) != kind.__name__:
            raise Undecodable(f"{told!r} is no {kind.__name__}")
        parts, needed = _parts(kind)
        given = {name: part(told[name]) for name, part in parts if name in told}
        if missing := needed - given.keys():
            raise Undecodable(f"a {kind.__name__} without {', '.join(sorted(missing))}")
        return kind(**given)

    return read


@cache
def _parts(kind: Any) -> tuple[list[tuple[str, Decode]], set[str]]:
    """How each field is read, and which must be there. Asked when the first object comes: a class may hold itself."""
    hints = get_type_hints(kind)
    kept = [field for field in fields(kind) if field.init]
    needed = {field.name for field in kept if field.default is MISSING and field.default_factory is MISSING}
    return [(field.name, _decoder(hints[field.name])) for field in kept], needed
