"""Where scenarios are called: a hotline brought up for them, to which anything can be given, or one that runs."""

import json
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dialplan.scenario import Given, Scenario
from hotline.demo.house import House
from hotline.faults import HotlineError
from hotline.given_calls import VARIABLE, GivenCall, GivenCalls
from hotline.live_test.records import IvrJournal
from hotline.phones.baresip import SENT_SECONDS
from hotline.phones.ports import LOOPBACK
from hotline.phones.sipp import Switch
from hotline.rehearsing import Stage, results_of
from hotline.scenario_running import run
from hotline.state import State
from ivr.hours import is_open

LONGEST_SECONDS = SENT_SECONDS - 60.0
"""Of a rehearsal: a phone's sound lasts longer, and real speech may be slower."""
_STOOD_IN_FOR = frozenset({"entry", "called", "caller", "language", "at", "variables"}) | frozenset(
    {"scripts", "queues", "callbacks", "ballots"}
)
_OF_ANY_CALL = frozenset({"called", "caller"})


@dataclass
class Place:
    """A hotline that can be called."""

    sip: Switch
    journal: IvrJournal
    calls: GivenCalls | None
    """None: it is somebody's own, and knows of no scenario."""
    _begun: dict[str, float] = field(default_factory=dict)

    def begin(self, stage: Stage, given: Given, caller_number: str, name: str) -> None:
        """Just before the caller dials."""
        self._begun[name] = time.time()
        if self.calls is not None:
            self.calls.give(caller_number, _given_call(stage, given, name, self._begun[name]))

    def call_id(self, caller_number: str, name: str) -> str | None:
        """None: no record knows this call yet."""
        if self.calls is None:
            return self.journal.call_of(caller_number, self._begun[name])
        told = self.calls.told(caller_number, name)
        return told.call_id if told else None

    def variables(self, caller_number: str, name: str) -> Mapping[str, str]:
        """Of a call that has left the menus, as far as they can be known."""
        told = self.calls.told(caller_number, name) if self.calls else None
        return told.variables if told else {}


@asynccontextmanager
async def own_house(site: Path, folder: Path) -> AsyncIterator[Place]:
    """Bring a hotline up with this site, on free ports of the loopback and with its state in the folder; its IVR obeys
    what scenarios give. Raises HouseError."""
    site = open_to_phones_here(site, folder / "site")
    calls = folder / "given"
    calls.mkdir(mode=0o700, parents=True)
    database = f"sqlite:///{folder / 'records.db'}"  # and not what the environment may name
    async with House(folder, site, database_url=database, environment={VARIABLE: str(calls)}) as house:
        yield Place(house.sip, IvrJournal(house.state.journal), GivenCalls(calls))


def open_to_phones_here(site: Path, copy: Path) -> Path:
    """Copy the site and return the copy, whose numbers the phones of a test can dial: where no carrier of its own is on
    this machine, there is one more."""
    shutil.copytree(site, copy)
    file, yaml = copy / "site.yaml", YAML()
    words = yaml.load(file)
    if not _takes_calls_from_here(words.get("trunks") or []):
        words["trunks"] = [*(words.get("trunks") or []), {"name": "phones_of_the_test", "addresses": [LOOPBACK]}]
        yaml.dump(words, file)
    return copy


def _takes_calls_from_here(trunks: Iterable[Mapping[str, Any]]) -> bool:
    return any(ip_address(LOOPBACK) in ip_network(one) for trunk in trunks for one in trunk["addresses"])


@asynccontextmanager
async def running_house(state: State) -> AsyncIterator[Place]:
    """A hotline that is up. Raises HotlineError: it is not."""
    ready = ready_of(state)
    yield Place(Switch(ready["sip"]["host"], ready["sip"]["port"]), IvrJournal(state.journal), None)


def ready_of(state: State) -> Mapping[str, Any]:
    """The content of ready.json. Raises HotlineError."""
    try:
        content: Mapping[str, Any] = json.loads(state.ready.read_text("utf-8"))
    except (OSError, ValueError):
        raise HotlineError(f"no hotline is up in {state.folder}: it has no ready.json") from None
    return content


# -- what cannot be a real call --------------------------------------------------------------------------------------


def why_not_live(scenario: Scenario, stage: Stage, *, running: bool, now: datetime | None = None) -> str:
    """Why no real call can be made of a scenario; empty: one can.

    Args:
        running: it would call a hotline that runs already, which knows of no scenario.
    """
    if not scenario.live:
        return "it says live: false"
    if not stage.site.numbers:
        return "the site has no number that could be dialled"
    given = {name for name in scenario.given.model_fields_set if getattr(scenario.given, name)}
    if strange := sorted(given - _STOOD_IN_FOR):
        return f"nothing stands in for given {', '.join(strange)} in a real call"
    seconds = _seconds(scenario, stage)
    if seconds > LONGEST_SECONDS:
        return f"it lasts {seconds:.0f} s, and a real call of a test {LONGEST_SECONDS:g} s at most"
    return _why_not_running(scenario, stage, given, now or datetime.now(UTC)) if running else ""


def _why_not_running(scenario: Scenario, stage: Stage, given: set[str], now: datetime) -> str:
    if strange := sorted(given - _OF_ANY_CALL):
        return f"a hotline that runs already cannot be given {', '.join(strange)}"
    if scenario.expect.variables:
        return "the variables of a call are in no record"
    if not _takes_calls_from_here(trunk.model_dump() for trunk in stage.site.trunks):
        return f"no carrier in site.yaml calls from {LOOPBACK}, as the phones of a test do"
    hours = stage.flow.hours
    return "the site is closed now" if hours is not None and not is_open(hours, now) else ""


def _seconds(scenario: Scenario, stage: Stage) -> float:
    """How long the caller stays: as long as a rehearsal, or as all the waits together where it ends before them."""
    transcript = run(scenario, stage).transcript
    return max(transcript[-1].at if transcript else 0.0, sum(step.wait or 0.0 for step in scenario.steps))


def _given_call(stage: Stage, given: Given, name: str, now: float) -> GivenCall:
    begin = stage.given(given)
    return GivenCall(
        name=name,
        began=now,
        at=begin.at,
        language=begin.language,
        caller=begin.caller,
        called=begin.called,
        entry=stage.flow.resolve(begin.entry) if given.entry else "",
        variables=given.variables,
        results=results_of(given).words,
    )
