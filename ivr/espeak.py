"""The espeak-ng program."""

import shutil
import subprocess

_SECONDS_MAX = 30.0


class SpeechUnavailable(RuntimeError):
    """There is no espeak-ng, or it failed: the operator's to mend; nothing was written."""


def version() -> str:
    """What espeak-ng says of itself, with its data's path; raises SpeechUnavailable."""
    return run("--version").strip()


def run(*arguments: str) -> str:
    """Run espeak-ng to its end; its output. Raises SpeechUnavailable: missing, refusing, or too slow."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeechUnavailable("espeak-ng is not installed: apt-get install espeak-ng")
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=_SECONDS_MAX, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        raise SpeechUnavailable(f"espeak-ng failed: {error}") from error
    return done.stdout
