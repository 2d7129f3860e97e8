"""Let real phones call for a while, with the ACD killed every two minutes, and compare the books.

    python -m tests.soak                       30 minutes
    python -m tests.soak --minutes 5 --seed 7  the same dice as the run that printed `seed 7`

Exit 1 names each call that went wrong; the folder with all logs is kept then.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hotline.demo.house import House
from tests.soak.soak import Result, Size, make_soak_site, soak

MINUTES, ACD_EVERY_SECONDS, CALLERS = 30.0, 120.0, 8


def main() -> int:
    """Run, print, and tell whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--acd-every", type=float, default=ACD_EVERY_SECONDS, metavar="SECONDS")
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    folder = Path(tempfile.mkdtemp(prefix="hotline-soak-"))
    print(f"seed {seed}, in {folder}", flush=True)
    result = asyncio.run(_run(folder, Size(asked.minutes * 60, asked.acd_every, asked.callers), seed))
    print("\n".join([result.summary(), *result.problems]))
    if result.problems:
        print(f"seed {seed}; the logs, the journal and the records are in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _run(folder: Path, size: Size, seed: int) -> Result:
    place = make_soak_site(folder / "site")
    async with House(folder, place.site) as house:
        return await soak(house, place, size, seed, _progress(size.seconds))


def _progress(seconds: float) -> Callable[[str], None]:
    """One line, written over itself on a terminal; elsewhere a new one a minute."""
    began = time.monotonic()
    every = 1.0 if sys.stderr.isatty() else 60.0
    told = began - every

    def tell(line: str) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= every:
            told = now
            passed = f"{(now - began) / 60:.1f} of {seconds / 60:g} min: {line}"
            print(
                f"\r\x1b[K{passed}" if sys.stderr.isatty() else passed,
                end="" if sys.stderr.isatty() else "\n",
                file=sys.stderr,
                flush=True,
            )

    return tell


if __name__ == "__main__":
    sys.exit(main())
