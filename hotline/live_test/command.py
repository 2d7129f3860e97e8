"""`hotline test --live` from its words to its exit code."""

import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dialplan.faults import render_all
from dialplan.scenario import Scenario
from hotline.commands.test import site_and_files
from hotline.demo.house import HouseError
from hotline.faults import HotlineError
from hotline.live_test.ear import Sounds
from hotline.live_test.places import own_house, ready_of, running_house, why_not_live
from hotline.live_test.run import LiveVerdict, run_all
from hotline.rehearsing import Stage, stage_of
from hotline.scenario_files import files_of, read_file
from hotline.settings import default_site
from hotline.state import State
from hotline.voices import site_voice


def test_live(places: list[Path], against: Path | None) -> int:
    """Call, print what failed and what could not be called, and return the exit code.

    The folder with recordings and logs is removed after success and named after a failure. Raises HotlineError.
    """
    state = State.at(against) if against else None
    site, files = site_and_files(places, Path(ready_of(state)["site"]["folder"]) if state else default_site())
    stage = stage_of(state.site if state else site)
    reads = [read_file(stage, path) for path in files_of(site, files)]
    for read in reads:
        if read.faults:
            print(render_all(read.faults, {read.document.file: read.document.lines}))
    wanted: list[Scenario] = []
    left_out: list[Scenario] = []
    for scenario in (scenario for read in reads for scenario in read.scenarios):
        why = why_not_live(scenario, stage, running=state is not None)
        (left_out if why else wanted).append(scenario)
        if why:
            print(f"{_place_of(scenario)}: not live: {scenario.name}: {why}")
    verdicts = _call(wanted, stage, site, state) if wanted else []
    unreadable = sum(bool(read.faults) for read in reads)
    _tell_in_a_line(verdicts, len(left_out), f", {unreadable} of {len(reads)} files with faults" if unreadable else "")
    return 0 if verdicts and not unreadable and not any(verdict.faults for verdict in verdicts) else 1


def _call(scenarios: Sequence[Scenario], stage: Stage, site: Path, state: State | None) -> list[LiveVerdict]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-test-"))
    _say(f"{len(scenarios)} calls to " + ("the hotline that is up" if state else "a hotline of their own"))
    sounds = Sounds(stage.site, site_voice(stage.site, (state.site if state else site) / "prompts"))
    house = running_house(state) if state else own_house(site, folder)
    try:
        verdicts = asyncio.run(run_all(scenarios, stage, sounds, house, folder / "calls", _tell_of))
    except HouseError as broken:
        raise HotlineError(f"{broken}\nwhat was left behind is in {folder}") from broken
    failed = [verdict for verdict in verdicts if verdict.faults]
    for verdict in failed:
        print("\n".join(failure(verdict)))
    if failed:
        _say(f"recordings and logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return verdicts


def failure(verdict: LiveVerdict) -> Iterator[str]:
    """A scenario that failed: where, what was expected, what was heard, and where one can listen to it."""
    document = verdict.scenario.document
    yield render_all(verdict.faults, {document.file: document.lines})
    yield f"  what the phone heard of {verdict.scenario.name}:"
    for heard in verdict.heard:
        yield f"    {heard.at_seconds:7.1f}  {heard.name} ({heard.seconds:.1f} s)"
    if not verdict.heard:
        yield "             no prompt to its end"
    yield f"  listen: {verdict.recording or 'nothing was received'}"


def _tell_of(verdict: LiveVerdict) -> None:
    _say(f"{'✗' if verdict.faults else '✓'} {verdict.scenario.name} ({verdict.seconds:.0f} s)")


def _tell_in_a_line(verdicts: Sequence[LiveVerdict], left_out: int, more: str) -> None:
    counts = Counter(bool(verdict.faults) for verdict in verdicts)
    _say(f"{counts[False]} passed, {counts[True]} failed, {left_out} not live{more}")


def _place_of(scenario: Scenario) -> str:
    line, column = scenario.document.place(scenario.path, of_key=True)
    return f"{scenario.document.file}:{line}:{column}"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
