"""`hotline demo`: the story on the terminal, checked, with the day's report at its end."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from hotline.demo.house import House, HouseError
from hotline.demo.play import Check, Play
from hotline.demo.quick_site import make_quick_site
from hotline.demo.story import perform_all
from hotline.report_printing import print_table
from hotline.reporting import make_report


def run(console: Console) -> int:
    """Play the demo; return 0 when every check held, else 1. What was started is stopped either way.

    The folder with the logs, recordings and records is removed after success and named after a failure.
    """
    folder = Path(tempfile.mkdtemp(prefix="hotline-demo-"))
    began = time.monotonic()
    checks: list[Check] = []
    try:
        asyncio.run(_play(console, folder, checks))
        print_table(make_report("daily", House(folder, folder / "site").state))
    except (HouseError, AssertionError) as broken:
        checks.append(Check("", "the demo was played to its end", False, str(broken)))
        _show_check(console, checks[-1])
    failed = [check for check in checks if not check.ok]
    console.print(f"{len(checks) - len(failed)} of {len(checks)} checks held, {time.monotonic() - began:.0f} s.")
    if failed or not checks:
        console.print(f"What was left behind is in {folder}", style="yellow")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _play(console: Console, folder: Path, checks: list[Check]) -> None:
    console.print("Bringing up the shop's hotline on free ports, with nothing in its records.")
    async with House(folder, make_quick_site(folder / "site")) as house:
        play = Play.at(house, _teller(console), lambda check: _show_check(console, check))
        try:
            await perform_all(play)
        finally:
            checks += play.checks
            await play.cast.close()


def _teller(console: Console) -> Callable[[str], None]:
    began = time.monotonic()

    def tell(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f}[/dim]  {escape(text)}", highlight=False, soft_wrap=True)

    return tell


def _show_check(console: Console, check: Check) -> None:
    sign = "[green]✓[/green]" if check.ok else "[bold red]✗[/bold red]"
    detail = "" if check.ok or not check.detail else f"  [red]({escape(check.detail)})[/red]"
    console.print(f"        {sign} {escape(check.name)}{detail}", highlight=False, soft_wrap=True)
