"""Replications in several processes are the same replications."""

import os

import pytest

from acd.engine import UnknownName
from acd.simulation.result import batches_for, result_of
from acd.simulation.run import Run
from acd.simulation.traffic import Traffic
from hotline import simulation_jobs
from hotline.simulation_jobs import SimulationKilled, Task, replicate
from tests.unit.acd.simulated import QUEUE, floor_of, patient_traffic


def test_processes_change_nothing() -> None:
    """Two processes give what one after the other gives, in the order of the tasks."""
    traffic = patient_traffic(0.5, 0.1, patience_seconds=120.0)
    tasks = [Task(floor_of(agents), traffic, seed) for agents in (10, 12) for seed in (1, 2)]
    alone = [Run(task.floor, task.traffic, task.seed, batches_for(traffic)).finish() for task in tasks]
    together = replicate(tasks, jobs=2)
    assert [result_of([tally]) for tally in together] == [result_of([tally]) for tally in alone]


def test_fault_of_a_run_is_raised() -> None:
    """A queue that the floor does not have is a bug of ours, and is not swallowed."""
    task = Task(floor_of(2), Traffic({"sales": QUEUE}, 3600.0), 1)
    with pytest.raises((UnknownName, KeyError)):
        replicate([task, task], jobs=2)


def test_killed_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner gets one sentence instead of waiting for ever."""
    monkeypatch.setattr(simulation_jobs, "Run", lambda *_: os._exit(9))
    with pytest.raises(SimulationKilled, match="was killed"):
        replicate([Task(floor_of(2), patient_traffic(0.5), 1)], jobs=1)
