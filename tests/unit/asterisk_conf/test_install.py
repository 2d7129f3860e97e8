"""The installer of Asterisk, with an apt of its own on PATH: no network, no root."""

import errno
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[3]
INSTALLER = CHECKOUT / "asterisk-conf" / "install.py"


def load_installer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", INSTALLER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["install"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


install = load_installer()


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first on PATH, and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


APT = """
echo "$*" >> {log}
case "$*" in
  *indextargets*) echo {mirror} ;;
  *policy*) echo "  Candidate: (none)" ;;
  *update*) {update} ;;
  *--download-only*)
    for word in "$@"; do case "$word" in Dir::Cache::archives=*) cp {package} "${{word#*=}}/" ;; esac; done ;;
esac
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A Debian package whose loader answers as Asterisk would, whatever it is told to run."""
    root = tmp_path / "package"
    library = root / "usr/lib/test-linux-gnu"
    script(library / "ld-linux-test.so.2", 'echo "Asterisk 22.10.1~dfsg-1"')
    (library / "asterisk/modules").mkdir(parents=True)
    for file in ("usr/sbin/asterisk", "usr/share/doc/asterisk/copyright", "usr/share/asterisk/moh/x.wav", "etc/motd"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    (library / "asterisk/modules/chan_pjsip.so").touch()
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        "Package: asterisk\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n"
    )
    built = tmp_path / "asterisk_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(root), str(built)], check=True, capture_output=True)
    return built


@pytest.fixture
def apt(tools: Path, tmp_path: Path, package: Path) -> Callable[..., Path]:
    """Put an apt-get on PATH that notes how it was called; returns the notes."""

    def place(update: str = "true", mirror: str = "http://mirror.example/debian/") -> Path:
        log = tmp_path / "apt.log"
        text = APT.format(log=log, mirror=mirror, update=update, package=package)
        script(tools / "apt-get", text)
        script(tools / "apt-cache", text)
        return log

    return place


def host_asterisk(tools: Path, root: Path, version: str = "Asterisk 22.1.0") -> None:
    script(tools / "asterisk", f'echo "{version}"')
    for file in (
        "usr/lib/x/asterisk/modules/chan_pjsip.so",
        "usr/share/asterisk/documentation/x",
        "var/lib/asterisk/moh/x.wav",
    ):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()


def test_complete_host_asterisk_is_used(tools: Path, tmp_path: Path) -> None:
    """An Asterisk >= 20 of the host with PJSIP, documentation and music is what we run."""
    host_asterisk(tools, tmp_path / "root")
    found = install.host_asterisk(tmp_path / "root")
    assert (found.command, found.version) == ((str(tools / "asterisk"),), "22.1.0")
    assert found.moh.endswith("var/lib/asterisk/moh")


@pytest.mark.parametrize("said", ["Asterisk 18.10.0~dfsg", "Asterisk SVN-trunk", ""])
def test_old_or_unknown_host_asterisk_is_passed_over(tools: Path, tmp_path: Path, said: str) -> None:
    """An Asterisk that is too old, or does not tell its version, is not used."""
    host_asterisk(tools, tmp_path / "root", said)
    assert install.host_asterisk(tmp_path / "root") is None


@pytest.mark.parametrize("part", ["modules/chan_pjsip.so", "documentation/x", "moh/x.wav"])
def test_incomplete_host_asterisk_is_passed_over(tools: Path, tmp_path: Path, part: str) -> None:
    """Without PJSIP, documentation or music the host's Asterisk could not do the job."""
    root = tmp_path / "root"
    host_asterisk(tools, root)
    next(root.rglob(part)).unlink()
    assert install.host_asterisk(root) is None


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6-1", "22.10.1"),
        ("Asterisk certified/20.7-cert3", "20.7-cert3"),
        ("Asterisk 9.1", None),
    ],
)
def test_versions(tools: Path, said: str, version: str | None) -> None:
    """Debian's and certified versions are read; the major number decides as a number, not as text."""
    script(tools / "asterisk", f'echo "{said}"')
    assert install.running_version([str(tools / "asterisk")]) == version


def test_tree_is_brought_and_found_again(apt: Callable[..., Path]) -> None:
    """What apt downloads is unpacked, pruned, tried and kept; `find` then knows it, and a second run asks nobody."""
    log = apt()
    brought = install.bring()
    tree = install.tree_folder()
    assert brought.version == "22.10.1"
    assert brought.command[0] == str(tree / "usr/lib/test-linux-gnu/ld-linux-test.so.2")
    assert brought.command[1] == "--library-path"
    assert Path(brought.moh, "x.wav").exists()
    assert not (tree / "usr/share/doc").exists()
    assert not (tree / "etc").exists()
    assert install.cached_asterisk(tree) == brought
    log.unlink()
    assert install.bring() == brought
    assert not log.exists()
    assert sorted(path.name for path in tree.parent.iterdir()) == [tree.name, "asterisk.lock"]


def test_host_is_left_alone(apt: Callable[..., Path]) -> None:
    """apt-get only ever works in folders of ours, as ourselves, and knows nothing of the host's packages."""
    log = apt()
    install.bring()
    for call in log.read_text().splitlines():
        if "indextargets" in call or "policy" in call:
            continue
        for option in ("Dir::State=", "Dir::State::status=", "Dir::Cache=", "Dir::Etc::sourcelist="):
            assert f"{option}{install.tree_folder().parent}" in call
        assert "APT::Sandbox::User= " in call


def test_two_runs_at_once_build_one_tree(apt: Callable[..., Path]) -> None:
    """Of two racing runs one builds and the other finds it built; both return the same."""
    log = apt(update="sleep 0.2")
    found: list[object] = []
    racers = [threading.Thread(target=lambda: found.append(install.bring())) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert found[0] == found[1]
    assert log.read_text().count("--download-only") == 1


def test_expired_release_file_is_used_and_said_so(apt: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A mirror kept from an earlier day works: signatures are checked, the date is not, and the person is told."""
    expired = 'echo "E: Release file for x is expired (invalid since 3d)." >&2; exit 100'
    log = apt(update=f'case "$*" in *Valid-Until=false*) ;; *) {expired} ;; esac')
    assert install.bring().version == "22.10.1"
    assert "expired" in capsys.readouterr().err
    assert "--download-only" in log.read_text()


def test_mirror_without_the_suites_is_named(apt: Callable[..., Path]) -> None:
    """When neither forky nor sid is there, the message has each refusal, both suites and what to check."""
    apt(update="echo \"E: The repository 'x' does not have a Release file.\" >&2; exit 100")
    with pytest.raises(install.InstallError) as failure:
        install.bring()
    for words in ("Debian forky: The repository", "Debian sid: The repository", "mend:", "pinned to an old date"):
        assert words in str(failure.value)


def test_mirrors(apt: Callable[..., Path]) -> None:
    """The security archive is not Debian's archive; a live mirror comes before a dated snapshot."""
    apt(mirror="http://a/debian-security/ http://b/archive/debian/20260101T000000Z/ http://c/debian/")
    assert install.debian_mirror() == "http://c/debian/"
    apt(mirror="http://a/debian-security/ http://b/archive/debian/20260101T000000Z/")
    assert install.debian_mirror() == "http://b/archive/debian/20260101T000000Z/"
    apt(mirror="http://a/debian-security/")
    assert install.debian_mirror() is None


def test_system_without_apt_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no apt-get, the mending command is the system's own package tool."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(install.InstallError, match=r"without apt-get(.|\n)*mend: install Asterisk >= 20"):
        install.bring()


def test_full_disk_is_told_before_the_download(apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room is found before anything is fetched, with the amount to free."""
    log = apt()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 5_000_000))
    with pytest.raises(install.InstallError, match=r"4 MB free, Asterisk needs 572 MB"):
        install.bring()
    assert not log.exists()


def test_disk_that_fills_up_while_unpacking_leaves_nothing(
    apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENOSPC in the middle becomes one sentence with a mend, and no half-made tree stays."""
    apt()

    def full(archive: Path, root: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(install, "unpack_one", full)
    with pytest.raises(install.InstallError, match=r"No space left on device(.|\n)*mend: free"):
        install.bring()
    assert [path.name for path in install.tree_folder().parent.iterdir()] == ["asterisk.lock"]


def test_damaged_archive_is_an_error(apt: Callable[..., Path], package: Path) -> None:
    """An archive that dpkg-deb cannot read is named; no tree is made of the rest."""
    package.write_bytes(package.read_bytes()[:200])
    apt()
    with pytest.raises(install.InstallError, match=r"asterisk_1_all\.deb could not be unpacked"):
        install.bring()


def test_damaged_tree_is_not_found(apt: Callable[..., Path]) -> None:
    """A tree whose asterisk does not start any more counts as absent, so that setup brings it anew."""
    apt()
    brought = install.bring()
    Path(brought.command[0]).write_text("#!/bin/sh\nexit 127\n")
    assert install.find() is None
    assert install.bring().version == "22.10.1"


def test_find_prints_json_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    """`find` is what hotline asks: null and 1 where there is none; wrong words are usage, 2."""
    environment = {"PATH": "/nowhere", "HOME": str(tmp_path)}

    def ask(*words: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, INSTALLER, *words], capture_output=True, text=True, env=environment)
        return done.returncode, done.stdout.strip()

    assert ask("find") == (1, "null")
    assert ask("bring", "it")[0] == 2
    assert json.loads(ask("find")[1]) is None
