"""The state folder: where each thing of one running hotline lives, and the lock that gives it to one `hotline up`."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.faults import HotlineError, StateBusy

SOCKET_PATH_MAX = 100
"""sockaddr_un holds 108 bytes (unix(7)); Asterisk appends a little to the longest name that we give it."""


def default_folder() -> Path:
    """$HOTLINE_STATE, else .state here."""
    return Path(os.environ.get("HOTLINE_STATE") or ".state")


def speech_cache() -> Path:
    """Rendered prompts are shared by all states of a person: they depend on nothing but text, language and voice."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hotline" / "speech"


@dataclass(frozen=True)
class State:
    """Names only: nothing is read or made before `make` is called."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "State":
        return cls(folder.absolute())

    @property
    def settings(self) -> Path:
        """Ports, secrets, site and database; mode 0600."""
        return self.folder / "settings.json"

    @property
    def ready(self) -> Path:
        """Exists only while everything is up; mode 0600."""
        return self.folder / "ready.json"

    @property
    def generations(self) -> Path:
        """The sites that ran, each with Asterisk's configuration for it (`hotline.generations`)."""
        return self.folder / "generations"

    @property
    def current(self) -> Path:
        """Points to the generation that runs."""
        return self.folder / "current"

    @property
    def published(self) -> Path:
        """Points to the generation that was published last, with which the next start begins."""
        return self.folder / "published"

    @property
    def maintenance(self) -> Path:
        """What callers are told instead of the menus; exists only while that is switched on."""
        return self.folder / "maintenance.json"

    @property
    def site(self) -> Path:
        """The site as it was when it was brought up, so that a child which comes back reads what Asterisk runs."""
        return self.current / "site"

    @property
    def database(self) -> Path:
        return self.folder / "hotline.db"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def checkpoints(self) -> Path:
        """Where each call in a menu is, for the next IVR."""
        return self.folder / "checkpoints"

    @property
    def trace(self) -> Path:
        """What the ACD was given and decided, for `hotline acd why` and `replay`; no records."""
        return self.folder / "trace"

    @property
    def asterisk(self) -> Path:
        """Asterisk's configuration, spool, database and logs."""
        return self.folder / "asterisk"

    @property
    def legs(self) -> Path:
        """The journal of legs: Asterisk's CDR lines."""
        return self.asterisk / "log" / "cdr-custom" / "legs.csv"

    @property
    def recordings(self) -> Path:
        """Recorded talks, YYYY/MM/DD below it."""
        return self.folder / "recordings"

    @property
    def messages(self) -> Path:
        """What callers have left, YYYY/MM/DD below it."""
        return self.folder / "messages"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def run(self) -> Path:
        """Unix sockets. Beside the state where the path is short enough, else a folder of ours in the temporary one."""
        beside = self.folder / "run"
        if len(os.fsencode(beside / "asterisk.ctl")) <= SOCKET_PATH_MAX:
            return beside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir(), f"hotline-{os.getuid()}-{digest}")

    @property
    def acd_socket(self) -> Path:
        return self.run / "acd.sock"

    def control(self, name: str) -> Path:
        """The socket on which this process is told that the site has changed."""
        return self.run / f"{name}-control.sock"

    def make(self) -> None:
        """Make the folders, readable by their owner only. Raises HotlineError where that is refused."""
        try:
            work = (
                self.journal,
                self.trace,
                self.generations,
                self.recordings,
                self.messages,
                self.asterisk,
                self.log,
                self.run,
            )
            for folder in (self.folder, *work):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as refusal:
            raise HotlineError(f"cannot make the state folder {self.folder}: {refusal.strerror}") from refusal
        # The temporary folder is everybody's: a folder of that name which another made would own our sockets.
        if self.run.stat().st_uid != os.getuid() or self.run.is_symlink():
            raise HotlineError(f"{self.run} belongs to somebody else; choose a shorter --state")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process; the kernel lets go when the process ends, however it ends.

        Raises StateBusy.
        """
        with (self.folder / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise StateBusy(
                    f"{self.folder} is in use by `hotline up` (process {holder}); use --state DIR"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def is_held(self) -> bool:
        """Whether a `hotline up` has this folder now."""
        try:
            with (self.folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, mode 0600: a reader sees the old text or the new, never a part."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)
