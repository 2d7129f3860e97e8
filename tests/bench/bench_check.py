"""What `hotline check` costs for a site of a thousand nodes. Run: python -m tests.bench.bench_check

Prints `name value unit target` lines: the median of whole processes, from command to exit code, and what of it is the
check itself. Measured in processor time, so that what else the machine does is not counted; the command waits for
nothing, so alone it takes as long. The site has no fault, so that every check looks at all of it.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dialplan.loader import check_site
from tests.bench.big_site import write_big_site

NODES = 1_000
RUNS = 5
TARGET_SECONDS = 2.0


def command_seconds(site: Path) -> float:
    """Run the command as an admin does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-P", "-m", "hotline", "check", str(site)], check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def check_seconds(site: Path) -> float:
    """Check once in this process."""
    began = time.process_time()
    checked = check_site(site)
    took = time.process_time() - began
    if checked.faults:
        raise SystemExit(f"the site is meant to have no fault:\n{checked.report()}")
    return took


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        site = Path(folder) / "site"
        nodes = write_big_site(site, NODES)
        alone = statistics.median(check_seconds(site) for _ in range(RUNS))
        command = statistics.median(command_seconds(site) for _ in range(RUNS))
    print(f"check_{nodes}_nodes_alone {alone:.2f} s -")
    print(f"check_{nodes}_nodes_command {command:.2f} s <={TARGET_SECONDS:g}")
    return int(command > TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
