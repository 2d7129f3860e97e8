"""A call keeps the menus that it began with, whatever is published, and over the death of the IVR."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ivr.flow import Flow
from ivr.maintenance import NO_MAINTENANCE, Maintenance
from ivr.menus import Menus
from ivr.nodes import HangUp, Menu, Queue, Say, Script
from ivr.session import IvrSettings, handler_of
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice


def flow_with(one: str, **more: Any) -> Flow:
    """A menu whose key 1 leads to this node."""
    nodes = {
        "main.hi": Say(("hi",), "choose"),
        "main.choose": Menu(("choose",), {"1": one, "2": "away"}, "bye"),
        "main.away": Script("away", {"done": "bye"}, "bye"),
        "main.old": HangUp(("old_words",)),
        "main.new": HangUp(("new_words",)),
        "main.bye": HangUp(("bye",)),
        "main.person": Queue("orders"),
    }
    return Flow(nodes | {f"main.{name}": node for name, node in more.items()}, {"main": "main.hi"})


def menus(version: str, flow: Flow) -> Menus:
    return Menus(replace(flow, version=version), soundless_voice(flow))


OLD = menus("aaaaaaaaaaaa", flow_with("old"))
NEW = menus("bbbbbbbbbbbb", flow_with("new", rate=Menu(("rate",), {"5": "bye"}, "bye")))


@dataclass
class Desk:
    """A shelf, and the channel and records of one call over as many sessions as it has."""

    newest: Menus = OLD
    kept: dict[str, Menus] = field(default_factory=lambda: {menus.version: menus for menus in (OLD, NEW)})
    variables: dict[str, str] = field(default_factory=lambda: {"HOTLINE_ENTRY": "main", "HOTLINE_CALLED": "4001"})
    records: Records = field(default_factory=Records)
    maintenance: Maintenance = NO_MAINTENANCE

    async def of(self, version: str) -> Menus | None:
        return self.kept.get(version)

    async def session(self, *acts: str, **more: Any) -> ScriptedAgi:
        agi: Any = ScriptedAgi(acts, self.variables, **more)
        settings = IvrSettings(clock=lambda: 1000.0, maintenance=lambda: self.maintenance)
        await handler_of(self, self.records, settings)(agi)
        said: ScriptedAgi = agi
        return said


async def test_a_killed_ivr_goes_on_with_the_menus_of_the_call() -> None:
    """The version is on the channel before the caller hears anything; a new one is published while the IVR is dead."""
    desk = Desk()
    with pytest.raises(Killed):
        await desk.session(killed_at=4)
    assert (desk.variables["IVR_VERSION"], desk.variables["IVR_NODE"]) == (OLD.version, "main.choose")
    desk.newest = NEW
    agi = await desk.session("1")
    assert agi.heard == ["zh/choose", "zh/old_words"]
    assert desk.variables["IVR_VERSION"] == OLD.version


async def test_a_new_call_gets_the_newest() -> None:
    """And its first record says which."""
    desk = Desk(newest=NEW)
    agi = await desk.session("1")
    assert agi.heard == ["zh/hi", "zh/choose", "zh/new_words"]
    (start,) = desk.records.of("CALLSTART")
    assert (start["version"], desk.variables["IVR_VERSION"]) == (NEW.version, NEW.version)


async def test_whoever_comes_back_from_a_script_has_their_own_menus() -> None:
    """However many versions were published meanwhile."""
    desk = Desk()
    await desk.session("2")
    assert desk.variables["IVR_NEXT"] == "script"
    desk.newest = NEW
    desk.variables |= {"IVR_RESULT": "done", "IVR_NEXT": ""}
    agi = await desk.session()
    assert (agi.heard, desk.variables["IVR_VERSION"]) == (["zh/bye"], OLD.version)


async def test_a_version_that_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    """The caller is at the entry of the same menu in the newest, and keeps it; it is logged, and nobody is dropped."""
    desk = Desk(newest=NEW)
    desk.kept = {NEW.version: NEW}
    vars_ = "name=Li&.step=4&.script=900.000&.back=main.gone"
    desk.variables |= {"IVR_VERSION": OLD.version, "IVR_NODE": "main.gone", "IVR_VARS": vars_, "IVR_RESULT": "done"}
    agi = await desk.session("1")
    assert agi.heard == ["zh/hi", "zh/choose", "zh/new_words"]
    assert desk.variables["IVR_VERSION"] == NEW.version
    assert desk.records[0]["step_id"].endswith(":4")
    assert "name=Li" in desk.variables["IVR_VARS"]
    assert f"version lost action=begin linkedid={agi.uniqueid} version={OLD.version}" in caplog.text


async def test_a_lost_version_with_a_menu_that_is_no_more() -> None:
    """Then it is the entry of the number that was dialled."""
    desk = Desk(newest=NEW, kept={NEW.version: NEW})
    desk.variables |= {"IVR_VERSION": OLD.version, "IVR_NODE": "gone.choose", "IVR_VARS": ".step=2"}
    assert (await desk.session("1")).heard[0] == "zh/hi"


async def test_where_the_dialplan_leads_to_what_only_the_newest_has() -> None:
    """A survey that was added while the caller talked: it is walked, with the newest from there on."""
    desk = Desk(newest=NEW)
    desk.variables |= {"IVR_VERSION": OLD.version, "IVR_NODE": "main.rate", "IVR_VARS": ".step=9"}
    agi = await desk.session("5")
    assert (agi.heard, desk.variables["IVR_VERSION"]) == (["zh/rate", "zh/bye"], NEW.version)


async def test_maintenance_is_told_to_calls_that_begin() -> None:
    """In their language, in place of the menus, and the call ends; whoever is in a menu goes on."""
    told = Maintenance("Back at nine.", {"zh": ["/kept/zh"], "en": ["/kept/en", "/kept/more"]})
    desk = Desk(maintenance=told)
    agi = await desk.session()
    assert (agi.heard, desk.variables["IVR_NEXT"]) == (["/kept/zh"], "hangup")
    assert [record["verb"] for record in desk.records] == ["CALLSTART", "IVREND"]
    english = Desk(maintenance=told)
    assert (await english.session(language="en")).heard == ["/kept/en", "/kept/more"]
    going_on = Desk(maintenance=told)
    going_on.variables |= {"IVR_VERSION": OLD.version, "IVR_NODE": "main.choose", "IVR_VARS": ".step=2"}
    assert (await going_on.session("1")).heard == ["zh/choose", "zh/old_words"]


async def test_maintenance_for_a_caller_of_another_language() -> None:
    """The first that it was spoken in is better than silence."""
    desk = Desk(maintenance=Maintenance("Back at nine.", {"en": ["/kept/en"]}))
    assert (await desk.session()).heard == ["/kept/en"]
