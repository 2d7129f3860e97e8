"""Plays the calls of the numbered sentences on the virtual clock, and tells what happened in their words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dialplan.loader import Checked, check_site
from dialplan.scenario import Given
from hotline.rehearsing import results_of, stage_of
from hotline.settings import SHOP_SITE
from hotline.trying import perform
from ivr.actions import Finish
from ivr.checkpoint import Checkpoint
from ivr.rehearsal import Rehearsal
from ivr.transcript import (
    Asked,
    Away,
    Ended,
    Entered,
    Event,
    Faxed,
    Heard,
    LanguageChosen,
    Left,
    Pressed,
    Recorded,
    Silent,
    Spoke,
    VariableSet,
    Voted,
)
from ivr.walk import Walk
from tests.conformance.book import Scene

_SITE: Mapping[str, Any] = {
    "name": "Tea House",
    "languages": ["zh", "en"],
    "numbers": {"4001": "m"},
    "trunks": [{"name": "carrier", "addresses": ["192.0.2.10"], "host": "192.0.2.10"}],
    "outbound": {"trunk": "carrier", "caller_number": "4001", "allow": ["13xxxxxxxxx"]},
}
_QUEUES = {"orders": {"name": {"zh": "订单", "en": "Orders"}, "skills": {"orders": 1}, "callback": {}}}
_AGENTS = {"1001": {"name": "Wang", "skills": {"orders": 8, "mandarin": 10}}}
_WORDS = (
    *("hello", "ask", "short", "shorter", "silent", "silent_again", "wrong", "wrong_again", "news", "more", "code"),
    *("one", "two", "three", "bye", "sorry"),
)
_PROMPTS = {word: {"zh": f"{word}。", "en": f"{word}."} for word in _WORDS} | {
    "check": {"zh": "您输入的是{order:digits}。", "en": "You keyed {order:digits}."},
}
_CALLBACK_PROMPTS = {
    name: texts
    for name, texts in YAML(typ="safe").load((SHOP_SITE / "prompts.yaml").read_text("utf-8")).items()
    if name.startswith("callback.")
}
"""What the distributor says to whoever is to be called: the shop's own words."""
_BACKENDS: Mapping[str, Any] = {
    "stage": {"url": "http://127.0.0.1:8080/orders/{number}"},
    "points": {"sql": "select points from members where card = :card"},
    "members": {"sql": "select points from members where card = :account and pin = :pin"},
    "buy": {"sql": "insert into tea_orders (tea) values (:tea) returning number"},
}
"""What the nodes of a scene may ask that names no backends itself."""
_FAX = "faxes/prices.tif"
_NODES: Mapping[str, Any] = {
    **{name: {"type": "hangup", "prompt": name} for name in ("one", "two", "three", "bye")},
    "out": {"type": "hangup"},
    "person": {"type": "queue", "queue": "orders"},
}
"""Nodes that a scene has when it speaks of them."""
_PASS = re.compile(r"(\d+(?:\.\d+)?)s")


def written(scene: Scene, folder: Path) -> Path:
    """Write the site of a scene into the folder. JSON is YAML, and nothing in it is taken for something else."""
    menus = {"m": {"entry": next(iter(scene.nodes)), "nodes": scene.nodes, **scene.menu}, **scene.menus}
    files = {
        "site": {**_SITE, **scene.site},
        "queues": _QUEUES,
        "agents": _AGENTS,
        "prompts": _PROMPTS | _CALLBACK_PROMPTS,
        **{f"menus/{name}": _with_the_usual(name, menu, scene) for name, menu in menus.items()},
        **({"announcements": scene.announcements} if scene.announcements else {}),
        **({"backends": scene.backends or _BACKENDS} if '"backend"' in scene.model_dump_json() else {}),
    }
    for name, values in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    (folder / _FAX).parent.mkdir()
    (folder / _FAX).write_bytes(b"II*\0")
    return folder


def _with_the_usual(name: str, menu: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    """The menu, and of the usual nodes those that it speaks of, or others do as `menu.node`."""
    elsewhere = re.findall(rf'"{name}\.([a-z_]+)"', scene.model_dump_json())
    said = {*re.findall(r'"([a-z_]+)"', json.dumps(menu)), *elsewhere}
    usual = {node: words for node, words in _NODES.items() if node in said}
    return {**menu, "nodes": {**usual, **menu["nodes"]}}


def checked(scene: Scene, folder: Path) -> Checked:
    return check_site(written(scene, folder))


def play(scene: Scene, given: Mapping[str, Any], keys: str, folder: Path) -> Rehearsal:
    """The call of a caller who does so, up to where a key is asked for again."""
    stage = stage_of(written(scene, folder))
    start = Given.model_validate({**({} if "called" in given else {"entry": "m"}), **given})
    call = stage.begin(start, results_of(start))
    for act in keys.split():
        _act(call, act)
    call.listen()
    return call


def _act(call: Rehearsal, act: str) -> None:
    """As `hotline try --keys`, and `.`: hears what is being said to its end; `1.5s`: so much time passes."""
    passing = _PASS.fullmatch(act)
    if passing:
        call.pass_time(float(passing[1]))
    elif act == ".":
        call.run_out()
    elif act == "!q":
        call.hang_up()
    else:
        late = perform(call, act)
        assert not late, f"the call was over before {late}"


def handed_over(scene: Scene, folder: Path) -> dict[str, str]:
    """The channel variables with which a call leaves the menus in which nobody is asked anything."""
    walk = Walk(stage_of(written(scene, folder)).flow, Checkpoint(f"m.{next(iter(scene.nodes))}"), "zh")
    return next(dict(action.variables) for action in walk.actions() if isinstance(action, Finish))


def told(events: Iterable[Event], menu: str = "m") -> list[str]:
    """What happened, in a few words for each event; nodes of the menu by their name alone."""
    return list(_told([event for event in events if not isinstance(event, Recorded)], menu))


def _told(events: Iterable[Event], menu: str) -> Iterator[str]:
    result = None
    for event in events:
        if isinstance(event, Left):
            result = event.result
        elif isinstance(event, Entered):
            if result is not None:
                yield f"{result} to {event.address.removeprefix(f'{menu}.')}"
            result = None
        else:
            yield _TOLD[type(event)](event)


def heard(call: Rehearsal) -> tuple[str, ...]:
    return tuple(event.text for event in call.transcript if isinstance(event, Heard))


def left(call: Rehearsal) -> tuple[str, ...]:
    """The messages that are left: the kind, and how long it is."""
    lines = recorded(call, "MESSAGE")
    return tuple(f"{line['kind']} {line['pages'] or line['seconds']:g}" for line in lines)


def recorded(call: Rehearsal, verb: str) -> list[Mapping[str, Any]]:
    """The fields of the lines of this verb."""
    return [event.fields for event in call.transcript if isinstance(event, Recorded) and event.verb == verb]


_TOLD: Mapping[type, Callable[[Any], str]] = {
    Heard: lambda event: f"{'hear' if event.whole else 'hearing'} {event.prompt}",
    Pressed: lambda event: f"key {event.key}{'' if event.taken else ' lost'}",
    Silent: lambda event: f"silence {event.seconds:g}",
    LanguageChosen: lambda event: f"language {event.language}",
    VariableSet: lambda event: f"{event.name} = {event.value}",
    Voted: lambda event: f"vote {event.ballot} {event.choice}",
    Spoke: lambda event: f"spoke {event.kind} {event.seconds:g}",
    Faxed: lambda event: f"fax {event.name} {event.result}",
    Asked: lambda event: f"asked {event.backend} {event.outcome}{f' {event.seconds:g}' if event.seconds else ''}",
    Away: lambda event: f"{event.outcome} {event.name} {event.result}",
    Ended: lambda event: f"ends {event.outcome} {event.name}".rstrip(),
}
