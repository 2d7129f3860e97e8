"""`hotline publish`, `versions`, `diff`, `rollback` and `restore`"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of

if TYPE_CHECKING:
    from hotline.publishing import Agree, Proposal, Published

Message = Annotated[
    str | None, typer.Option("--message", "-m", metavar="TEXT", help="Why, for whoever reads the versions")
]
Author = Annotated[str | None, typer.Option(metavar="NAME", help="Who; default the name of this account")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and tell what is different, and change nothing")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask")]
Site = Annotated[Path | None, typer.Argument(metavar="SITE", help="Folder; default the one that was brought up")]
Url = Annotated[str | None, typer.Option(metavar="URL", help="Database; default that of the state folder")]


def publish(
    site: Site = None,
    message: Message = None,
    author: Author = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a site in force as a new version; calls in progress keep theirs.

    \b
    Examples:
      hotline publish my/site -m "Option 3 leads to the warehouse"
      hotline publish -m "New hours" --author wang --yes
      hotline publish --dry-run

    Checks the site, tells what is different in words, asks, speaks what is new, stores the version with all its files
    in the database, and puts it in force, all of it or nothing. Where no hotline runs, the next `hotline up` starts
    with it.

    \b
    Exit codes:
      0  it is in force (or was already, or this is a dry run)
      1  it has faults, somebody else is publishing, or a part of the hotline cannot take it; nothing was changed
      2  wrong usage
    """
    from hotline.publishing import Note
    from hotline.publishing import publish as put_in_force

    if message is None and not dry_run:
        raise typer.BadParameter("found none, expected why: -m TEXT", param_hint="--message")
    note = Note(author or account(), message or "")
    agree = _agree(dry_run, yes, as_json)
    with telling_of_faults():
        done = put_in_force(state_of(state), site, note, agree)
    _tell(done, as_json, dry_run)


def rollback(
    version: Annotated[
        str | None, typer.Argument(metavar="VERSION", help="Number or hash; default the one that was in force before")
    ] = None,
    message: Message = None,
    author: Author = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put an earlier version in force again, as the newest.

    \b
    Examples:
      hotline rollback
      hotline rollback 7 -m "The new menu confuses callers" --yes

    Its files come from the database; the folder that is edited stays as it is. Exit codes as of `hotline publish`.
    """
    from hotline.publishing import Note, publish_again
    from hotline.version_history import find, the_one_before

    where = state_of(state)
    row = the_one_before(where) if version is None else find(where, version)
    note = Note(author or account(), message or f"back to version {row.number}: {row.message}")
    agree = _agree(dry_run, yes, as_json)
    with telling_of_faults():
        done = publish_again(where, row, note, agree)
    _tell(done, as_json, dry_run)


def versions(state: StateFolder = None, as_json: AsJson = False) -> None:
    """List what was published: when, by whom, why, what is in force, and how many calls each version had.

    \b
    Examples:
      hotline versions
      hotline versions --json | jq '.versions[] | select(.calls_running > 0)'
    """
    from hotline.version_history import history
    from hotline.version_printing import print_history

    told = history(state_of(state))
    if as_json:
        _print_json(asdict(told))
    else:
        print_history(told)


def diff(
    first: Annotated[str | None, typer.Argument(metavar="A", help="Number, hash or folder")] = None,
    second: Annotated[str | None, typer.Argument(metavar="B", help="Number, hash or folder")] = None,
    files: Annotated[bool, typer.Option("--files", help="Line by line, as diff -u")] = False,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is different between two versions, in words.

    \b
    Examples:
      hotline diff                  the newest version, and the site folder
      hotline diff 6                version 6, and the newest
      hotline diff 6 7 --files
      hotline diff 7 my/site
    """
    from hotline.version_history import sides, unified, words

    old, new = sides(state_of(state), first, second)
    lines = unified(old, new) if files else words(old, new)
    if as_json:
        _print_json({"from": old.name, "to": new.name, "lines" if files else "changes": lines})
    else:
        print("\n".join(lines) or "nothing is different")


def restore(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Number or hash")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder")],
    database: Url = None,
    state: StateFolder = None,
) -> None:
    """Write the files of a published version into a folder; on any machine that reaches the database.

    \b
    Examples:
      hotline restore 7 site-of-last-week
      hotline restore 3f2a9c01b7de copy --database postgresql://hotline@db/hotline
    """
    from hotline.version_history import restore as write

    count = write(state_of(state), version, folder, database)
    print(f"hotline: {count} files of version {version} are in {folder}", file=sys.stderr)


@contextmanager
def telling_of_faults() -> Iterator[None]:
    """A site with faults is refused as `hotline check` tells it."""
    from hotline.reloading import SiteRefused

    try:
        yield
    except SiteRefused as refused:
        print(refused)
        print("hotline: the site has faults; nothing was changed", file=sys.stderr)
        raise typer.Exit(1) from None


def account() -> str:
    """Whose account this is."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "unknown"


def _agree(dry_run: bool, yes: bool, as_json: bool) -> "Agree":
    if not (dry_run or yes or sys.stdin.isatty()):
        raise typer.BadParameter("nobody can be asked here: give --yes, or --dry-run to change nothing")

    def agree(proposal: "Proposal") -> bool:
        if proposal.warnings:
            print(proposal.warnings, file=sys.stderr)
        if dry_run and as_json:
            _print_json({"version": proposal.version, "changes": proposal.changes})
        elif not as_json:
            print("\n".join(proposal.changes))
        return not dry_run and (yes or typer.confirm(f"Publish version {proposal.version}?", err=True))

    return agree


def _tell(done: "Published | None", as_json: bool, dry_run: bool) -> None:
    if done is None:
        print("hotline: nothing was changed", file=sys.stderr)
        raise typer.Exit(0 if dry_run else 1)
    if as_json:
        _print_json(asdict(done))
    since = "already" if done.again else "now" if done.runs else "from the next `hotline up` on"
    print(f"hotline: version {done.number} ({done.version}) is in force {since}", file=sys.stderr)
    for file in done.next_start:
        print(f"hotline: {file} has changed, which Asterisk reads at its next start", file=sys.stderr)


def _print_json(told: object) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=2))
