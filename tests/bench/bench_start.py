"""How soon the command answers: `hotline --help`, and a warm `hotline up` to its ready line.

    python -m tests.bench.bench_start

Medians of whole processes. The first start of a state folder renders and migrates; it is not counted.
"""

import statistics
import subprocess
import sys
import tempfile
import time

HELP_RUNS = 15
START_RUNS = 5
HOTLINE = [sys.executable, "-P", "-m", "hotline"]


def help_milliseconds() -> float:
    began = time.perf_counter()
    subprocess.run([*HOTLINE, "--help"], stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


def start_seconds(state: str) -> float:
    """Until the ready line; the hotline is stopped again."""
    began = time.perf_counter()
    with subprocess.Popen([*HOTLINE, "up", "--state", state], stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        line = up.stdout.readline()
        took = time.perf_counter() - began
        up.terminate()
        up.wait(30)
    if not line.startswith("ready: "):
        raise SystemExit(f"hotline up did not become ready: {line!r}")
    return took


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as state:
        start_seconds(state)
        starts = [start_seconds(state) for _ in range(START_RUNS)]
    helps = [help_milliseconds() for _ in range(HELP_RUNS)]
    print(f"help {statistics.median(helps):.0f} ms <=150")
    print(f"warm_start {statistics.median(starts):.2f} s <=5")
    return int(statistics.median(helps) > 150 or statistics.median(starts) > 5)


if __name__ == "__main__":
    sys.exit(main())
