"""`hotline try`"""

from pathlib import Path
from typing import Annotated

import typer

_ENTRY_HELP = "Folder of YAML, default the shop; number dialled, menu or menu.node, default the site's first number"
_AT_HELP = 'By the site\'s clock: "2026-10-01 09:00"; default a moment at which the site is open'
_BALLOT_HELP = "Whether the caller has voted before"
_BACKEND_HELP = "What a backend says: not_found, refused, failed, or FIELD=VALUE,... (slow=SECONDS: after so long)"
_KEYS_HELP = 'What the caller does: "1 T !9 12# q"; without it you are asked'
_Callbacks = Annotated[list[str] | None, typer.Option(metavar="QUEUE=OUTCOME", help="What a proposal ends with")]
_Transfers = Annotated[list[str] | None, typer.Option(metavar="NUMBER=OUTCOME", help="How a transfer ends")]
_Faxes = Annotated[list[str] | None, typer.Option(metavar="NAME=done|failed", help="Whether a fax goes through")]
_Ballots = Annotated[list[str] | None, typer.Option(metavar="NAME=voted|new|unknown", help=_BALLOT_HELP)]


def try_(
    words: Annotated[list[str] | None, typer.Argument(metavar="SITE|ENTRY", help=_ENTRY_HELP)] = None,
    site: Annotated[Path | None, typer.Option("--site", help="The folder, where no argument is one")] = None,
    caller: Annotated[str, typer.Option("--caller", metavar="NUMBER", help="Who calls")] = "",
    language: Annotated[str | None, typer.Option("--lang", help="Of the caller; default the site's first")] = None,
    at: Annotated[str | None, typer.Option("--at", help=_AT_HELP)] = None,
    keys: Annotated[str | None, typer.Option("--keys", help=_KEYS_HELP)] = None,
    script: Annotated[list[str] | None, typer.Option(metavar="NAME=RESULT", help="What a script ends with")] = None,
    queue: Annotated[list[str] | None, typer.Option(metavar="NAME=OUTCOME", help="How a wait ends")] = None,
    callback: _Callbacks = None,
    transfer: _Transfers = None,
    fax: _Faxes = None,
    ballot: _Ballots = None,
    backend: Annotated[list[str] | None, typer.Option(metavar="NAME=ANSWER", help=_BACKEND_HELP)] = None,
    maintenance: Annotated[str, typer.Option(metavar="TEXT", help="On as the call begins: words, or a prompt")] = "",
    variable: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A call's variable")] = None,
    records: Annotated[bool, typer.Option("--records", help="Show the lines of the journal as well")] = False,
    save_test: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the call down as a scenario")] = None,
) -> None:
    """Walk through the menus as a caller: no phone, no sound, no waiting.

    \b
    Examples:
      hotline try
      hotline try 4001 --caller 13800138000 --at "2026-10-01 09:00"
      hotline try english --lang en --keys "1 0" --script order_status=done
      hotline try prices --keys 1001 --backend product_price=price=98.50
      hotline try 4001 --keys "1 T 9 0" --save-test my/site/tests/wrong_key.ivrtest.yaml

    \b
    What a caller does, also at the terminal:
      12#  keys, when the call asks for one; those after the first at once
      !1   keys at once, into what is being said
      ~8   speak for 8 seconds, where the call records; elsewhere they pass
      T    silence until the time for a key is over (at the terminal an empty line)
      q    hang up; so does the end of --keys, at the next question
    """
    from hotline import trying
    from hotline.rehearsing import stage_of
    from hotline.settings import default_site
    from hotline.transcript_printing import TranscriptPrinter

    acts = None if keys is None else trying.acts_of(keys)
    folder, entry = site_and_entry(words or [], site)
    stage = stage_of(folder or default_site())
    values = {
        **{"caller": caller, "language": language, "at": at},
        **{"scripts": trying.pairs_of("--script", script), "queues": trying.pairs_of("--queue", queue)},
        **{"callbacks": trying.pairs_of("--callback", callback), "ballots": trying.pairs_of("--ballot", ballot)},
        "backends": trying.answers_of("--backend", backend),
        **{"transfers": trying.pairs_of("--transfer", transfer), "faxes": trying.pairs_of("--fax", fax)},
        "maintenance": maintenance,
        **{"variables": {name: each[-1] for name, each in trying.pairs_of("--set", variable).items()}},
    }
    given = trying.given_of(stage, entry, values)
    print(trying.heading(stage, given))
    printer = TranscriptPrinter(records=records)
    tried = trying.try_out(stage, given, acts, printer)
    if save_test is not None:
        trying.save(save_test, given, tried)


def site_and_entry(words: list[str], site: Path | None) -> tuple[Path | None, str | None]:
    """Tell the site's folder from where the call begins: it holds a site.yaml, and comes first."""
    if site is None and words and (Path(words[0]) / "site.yaml").exists():
        site, words = Path(words[0]), words[1:]
    if len(words) > 1:
        raise typer.BadParameter(f"found {' and '.join(words)}; expected one place at which the call begins")
    return site, words[0] if words else None
