"""The errands of `hotline prompts`, each from a site's folder to what is printed. Raise HotlineError."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dialplan.loader import check_site
from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.settings import default_site
from hotline.studio.lacks import Lack, lacks_of, missing_words
from hotline.studio.lines import lines_of
from hotline.studio.script import rows_of, write_script
from hotline.studio.stock import PROMPTS_FOLDER, Stock, stock_of
from ivr.recordings import BookUnreadable, Recordings, Standing

if TYPE_CHECKING:
    from hotline.studio.intake import Delivery

T = TypeVar("T")


def open_site(folder: Path | None, languages: Sequence[str]) -> Stock:
    """What there is of a site's prompts, in these languages or all."""
    folder = folder or default_site()
    site = _whole(folder)
    _check_languages(site, languages)
    return _readable(lambda: stock_of(site, folder, languages))


def lacks(folder: Path | None, languages: Sequence[str], *, all_recorded: bool = False) -> list[Lack]:
    """What is missing. Of a site that cannot be run for want of a language that alone, since nothing else is sure."""
    checked = check_site(folder or default_site())
    words = missing_words(checked.faults)
    if words and checked.site is None:
        return words
    return lacks_of(open_site(folder, languages), all_recorded=all_recorded)


def export(folder: Path, to: Path, languages: Sequence[str], *, only_missing: bool = False) -> list[Path]:
    """Write the script; the files."""
    stock = open_site(folder, languages)
    items = [item for item in stock.items if not (only_missing and item.standing is Standing.RECORDED)]
    if not items:
        raise HotlineError("there is nothing to record: every prompt has its recording")
    return write_script(rows_of(items), stock.site.name, to)


def take_in(folder: Path, delivered: Path, language: str, day: date | None) -> "Delivery":
    """Look at what was delivered, and keep what is fit; day: today; None: nothing is written."""
    from hotline.studio import intake  # not at the top: it brings numpy and FFmpeg's libraries

    site = _whole(folder)
    _check_languages(site, [language] if language else [])
    delivery = _readable(
        lambda: intake.look_at(delivered, lines_of(site), Recordings(folder / PROMPTS_FOLDER), language)
    )
    if day is not None:
        intake.put_away(delivery.taken, folder, day)
    return delivery


def _whole(folder: Path) -> Site:
    checked = check_site(folder)
    if checked.site is None:
        raise HotlineError(f"{folder} cannot be run yet: `hotline check {folder}` says why")
    return checked.site


def _check_languages(site: Site, languages: Sequence[str]) -> None:
    for language in languages:
        if language not in site.languages:
            raise HotlineError(f'the site does not speak "{language}"; expected {" or ".join(site.languages)}')


def _readable(look: Callable[[], T]) -> T:
    try:
        return look()
    except BookUnreadable as fault:
        raise HotlineError(str(fault)) from fault
