"""Validates one entry of a file, turns pydantic's errors into faults at the right place, and saves what remains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.full_width import hint_of
from dialplan.yaml_tree import Document, Path

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_MISSING: Mapping[str, tuple[str, str]] = {
    "next": ("no-exit", "a node to go on to"),
}
_KINDS: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a prompt id, or a list of them",
}


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One entry of a file as far as it could be understood."""

    value: T
    """fields with faults are left out: reading them raises AttributeError"""
    whole: bool


def validate(document: Document, path: Path, model: TypeAdapter[T] | type[T], value: Any) -> T | None:
    """Return the value as this type; None when it has faults, which are then in the document."""
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            document.faults.append(_fault(document, path, details, _fields_at(model, details["loc"][:-1])))
        return None


def validate_entry(document: Document, path: Path, model: type[M], value: Any) -> Entry[M] | None:
    """Return the value as this model, or what remains of it without its faults, so that the rest is still checked.

    None when it is not a mapping at all.
    """
    whole = validate(document, path, model, value)
    if whole is not None:
        return Entry(whole, whole=True)
    return Entry(_remains(model, value), whole=False) if isinstance(value, dict) else None


def fault_at(
    document: Document, path: Path, rule: str, found: str, expected: str = "", hint: str = "", *, of_key: bool = False
) -> Fault:
    """Return a fault at the value (or key) of the path."""
    return Fault(document.file, *document.place(path, of_key=of_key), rule, found, expected, hint)


def within(document: Document, path: Path, fault: Fault, offset: int) -> Fault:
    """Return the fault moved to that character, from 0, of the text at the path."""
    line, column = document.place_within(path, offset)
    return replace(fault, line=line, column=column)


def describe(value: Any) -> str:
    """Say in words what stands there."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict):
        return "a mapping of keys" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return f"{str(value).lower()}, a truth value"
    return quoted(value) if isinstance(value, str) else f"{value}, a number"


def _remains(model: type[M], value: dict[str, Any]) -> M:
    pruned = deepcopy(value)
    try:
        model.model_validate(value)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _prune(pruned, tuple(step for step in details["loc"] if step != "[key]"))
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        written = info.alias or name
        if written not in pruned:
            if not info.is_required():
                fields[written] = info.get_default(call_default_factory=True)
            continue
        field_type: Any = Annotated[info.annotation, Field(), *info.metadata]
        try:
            fields[written] = TypeAdapter(field_type).validate_python(pruned[written])
        except ValidationError:
            continue  # told already; what is too short after the pruning is gone as a whole
    return model.model_construct(None, **fields)


def _prune(value: Any, location: tuple[str | int, ...]) -> None:
    """Take out what an error is about. A list's item becomes None: the others keep their place."""
    for step in location[:-1]:
        if not isinstance(value, dict | list) or (isinstance(value, dict) and step not in value):
            return
        value = value[step]  # type: ignore[index]  # pydantic's location fits the value that it validated
    if isinstance(value, dict) and location:
        value.pop(location[-1], None)
    elif isinstance(value, list) and location:
        value[int(location[-1])] = None


def _fault(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    location = tuple(details["loc"])
    if location and location[-1] == "[key]":
        return _key_fault(document, (*path, *location[:-1]), details)
    explain = _EXPLAINED.get(details["type"], _other)
    return explain(document, (*path, *location), details, known)


def _key_fault(document: Document, path: Path, details: ErrorDetails) -> Fault:
    context = details.get("ctx", {})
    expected = str(context.get("expected", "text"))
    rule, key = str(context.get("rule", "wrong-type")), str(details["input"])
    hint = str(context.get("hint", "")) or hint_of(key)
    return fault_at(document, path, rule, f"found the key {quoted(key)}", expected, hint, of_key=True)


def _missing(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    key = str(path[-1])
    rule, expected = _MISSING.get(key, ("missing-key", f"the key {key}"))
    return fault_at(document, path, rule, f'found no "{key}"', expected)


def _unknown_key(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    key = str(path[-1])
    found, hint = f"found the key {quoted(key)}", did_you_mean(key, known)
    return fault_at(document, path, "unknown-key", found, one_of(known, 12), hint, of_key=True)


def _wrong_type(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    value, written = details["input"], document.text(path)
    expected = _KINDS[details["type"]]
    if value is None:
        return fault_at(document, path, "empty-value", "found nothing", expected)
    hint = ""
    if expected == "text" and isinstance(value, int | float):
        hint = f'quote it: "{written}"'
    if expected == "a list" and isinstance(value, str):
        hint = f"write [{quoted(value)}]"
    if details["type"].startswith("int") and isinstance(value, str) and value.isascii() and value.isdigit():
        hint = f"write it without quotes: {int(value)}"
    return fault_at(document, path, "wrong-type", f"found {describe(value)}", expected, hint)


def _too_short(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    return fault_at(document, path, "empty-value", f"found {describe(details['input'])}", "at least one entry")


def _ours(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    context = details.get("ctx", {})
    found = str(context["found"]) or f"found {describe(details['input'])}"
    hint = str(context["hint"]) or hint_of(str(details["input"]))
    fault = fault_at(document, path, str(context["rule"]), found, str(context["expected"]), hint)
    offset = context.get("offset")
    return fault if offset is None else within(document, path, fault, int(offset))


def _other(document: Document, path: Path, details: ErrorDetails, known: tuple[str, ...]) -> Fault:
    expected = str(details.get("ctx", {}).get("expected", details["msg"]))
    return fault_at(document, path, "wrong-value", f"found {describe(details['input'])}", expected)


_EXPLAINED: Mapping[str, Callable[[Document, Path, ErrorDetails, tuple[str, ...]], Fault]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "too_short": _too_short,
    "hotline": _ours,
    **dict.fromkeys(_KINDS, _wrong_type),
}


def _fields_at(model: Any, location: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the field names of the model at this place within another; none where there is no model."""
    for step in location:
        fields = _written_fields(model)
        model = _without_none(fields[step].annotation) if step in fields else None
    return tuple(map(str, _written_fields(model)))


def _written_fields(model: Any) -> dict[str | int, Any]:
    """Return the fields of a model as they are written: `as` is a word of Python's own, so its field is named `as_`."""
    return {info.alias or name: info for name, info in getattr(model, "model_fields", {}).items()}


def _without_none(annotation: Any) -> Any:
    """Return the model of `Model | None`; anything else as it is."""
    return next((choice for choice in get_args(annotation) if hasattr(choice, "model_fields")), annotation)
