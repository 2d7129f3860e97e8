"""`hotline maintenance`"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of, tell

if TYPE_CHECKING:
    from hotline.maintenance import Standing


class Switch(StrEnum):
    """Which way."""

    on = "on"
    off = "off"


def maintenance(
    switch: Annotated[Switch | None, typer.Argument(help="Without it: say how it stands")] = None,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What callers are told")] = None,
    prompt: Annotated[str | None, typer.Option(metavar="ID", help="A prompt of the site in place of a text")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="L", help="Language of the text; default the site's first")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who; default the name of this account")] = None,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Tell calls that begin something else than the menus, until it is switched off.

    \b
    Examples:
      hotline maintenance on "我们正在升级系统，请一小时后再来电。"
      hotline maintenance on --prompt maintenance
      hotline maintenance off
      hotline maintenance

    No edit and no publish: the text is spoken at once, and only then switched on; calls in progress go on. Where the
    site's `maintenance` handler leads nowhere else, a call ends after it. It holds over restarts.
    """
    from hotline.commands.publish import account
    from hotline.maintenance import standing, switch_off, switch_on

    where = state_of(state)
    if (switch is Switch.on) != ((text is None) != (prompt is None)) or (text and prompt):
        raise typer.BadParameter("expected `on` with a text or with --prompt, or `off`, or nothing")
    if switch is Switch.on:
        switch_on(where, text or prompt or "", by or account(), is_prompt=text is None, language=language)
    elif switch is Switch.off:
        switch_off(where)
    now = standing(where)
    told = None if now is None else {"words": now.words, "since": now.since, "by": now.by, "is_prompt": now.is_prompt}
    tell({"maintenance": told}, as_json, lambda _: print(say(now)))


def say(now: "Standing | None") -> str:
    """How it stands, in one line."""
    if now is None:
        return "maintenance is off"
    since = datetime.fromtimestamp(now.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
    what = f"the prompt {now.words}" if now.is_prompt else f'"{now.words}"'
    return f"maintenance is on since {since} UTC, by {now.by}: new calls hear {what}"
