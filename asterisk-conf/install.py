#!/usr/bin/env python3
"""Find an Asterisk >= 20 on this machine, or bring Debian's own into the caller's cache.

    python3 asterisk-conf/install.py          find it or bring it; prints the manifest's path or the host's command
    python3 asterisk-conf/install.py find     print what is there as JSON; exit 1 when there is none

Standard library only, because it runs before there is a virtual environment; no root, no chroot. apt resolves and
downloads with a private state folder and an empty package status, `dpkg-deb` unpacks into a temporary folder, and one
rename makes the tree visible, so a killed run leaves nothing half made. The tree's own loader starts its asterisk
(`ld.so --library-path TREE/usr/lib/<arch> TREE/usr/sbin/asterisk`), so the host's C library does not matter.

Exit codes: 0 well, 1 no Asterisk (stderr says which command mends it), 2 wrong usage.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

OLDEST_MAJOR = 20
PACKAGES = ("asterisk", "asterisk-modules", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
SUITES = ("forky", "sid")
KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
# Programs and data that asterisk's packages ask for and our configuration never reaches: not unpacked.
UNUSED_PACKAGES = re.compile(
    r"(perl|libperl|adduser|debconf|gnupg|gpg|dirmngr|pinentry|passwd|base-passwd|login\.defs|tzdata|pci\.ids"
    r"|libpam-modules|libc-gconv-modules-extra|libsnmp-base|libdb5|freetds-common)[^_]*_"
)
UNUSED_FOLDERS = ("doc", "man", "locale", "info", "lintian", "bash-completion", "misc")
BYTES_NEEDED = 600_000_000
"""The tree takes about 200 MB, its archives 110 MB while it is built; the rest is room for Debian to grow."""


class InstallError(Exception):
    """Nothing was left behind. `mend` is what the person at the terminal can do about it."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(f"{message}\n  mend: {mend}")


@dataclass(frozen=True)
class Manifest:
    """Where an Asterisk is. In a file the paths are relative to it; in hand they are absolute."""

    command: tuple[str, ...]
    version: str
    modules: str
    data: str
    moh: str


def main(arguments: Sequence[str]) -> int:
    if arguments not in ([], ["find"]):
        print(__doc__, file=sys.stderr)
        return 2
    found = find()
    if arguments:
        print(json.dumps(asdict(found)) if found else "null")
        return 0 if found else 1
    try:
        print((found or bring()).command[-1])
    except InstallError as failure:
        print(f"asterisk: {failure}", file=sys.stderr)
        return 1
    return 0


def find() -> Manifest | None:
    """The Asterisk to use: the host's own if it is complete, else the one in the cache; None when there is neither."""
    return host_asterisk() or cached_asterisk(tree_folder())


# What is there -------------------------------------------------------------------------------------------------------


def host_asterisk(root: Path = Path("/")) -> Manifest | None:
    """The host's Asterisk, if it is new enough and has PJSIP, its documentation (modules refuse to load without) and
    music."""
    command = shutil.which("asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    version = running_version((command,)) if command else None
    if command is None or version is None:
        return None
    modules = first_parent(
        root,
        ("usr/lib/*/asterisk/modules", "usr/lib*/asterisk/modules", "usr/local/lib/asterisk/modules"),
        "chan_pjsip.so",
    )
    data = first_parent(root, ("usr/share/asterisk", "var/lib/asterisk", "usr/local/share/asterisk"), "documentation/*")
    moh = first_parent(root, ("usr/share/asterisk/moh", "var/lib/asterisk/moh"), "*.*")
    if modules is None or data is None or moh is None:
        return None
    return Manifest((command,), version, str(modules), str(data), str(moh))


def first_parent(root: Path, folders: Sequence[str], content: str) -> Path | None:
    """The first of these folders (globs under root) that holds something matching `content`."""
    return next((there for folder in folders for there in sorted(root.glob(folder)) if any(there.glob(content))), None)


def cached_asterisk(tree: Path) -> Manifest | None:
    """The tree's manifest with absolute paths, after its asterisk has told its version; None if it does not run."""
    try:
        written = json.loads((tree / "manifest.json").read_text("utf-8"))
        manifest = absolute(Manifest(**{**written, "command": tuple(written["command"])}), tree)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    version = running_version(manifest.command)
    return replace(manifest, version=version) if version else None


def absolute(manifest: Manifest, tree: Path) -> Manifest:
    """Options stay as they are; every path of the command is the tree's."""
    command = tuple(word if word.startswith("--") else str(tree / word) for word in manifest.command)
    return replace(
        manifest,
        command=command,
        modules=str(tree / manifest.modules),
        data=str(tree / manifest.data),
        moh=str(tree / manifest.moh),
    )


def running_version(command: Sequence[str]) -> str | None:
    """What `asterisk -V` says, such as "22.10.1"; None when it does not run or is older than we can use."""
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"Asterisk (?:certified[/-])?((\d+)[\w.-]*)", said)
    return found[1] if found and int(found[2]) >= OLDEST_MAJOR else None


def tree_folder() -> Path:
    """Where this recipe's tree belongs: another recipe or another architecture gets another folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = repr((PACKAGES, SUITES, UNUSED_PACKAGES.pattern, UNUSED_FOLDERS, platform.machine()))
    return cache / "hotline" / f"asterisk-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


# Bringing it ---------------------------------------------------------------------------------------------------------


def bring() -> Manifest:
    """Build the tree in the cache and return its manifest. Two runs at once: the second waits and finds it made."""
    tree = tree_folder()
    try:
        tree.parent.mkdir(parents=True, exist_ok=True)
        with locked(tree.parent / "asterisk.lock"):
            return cached_asterisk(tree) or build(tree)
    except OSError as refusal:
        full = refusal.errno in (errno.ENOSPC, errno.EDQUOT)
        mend = f"free {BYTES_NEEDED >> 20} MB there" if full else f"make {tree.parent} writable, or set XDG_CACHE_HOME"
        raise InstallError(f"cannot write {tree.parent}: {refusal.strerror}", mend) from refusal


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(tree: Path) -> Manifest:
    need_tools_and_room(tree.parent)
    with tempfile.TemporaryDirectory(prefix="building-", dir=tree.parent) as scratch:
        archives = download(Path(scratch))
        root = Path(scratch, "tree")
        say(f"unpacking {len(archives)} packages")
        unpack(archives, root)
        manifest = describe(root)
        (root / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        shutil.rmtree(tree, ignore_errors=True)  # whatever is there did not run
        root.rename(tree)
    say(f"Asterisk {manifest.version} is in {tree}")
    return absolute(manifest, tree)


def need_tools_and_room(folder: Path) -> None:
    missing = [tool for tool in ("apt-get", "dpkg-deb", "tar") if shutil.which(tool) is None]
    if missing:
        raise InstallError(
            f"there is no Asterisk >= {OLDEST_MAJOR} here, and without {missing[0]} none can be fetched",
            f"install Asterisk >= {OLDEST_MAJOR} with this system's own packages",
        )
    free = shutil.disk_usage(folder).free
    if free < BYTES_NEEDED:
        raise InstallError(
            f"{folder} has {free >> 20} MB free, Asterisk needs {BYTES_NEEDED >> 20} MB while it is unpacked",
            "free some space there, or set XDG_CACHE_HOME to a larger disk",
        )


@dataclass(frozen=True)
class Origin:
    """Where packages can come from: `source` is a line of sources.list, or None for the host's own sources."""

    name: str
    source: str | None


def origins() -> list[Origin]:
    """In the order to try: the host's own packages where they are new enough, then Debian's later suites."""
    own = [Origin("this system's own packages", None)] if host_offers_asterisk() else []
    mirror, key = debian_mirror(), debian_keyring()
    later = [
        Origin(f"Debian {suite}", f"deb [signed-by={key}] {mirror} {suite} main\n")
        for suite in SUITES
        if mirror and key
    ]
    if not own and not later:
        raise InstallError(
            "apt names no Debian mirror here (or there is no debian-archive-keyring): nowhere to fetch from",
            f"install Asterisk >= {OLDEST_MAJOR} with this system's own packages",
        )
    return own + later


def host_offers_asterisk() -> bool:
    said = run(["apt-cache", "policy", "asterisk"]).stdout
    candidate = re.search(r"Candidate: (?:\d+:)?(\d+)", said)
    return candidate is not None and int(candidate[1]) >= OLDEST_MAJOR


def debian_mirror() -> str | None:
    """The Debian archive that the host's apt uses: a live one before a dated snapshot; never the security archive."""
    named = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]).stdout.split()
    debian = [uri for uri in named if "/debian/" in uri or uri.startswith("mirror")]
    return min(debian, key=lambda uri: not uri.endswith("/debian/"), default=None)


def debian_keyring() -> Path | None:
    return next((key for name in KEYRINGS if (key := Path("/usr/share/keyrings", name)).exists()), None)


def download(scratch: Path) -> list[Path]:
    """Every archive of the closure of PACKAGES, from the first origin that has them."""
    refusals = []
    for number, origin in enumerate(origins()):
        apt = PrivateApt(scratch / f"apt{number}", origin)
        say(f"asking {origin.name} for Asterisk")
        refusal = apt.update() or apt.download()
        if refusal is None:
            return sorted(apt.archives.glob("*.deb"))
        refusals.append(f"{origin.name}: {refusal}")
    raise InstallError(
        "no package source of this system gave Asterisk:\n    " + "\n    ".join(refusals),
        "check the network, the proxy and `apt-get update`; a mirror pinned to an old date has no suite "
        + " or ".join(SUITES),
    )


class PrivateApt:
    """apt-get with the host's mirror, proxy and keys, and with nothing else of the host: no root, no shared state."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        self.archives = folder / "archives"
        for part in ("lists/partial", "archives/partial", "none", "dpkg"):
            (folder / part).mkdir(parents=True)
        (folder / "dpkg/status").write_text("")
        options = {
            "Dir::State": folder,
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": folder / "dpkg/status",
            "Dir::Cache": folder,
            "Dir::Cache::archives": self.archives,
            "Dir::Etc::preferences": "-",
            "Dir::Etc::preferencesparts": folder / "none",
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Debug::NoLocking": "1",
        }
        if origin.source is not None:
            (folder / "sources.list").write_text(origin.source)
            options |= {"Dir::Etc::sourcelist": folder / "sources.list", "Dir::Etc::sourceparts": folder / "none"}
        self._command = [
            "apt-get",
            "-q",
            "-y",
            *(w for key, value in options.items() for w in ("-o", f"{key}={value}")),
        ]

    def update(self) -> str | None:
        """Fetch the package lists; returns why not. A mirror kept from an earlier day is used, and said aloud."""
        refusal = self._refusal("-o", "APT::Update::Error-Mode=any", "update")
        if refusal is None or not re.search(r"expired|not valid anymore", refusal, re.IGNORECASE):
            return refusal
        say("the mirror's Release file has expired: taking it as it is (signatures are still checked)")
        self._command += ["-o", "Acquire::Check-Valid-Until=false"]
        return self._refusal("-o", "APT::Update::Error-Mode=any", "update")

    def download(self) -> str | None:
        say("downloading about 110 MB")
        return self._refusal("--download-only", "install", *PACKAGES)

    def _refusal(self, *words: str) -> str | None:
        """None when apt-get succeeded, else its errors on one line."""
        done = run([*self._command, *words])
        if done.returncode == 0:
            return None
        errors = [line[3:] for line in done.stderr.splitlines() if line.startswith("E: ")]
        return "; ".join(errors) or done.stderr.strip()[-300:] or f"apt-get ended with {done.returncode}"


def unpack(archives: Sequence[Path], root: Path) -> None:
    """Unpack what we use, one dpkg-deb for each processor: decompression is all the work."""
    root.mkdir()
    wanted = [archive for archive in archives if not UNUSED_PACKAGES.match(archive.name)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda archive: unpack_one(archive, root), wanted))
    for folder in UNUSED_FOLDERS:
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)
    for loose in root.iterdir():
        if loose.name != "usr":
            shutil.rmtree(loose) if loose.is_dir() and not loose.is_symlink() else loose.unlink()


def unpack_one(archive: Path, root: Path) -> None:
    tar = ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as packed:
        done = subprocess.run(tar, stdin=packed.stdout, capture_output=True, text=True)
    if done.returncode or packed.returncode:
        full = "No space left" in done.stderr
        why = errno.ENOSPC if full else errno.EIO
        raise OSError(why, f"{archive.name} could not be unpacked: {done.stderr.strip()[-200:] or 'damaged archive'}")


def describe(root: Path) -> Manifest:
    """The manifest of an unpacked tree, with paths relative to it, after its asterisk has run once."""
    modules = first_parent(root, ("usr/lib/*/asterisk/modules",), "chan_pjsip.so")
    libraries = modules.parent.parent if modules else root
    loader = next(libraries.glob("ld-linux*.so.*"), None)
    if modules is None or loader is None:
        raise InstallError("the packages have no PJSIP or no loader", "report this with the output of `uname -m`")
    command = ("usr/sbin/asterisk",)
    parts = (str(loader.relative_to(root)), "--library-path", str(libraries.relative_to(root)), *command)
    manifest = Manifest(parts, "", str(modules.relative_to(root)), "usr/share/asterisk", "usr/share/asterisk/moh")
    version = running_version(absolute(manifest, root).command)
    if version is None:
        raise InstallError("the fetched asterisk does not start here", "report this with `uname -a`")
    return replace(manifest, version=version)


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run to the end with messages in English, since we read them."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)


def say(words: str) -> None:
    print(f"asterisk: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
