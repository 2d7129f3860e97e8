"""`hotline test --live`: the scenarios of a site as real calls, over SIP and RTP, judged by ear and by the records."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from hotline.demo.house import House
from hotline.settings import SHOP_SITE
from tests.unit.hotline.test_cli import CHECKOUT

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

FLOWERS = CHECKOUT / "dialplan" / "sites" / "flowers"
SCENARIOS = """\
scenarios:
  who keys the number on the ticket hears when the flowers are ready:
    given: {called: "4000", caller: "13800138000"}
    steps:
      - hear: [hello, choose]
      - press: "7"
      - hear: not_heard
      - hearing: choose
      - press: "1"
      - hear: ask_ticket
      - press: "8305"
      - hear: [ready_at, goodbye]
    expect:
      outcome: hung_up
      variables: {ticket: "8305"}
      path: [main.welcome, main.choose, main.ticket, main.bouquet, main.bye]
  nobody is there on sundays:
    given: {called: "4000", at: "2026-10-11 10:00"}
    steps:
      - hear: closed
    expect: {outcome: hung_up, path: [main.closed]}
  a person is asked for:
    given: {entry: main.choose, variables: {ticket: "1234"}}
    steps:
      - hearing: choose
      - press: "0"
    expect: {outcome: queue, queue: florists, variables: {ticket: "1234"}}
  the menu asks and waits:
    given: {entry: main.choose, at: "2026-10-11 10:00"}
    steps:
      - hear: choose
    expect: {node: main.choose}
  wrong, another prompt is said:
    given: {called: "4000"}
    steps:
      - hear: hello
      - hear: ask_ticket
  wrong, the florists are asked for:
    given: {entry: main.choose}
    steps:
      - hearing: choose
      - press: "0"
    expect: {outcome: hung_up}
  not for a phone:
    live: false
"""


def line_of(words: str, which: int = 1) -> int:
    """The line of the scenarios that has these words, the first or a later one."""
    return [at for at, line in enumerate(SCENARIOS.splitlines(), 1) if words in line][which - 1]


async def hotline_test(*words: str) -> tuple[int, str, str]:
    """Exit code, output and messages of `hotline test`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hotline", "test", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    out, told = await process.communicate()
    return await process.wait(), out.decode(), told.decode()


async def test_scenarios_are_real_calls_to_a_hotline_of_their_own(tmp_path: Path) -> None:
    """Beginning, moment, variables and results are as given; keys, prompts, path and variables are real, and the
    site need not know the phones. What goes another way is told with its place,
    what was expected, what was heard instead, and where to listen to it."""
    file = tmp_path / "calls.ivrtest.yaml"
    file.write_text(SCENARIOS)
    site = shutil.copytree(FLOWERS, tmp_path / "site")
    words = (site / "site.yaml").read_text()
    (site / "site.yaml").write_text(words.replace("127.0.0.1", "192.0.2.7"))  # a carrier's, and not this machine's
    code, out, told = await hotline_test(str(site), str(file), "--live")
    assert (code, told.splitlines()[-1]) == (1, "4 passed, 2 failed, 1 not live"), out + told
    assert f"{file}:{line_of('not for a phone')}:3: not live: not for a phone: it says live: false\n" in out
    place = f"{file}:{line_of('hear: ask_ticket', 2)}:9: heard choose (zh)"
    assert re.search(rf"{re.escape(place)}.* instead; expected to hear ask_ticket \[unmet\]\n", out), out
    place = f"{file}:{line_of('expect: {outcome: hung_up}')}:23"
    assert f"{place}: the call had ended at main.person: queue florists; expected outcome hung_up [unmet]\n" in out
    assert re.search(r"phone heard of wrong, another prompt is said:\n +0\.\d  hello .*\n +3\.\d  choose ", out), out
    recordings = [Path(path) for path in re.findall(r"  listen: (.+)", out)]
    assert len(recordings) == 2
    assert all(path.stat().st_size > 8_000 for path in recordings)
    shutil.rmtree(recordings[0].parents[2])


async def test_scenarios_of_the_shop_are_called_on_a_hotline_that_is_up(tmp_path: Path) -> None:
    """Whoever dials a number of it goes the scenario's way; a scenario that begins elsewhere is named, and not run."""
    tests = SHOP_SITE / "tests"
    async with House(tmp_path, SHOP_SITE) as house:
        code, out, told = await hotline_test(
            "--live", "--against", str(house.state.folder), str(tests / "welcome.ivrtest.yaml"),
            str(tests / "closed.ivrtest.yaml"),
        )  # fmt: skip
        assert (code, told.splitlines()[-1]) == (0, "6 passed, 0 failed, 6 not live"), out + told + house.log_tail()
        cannot = "a hotline that runs already cannot be given entry"
        assert [line.endswith(cannot) for line in out.splitlines()] == [True] * 5 + [False]
        assert out.endswith("nothing stands in for given recording in a real call\n")
