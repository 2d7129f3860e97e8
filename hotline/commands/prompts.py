"""`hotline prompts`"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import AsJson

app = typer.Typer(
    no_args_is_help=True,
    help="""What a site says: what is recorded, what is missing, and the studio's part in it.

\b
Examples:
  hotline prompts list my/site --lang zh
  hotline prompts missing my/site
  hotline prompts export my/site studio       a table for Excel, a page for each speaker
  hotline prompts import my/site delivered    take in what the studio has recorded
""",
)

SiteFolder = Annotated[Path | None, typer.Argument(metavar="[SITE]", help="Folder of YAML; default the shop")]
ThisSite = Annotated[Path, typer.Argument(metavar="SITE", help="Folder of YAML")]
Languages = Annotated[
    list[str] | None, typer.Option("--lang", metavar="LANGUAGE", help="Only this one; may be given again")
]


@app.command("list")
def list_(site: SiteFolder = None, lang: Languages = None, as_json: AsJson = False) -> None:
    """List every prompt: where it is said, whether it is recorded, how long and how loud it is, in which formats.

    \b
    Examples:
      hotline prompts list
      hotline prompts list my/site --lang zh --json

    A length with ~ is an estimate: those words are not rendered yet. Values are listed as one row for all.
    """
    from hotline.studio import opening, printing

    opened = opening.open_site(site, lang or ())
    printing.show_list(opened, as_json=as_json)


@app.command("missing")
def missing(
    site: SiteFolder = None,
    lang: Languages = None,
    recorded: Annotated[bool, typer.Option("--recorded", help="Everything has to be recorded")] = False,
    as_json: AsJson = False,
) -> None:
    """Name what is missing: languages, recordings, recordings of words that have changed, formats.

    \b
    Examples:
      hotline prompts missing my/site
      hotline prompts missing my/site --recorded --lang zh

    A language is taken for recorded, and lacks every recording that is not there, as soon as one is. Prompts that
    nobody says, and recordings of none, are told and are not missing.

    \b
    Exit codes:
      0  nothing is missing
      1  something is
      2  wrong usage
    """
    from hotline.studio import opening, printing

    lacks = opening.lacks(site, lang or (), all_recorded=recorded)
    printing.show_lacks(lacks, as_json=as_json)
    raise typer.Exit(int(any(lack.is_missing for lack in lacks)))


@app.command("export")
def export(
    site: ThisSite,
    to: Annotated[Path, typer.Argument(metavar="FOLDER|FILE", help="A folder, a .csv or a .html file")],
    lang: Languages = None,
    only_missing: Annotated[bool, typer.Option("--missing", help="Without what is recorded already")] = False,
) -> None:
    """Write the studio's script: numbered, with the exact words, who hears them where, and the name of each file.

    \b
    Examples:
      hotline prompts export my/site studio
      hotline prompts export my/site new.csv --missing --lang zh

    A .csv opens in Excel with its Chinese whole; a .html is for the speaker to read from; a folder gets both.
    """
    from hotline.studio import opening, printing

    printing.show_written(opening.export(site, to, lang or (), only_missing=only_missing))


@app.command("import")
def import_(
    site: ThisSite,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What the studio has delivered")],
    lang: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="Of files that lie in no folder of it")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Take recordings into a site: by their names, trimmed, at one loudness, written down with their words.

    \b
    Examples:
      hotline prompts import my/site delivered --dry-run
      hotline prompts import my/site delivered
      hotline prompts import my/site delivered/chinese --lang zh

    The folder holds zh/welcome.wav and so on, as the script says; mp3, flac, ogg and others will do. What is clipped,
    too quiet, too noisy or not known is refused, and the others are taken.

    \b
    Exit codes:
      0  every file was taken
      1  one was refused
      2  wrong usage
    """
    from hotline.studio import opening, printing

    delivery = opening.take_in(site, folder, lang, None if dry_run else date.today())
    printing.show_delivery(delivery, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(int(bool(delivery.refused)))
