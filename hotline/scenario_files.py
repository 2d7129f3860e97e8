"""Scenario files found, run, and told of: `hotline test`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialplan.check_scenarios import check_scenario
from dialplan.faults import Fault, render_all
from dialplan.scenario import FOLDER, SUFFIX, Scenario, read_scenarios
from dialplan.yaml_tree import Document
from hotline.coverage import Coverage, coverage_of
from hotline.faults import HotlineError
from hotline.rehearsing import Stage
from hotline.scenario_running import Verdict, run
from hotline.transcript_printing import TranscriptPrinter


@dataclass(frozen=True)
class FileRun:
    """One file, and what came of the scenarios in it."""

    document: Document
    faults: tuple[Fault, ...]
    """Of the file itself: a scenario with one is not run."""
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> int:
        return sum(not verdict.faults for verdict in self.verdicts)

    @property
    def good(self) -> bool:
        return not self.faults and self.passed == len(self.verdicts)


def files_of(site: Path, named: Sequence[Path] = ()) -> list[Path]:
    """The scenario files named, those below a folder that is named, or else all of the site.

    Raises HotlineError: there is none.
    """
    places = list(named) or [site / FOLDER]
    found = [path for place in places for path in (_below(place) if place.is_dir() or not named else [place])]
    if not found:
        raise HotlineError(f"no *{SUFFIX} in {', '.join(map(str, places))}; `hotline try --save-test FILE` writes one")
    return found


def _below(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"**/*{SUFFIX}"))


def run_files(stage: Stage, paths: Iterable[Path]) -> list[FileRun]:
    """Run every scenario of these files. Raises HotlineError: one of them cannot be read."""
    return [run_file(stage, path) for path in paths]


def run_file(stage: Stage, path: Path) -> FileRun:
    read = read_file(stage, path)
    return FileRun(read.document, read.faults, tuple(run(scenario, stage) for scenario in read.scenarios))


@dataclass(frozen=True)
class FileRead:
    """One file, before anything of it is run."""

    document: Document
    faults: tuple[Fault, ...]
    scenarios: tuple[Scenario, ...]
    """Those without a fault."""


def read_file(stage: Stage, path: Path) -> FileRead:
    """Read a file and hold it to the site. Raises HotlineError: it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as refusal:
        raise HotlineError(f"{path} cannot be read: {refusal.strerror}") from None
    scenarios, document = read_scenarios(str(path), content)
    faults = {scenario.path: tuple(check_scenario(scenario, stage.site)) for scenario in scenarios}
    told = (*document.faults, *(fault for found in faults.values() for fault in found))
    good = tuple(scenario for scenario in scenarios if not faults[scenario.path])
    return FileRead(document, tuple(sorted(told)), good)


def coverage(stage: Stage, runs: Iterable[FileRun]) -> Coverage:
    """What all of them have gone through together, those that failed as well."""
    return coverage_of(stage.graph, (verdict.transcript for done in runs for verdict in done.verdicts))


# -- telling ---------------------------------------------------------------------------------------------------------


def failures(done: FileRun) -> Iterator[str]:
    """What is wrong with a file, and each scenario that failed: where, what was expected, and the call up to there."""
    sources = {done.document.file: done.document.lines}
    if done.faults:
        yield render_all(done.faults, sources)
    for verdict in done.verdicts:
        if verdict.faults:
            yield "\n".join(
                [
                    render_all(verdict.faults, sources),
                    f"  the call of {verdict.scenario.name} up to there:",
                    *(f"  {line}" for line in TranscriptPrinter().lines(verdict.transcript)),
                ]
            )


def coverage_lines(found: Coverage) -> Iterator[str]:
    """How much was gone through, and what was not."""
    yield f"nodes {_share(found.nodes, len(found.nodes_missing), found.node_percent)}"
    yield from (f"  not entered: {address}" for address in found.nodes_missing)
    yield f"edges {_share(found.edges, len(found.edges_missing), found.edge_percent)}"
    yield from (f"  not taken: {edge}" for edge in found.edges_missing)


def _share(all_of_them: int, missing: int, percent: float) -> str:
    # Rounded down: 100 % is all of them.
    return f"{all_of_them - missing} of {all_of_them} ({int(percent)} %)"


def verdict(runs: Sequence[FileRun]) -> str:
    """All of it in a line."""
    passed = sum(done.passed for done in runs)
    failed = sum(len(done.verdicts) for done in runs) - passed
    unreadable = sum(bool(done.faults) for done in runs)
    told = f"{passed} passed, {failed} failed"
    return f"{told}, {unreadable} of {len(runs)} files with faults" if unreadable else told
