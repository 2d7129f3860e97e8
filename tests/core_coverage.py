"""`make coverage`: every branch of the distributor's core is taken by its own tests, or this fails and names it."""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from tests.unit.test_imports import core_modules

OWN_TESTS = ("tests/unit/acd", "tests/scenarios", "tests/properties")
VALIDATION = "tests/unit/acd/test_simulation_validation.py"
"""Takes no branch that the others do not, and hours under a tracer."""


def main() -> int:
    core = ",".join(f"acd/{module}.py" for module in sorted(core_modules("acd")))
    with TemporaryDirectory() as folder:
        environment = os.environ | {"COVERAGE_FILE": f"{folder}/coverage"}
        measured = (
            "--cov=acd",
            "--cov-branch",
            "--cov-report=",
            f"--ignore={VALIDATION}",
            "--timeout=3600",
            *sys.argv[1:],
        )
        tested = subprocess.run([sys.executable, "-m", "pytest", "-q", *measured, *OWN_TESTS], env=environment)
        asked = ("--fail-under=100", "--show-missing", "--skip-covered", f"--include={core}")
        reported = subprocess.run([sys.executable, "-m", "coverage", "report", *asked], env=environment)
    return tested.returncode or reported.returncode


if __name__ == "__main__":
    sys.exit(main())
