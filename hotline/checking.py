"""Which sites `hotline check` looks at, and what it says of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dialplan.draft import SITE_FILE
from dialplan.faults import Fault, Severity, did_you_mean, quoted, render_all
from dialplan.loader import Checked, check_site
from dialplan.rules import RULES
from dialplan.rules.rule import Rule
from hotline.settings import default_site


class NotChecked(Exception):
    """There is no such site, or no such rule; the message says what there is."""


@dataclass(frozen=True)
class CheckedSite:
    """One site with what is wrong with it."""

    folder: Path
    checked: Checked
    faults: tuple[Fault, ...]
    """their files as paths from where the command was run"""

    def report(self) -> str:
        """All faults for people to read."""
        sources = {self._shown(file): lines for file, lines in self.checked.sources.items()}
        return render_all(self.faults, sources)

    def fails(self, *, strict: bool) -> bool:
        """Whether the site cannot be run, or, when strict, has a warning."""
        return self.checked.site is None or (strict and bool(self.faults))

    def _shown(self, file: str) -> str:
        return shown(self.folder, file)


def check_all(sites: Sequence[Path], ignored: frozenset[str] = frozenset()) -> list[CheckedSite]:
    """Check each site once, in the order given; a file stands for the site that it is a part of.

    Args:
        sites: folders, or files in them; none: the default site.
        ignored: rules whose warnings are left out.

    Raises:
        NotChecked: a folder or file is not there, or is no site; a rule is unknown, or that of an error.
    """
    for rule in ignored:
        _check_ignorable(rule)
    folders = [_folder_of(path) for path in sites] or [default_site()]
    once = {folder.resolve(): folder for folder in reversed(folders)}
    return [_check(folder, ignored) for folder in reversed(once.values())]


def explained(rule: str) -> str:
    """Return what a rule means, for people.

    Raises:
        NotChecked: there is no such rule.
    """
    known = _rule(rule)
    lines = [f"{known.id} ({known.severity.value})", "", known.fact, f"Expected: {known.expected}."]
    return "\n".join([*lines, f"Wrong: {known.example}"])


def verdict(site: CheckedSite) -> str:
    """One line: how many errors and warnings the site has."""
    errors = sum(fault.severity is Severity.ERROR for fault in site.faults)
    return f"{site.folder}: {_count(errors, 'error')}, {_count(len(site.faults) - errors, 'warning')}"


def shown(folder: Path, file: str) -> str:
    """Return the path of a site's file from where the command was run; absolute when it lies elsewhere."""
    path = (folder / file).absolute()
    here = Path.cwd()
    tail = "/" if file.endswith("/") else ""
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix() + tail


def _check(folder: Path, ignored: frozenset[str]) -> CheckedSite:
    checked = check_site(folder)
    kept = [fault for fault in checked.faults if fault.rule not in ignored]
    return CheckedSite(folder, checked, tuple(replace(fault, file=shown(folder, fault.file)) for fault in kept))


def _folder_of(path: Path) -> Path:
    try:
        if path.is_dir():
            return path
        if not path.exists():
            raise NotChecked(f"{path}: no such folder or file")
    except OSError as error:
        raise NotChecked(f"{path}: {error.strerror}") from error
    for folder in path.absolute().parents:
        if (folder / SITE_FILE).exists():
            return next((near for near in path.parents if near.absolute() == folder), folder)
    raise NotChecked(f"{path}: not in a site: no {SITE_FILE} in its folder or above it")


def _check_ignorable(rule: str) -> None:
    if _rule(rule).severity is Severity.ERROR:
        raise NotChecked(f"{rule} is an error, and a site with an error cannot be run: only warnings can be ignored")


def _rule(rule: str) -> Rule:
    if rule not in RULES:
        raise NotChecked("; ".join(filter(None, [f"there is no rule {quoted(rule)}", did_you_mean(rule, RULES)])))
    return RULES[rule]


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
