"""What `hotline publish` costs for a site of a thousand nodes. Run: python -m tests.bench.bench_publish

Prints `name value unit target` lines: the median of whole processes, from command to exit code. One node of the site is
changed before each, and no word of its prompts. Measured in processor time of all processes together, so that what else
the machine does is not counted. The first publish, which speaks whatever prompt is in nobody's cache, is not measured.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_check import command_seconds
from tests.bench.big_site import write_big_site

NODES = 1_000
RUNS = 5
CHECK_SECONDS, PUBLISH_SECONDS = 2.0, 3.0
CHANGES = ("prompt: p0_0\n", "prompt: p0_1\n")


def publish(site: Path, state: Path) -> float:
    """Publish as an admin does; the processor seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-m", "hotline", "publish", str(site), "-m", "bench", "--yes", "--state"]
    subprocess.run([*command, str(state)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def change(site: Path, run: int) -> None:
    """Let the first node say what its neighbour says, and back again."""
    menu = site / "menus" / "m0.yaml"
    text = menu.read_text("utf-8")
    old, new = CHANGES if run % 2 == 0 else CHANGES[::-1]
    menu.write_text(text.replace(old, new, 1), "utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        site, state = Path(folder) / "site", Path(folder) / "state"
        nodes = write_big_site(site, NODES)
        publish(site, state)
        took = []
        for run in range(RUNS):
            change(site, run)
            took.append(publish(site, state))
        check = statistics.median(command_seconds(site) for _ in range(RUNS))
    print(f"check_{nodes}_nodes {check:.2f} s <={CHECK_SECONDS:g}")
    print(f"publish_{nodes}_nodes {statistics.median(took):.2f} s <={PUBLISH_SECONDS:g}")
    return int(check > CHECK_SECONDS or statistics.median(took) > PUBLISH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
