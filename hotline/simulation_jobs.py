"""Replications on all processors, with a bar on stderr that moves while callers come and go in another time."""

import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from acd.model import Floor
from acd.simulation.result import batches_for
from acd.simulation.run import Run
from acd.simulation.tally import Tally
from acd.simulation.traffic import Traffic
from hotline.faults import HotlineError

LOOK_SECONDS: Final = 0.1
STEP_SECONDS: Final = 900.0
"""Simulated time between two reports of a run."""

_passed: "Synchronized[float]"
"""Of a worker: simulated seconds of all runs together, shared with the parent."""


class SimulationKilled(HotlineError):
    """A worker ended before its run did."""


@dataclass(frozen=True)
class Task:
    """One replication."""

    floor: Floor
    traffic: Traffic
    seed: int

    @property
    def seconds(self) -> float:
        return self.traffic.warm_up_seconds + self.traffic.seconds


def replicate(tasks: Sequence[Task], jobs: int) -> list[Tally]:
    """Run every task in one of so many processes; return their counts in the order of the tasks.

    Raises SimulationKilled when a process was ended from outside.
    """
    # The workers are forked at the first submit, when this process has no other thread yet.
    context = multiprocessing.get_context("fork")
    passed = context.Value("d", 0.0)
    with ProcessPoolExecutor(min(jobs, len(tasks)), context, _begin, (passed,)) as pool:
        futures = [pool.submit(_replicate, task) for task in tasks]
        _show(futures, passed, sum(task.seconds for task in tasks))
        try:
            return [future.result() for future in futures]
        except BrokenProcessPool as broken:
            raise SimulationKilled("a process of the simulation was killed; was there enough memory?") from broken


def _show(futures: "Sequence[Future[Tally]]", passed: "Synchronized[float]", total_seconds: float) -> None:
    """Return when all are done, or one has failed. The bar shows on a terminal only, and leaves nothing behind."""
    console = Console(stderr=True)
    columns = (TextColumn("simulating"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("", total=total_seconds)
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, LOOK_SECONDS)
            bar.update(shown, completed=passed.value)
            if any(future.exception() is not None for future in done):
                return


def _begin(passed: "Synchronized[float]") -> None:
    global _passed
    _passed = passed
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a worker at once and without a traceback


def _replicate(task: Task) -> Tally:
    run = Run(task.floor, task.traffic, task.seed, batches_for(task.traffic))
    until = 0.0
    while until < run.end:
        step = min(STEP_SECONDS, run.end - until)
        until += step
        run.advance(until)
        with _passed.get_lock():
            _passed.value += step
    return run.finish()
