"""The arrows between the rooms, and the measure of modules and functions, as ARCHITECTURE.md states them."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

MAY_IMPORT: dict[str, frozenset[str]] = {
    "acd": frozenset({"pbx"}),
    "ivr": frozenset({"pbx"}),
    "agi_scripts": frozenset({"shop", "pbx"}),
    "dialplan": frozenset(),
    "asterisk-conf": frozenset(),
    "pbx": frozenset(),
    "db": frozenset(),
    "shop": frozenset({"db"}),
    "hotline": frozenset({"acd", "ivr", "agi_scripts", "dialplan", "pbx", "db", "shop"}),
}
CORE: dict[str, frozenset[str]] = {
    "acd": frozenset(
        {"model", "events", "commands", "transitions", "moves", "indexes", "matching", "engine", "restart", "ledger"}
        | {"entry", "ladder", "orders", "requirement", "diagrams", "staff"}
        | {"invariants", "testing", "floor_change", "ids", "codec", "checkpoint", "trace", "replay", "explain"}
        | {f"simulation/{module}" for module in ("erlang", "estimate", "staff", "tally", "textbook", "traffic")}
    ),
    "ivr": frozenset({"flow", "hours", "collector", "actions", "checkpoint", "walk", "rehearsal", "transcript"})
    | {f"spoken/{module}" for module in ("__init__", "slots", "chinese/__init__", "english/__init__")},
}
SHARED = {"dialplan": ("acd.requirement", "ivr.spoken")}
"""Pure modules of other rooms: a site is checked by the very parsers and rules that it is read and spoken with."""
IMPURE = frozenset({"asyncio", "logging", "random", "secrets", "socket", "subprocess", "threading", "time"})
"""A core decides; clocks, chance, threads and the world belong to its shell."""
SWITCH_LIBRARIES = frozenset({"panoramisk", "asterisk"})
NAMES_THAT_SAY_NOTHING = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"})
MODULE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60


def modules(room: str) -> list[Path]:
    return sorted((CHECKOUT / room).rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Every module that this source imports, with dots, wherever in it the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield node.module or ""
            # `from room import module` imports room.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(source: str) -> set[str]:
    return {name.split(".")[0] for name in imported(source)} & MAY_IMPORT.keys()


def foreign(room: str, source: str) -> set[str]:
    """The rooms imported, but for the modules that this room shares with others."""
    shared = tuple(f"{module}." for module in SHARED.get(room, ()))
    names = {name for name in imported(source) if not f"{name}.".startswith(shared)}
    return {name.split(".")[0] for name in names} & MAY_IMPORT.keys()


def core_modules(room: str) -> set[str]:
    """The core of a room: the modules named above and whatever of their own room they import."""
    found: set[str] = set()
    waiting = set(CORE[room])
    while waiting:
        module = waiting.pop()
        found.add(module)
        own = {name.split(".", 1)[1] for name in imported(read(room, module)) if name.startswith(f"{room}.")}
        waiting |= {path for name in own for path in paths(room, name.replace(".", "/"))} - found
    return found


def paths(room: str, name: str) -> Iterator[str]:
    """The module of this name, be it a file or the door of a package; nothing for what a module holds."""
    yield from (path for path in (name, f"{name}/__init__") if (CHECKOUT / room / f"{path}.py").exists())


def read(room: str, module: str) -> str:
    return (CHECKOUT / room / f"{module}.py").read_text("utf-8")


def outside_imports(room: str, source: str) -> set[str]:
    """What a core imports beyond its own room and the pure part of the standard library."""
    roots = {name.split(".")[0] for name in imported(source)} - {room}
    return {root for root in roots if root not in sys.stdlib_module_names or root in IMPURE}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_along_the_arrows(room: str) -> None:
    """No module imports a room that the table of ARCHITECTURE.md does not grant to its own room."""
    wrong = {
        f"{path.relative_to(CHECKOUT)} imports {target}"
        for path in modules(room)
        for target in foreign(room, path.read_text("utf-8")) - MAY_IMPORT[room] - {room}
    }
    assert not wrong


@pytest.mark.parametrize("room", CORE)
def test_cores_are_pure(room: str) -> None:
    """A core and all of its room that it rests on import the pure standard library and their own room, nothing else."""
    wrong = {f"{room}/{module}.py": outside_imports(room, read(room, module)) for module in core_modules(room)}
    assert not {module: imports for module, imports in wrong.items() if imports}


def test_only_pbx_knows_the_switch_libraries() -> None:
    """panoramisk and pyst2 (whose package is named asterisk) are imported nowhere but in pbx/."""
    wrong = {
        str(path.relative_to(CHECKOUT))
        for room in MAY_IMPORT.keys() - {"pbx"}
        for path in modules(room)
        if SWITCH_LIBRARIES & {name.split(".")[0] for name in imported(path.read_text("utf-8"))}
    }
    assert not wrong


def test_nothing_is_named_like_a_switch_library() -> None:
    """No folder or module of ours is named asterisk or panoramisk: it would hide the library."""
    assert not [
        path for name in SWITCH_LIBRARIES for path in (CHECKOUT / name, CHECKOUT / f"{name}.py") if path.exists()
    ]


@pytest.mark.parametrize("room", [*MAY_IMPORT, "tests"])
def test_modules_and_functions_keep_their_measure(room: str) -> None:
    """No module is longer than 600 lines, no function longer than 60, and every module's name says something."""
    wrong = [f"{path.relative_to(CHECKOUT)}: {fault}" for path in modules(room) for fault in oversizes(path)]
    assert not wrong


def oversizes(path: Path) -> Iterator[str]:
    source = path.read_text("utf-8")
    if path.stem in NAMES_THAT_SAY_NOTHING:
        yield "a name that says nothing"
    if source.count("\n") > MODULE_LINES_MAX:
        yield f"{source.count(chr(10))} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{node.name}: {lines} lines"


def test_every_form_of_import_is_seen() -> None:
    """`import a.b`, `from a import b`, and an import within a function all count."""
    source = "import acd.engine\nfrom ivr import walk\ndef later():\n    from shop.orders import Order\n"
    assert rooms_imported(source) == {"acd", "ivr", "shop"}


def test_only_the_shared_modules_of_a_room_may_be_imported() -> None:
    """The parser of requirements and the rules of speech are free to the site's loader, the rest of their rooms not."""
    assert foreign("dialplan", "from acd.requirement import parse\n") == set()
    assert foreign("dialplan", "from acd.requirement import parse\nfrom acd import model\n") == {"acd"}
    assert foreign("dialplan", "from ivr.spoken.slots import read\n") == set()
    assert foreign("dialplan", "from ivr.voice import Voice\n") == {"ivr"}
    assert foreign("ivr", "from acd.requirement import parse\n") == {"acd"}


def test_impure_and_foreign_imports_of_a_core_are_seen() -> None:
    """A core that took the clock or a library would be caught; dataclasses and its own room would not."""
    source = "import time\nimport numpy\nimport dataclasses\nfrom acd.model import Agent\n"
    assert outside_imports("acd", source) == {"time", "numpy"}
