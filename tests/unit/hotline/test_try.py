"""`hotline try`: what a person keys, what is shown, what is kept; and the page that shows it."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from dialplan.scenario import Given
from hotline.faults import HotlineError
from hotline.rehearsing import Stage, stage_of
from hotline.scenario_files import failures, run_file
from hotline.settings import SHOP_SITE
from hotline.trying import ActUnknown, acts_of, given_of, heading, pairs_of, play
from ivr.rehearsal import Rehearsal
from ivr.transcript import Heard, Pressed
from tests.unit.hotline.test_cli import CHECKOUT, hotline

PAGE = CHECKOUT / "docs" / "try.md"
FLOWERS = CHECKOUT / "dialplan" / "sites" / "flowers"


@pytest.fixture(scope="module")
def shop() -> Stage:
    return stage_of(SHOP_SITE)


def played(stage: Stage, acts: str, **given: object) -> tuple[Rehearsal, list[str]]:
    call = stage.begin(Given(**given))  # type: ignore[arg-type]  # by name
    return call, play(call, acts_of(acts))


# -- what a caller does ----------------------------------------------------------------------------------------------


def test_keys_come_when_they_are_asked_for(shop: Stage) -> None:
    """1 is pressed after the welcome and the question; the second key of 23 follows at once, into what is said then."""
    call, _ = played(shop, "23", called="4001")
    pressed = [(event.key, event.during) for event in call.transcript if isinstance(event, Pressed)]
    assert pressed == [("2", ""), ("3", "main")]


def test_keys_after_a_bang_cut_off_what_is_said(shop: Stage) -> None:
    """!1 is pressed into the welcome: nothing of it is heard."""
    call, _ = played(shop, "!1", called="4001")
    first = next(event for event in call.transcript if isinstance(event, Heard))
    assert (first.prompt, first.seconds, first.whole) == ("welcome", 0.0, False)


def test_t_is_one_silence(shop: Stage) -> None:
    """T hears everything out and lets the time for one key pass; three of them exhaust the main menu."""
    call, late = played(shop, "T T T", entry="chinese")
    assert (call.address, late) == ("chinese.orders_queue", [])


def test_the_end_of_the_keys_hangs_up(shop: Stage) -> None:
    """Out of keys, the caller hears what is said and hangs up at the next question."""
    call, late = played(shop, "1", called="4001")
    assert (call.over, call.address, late) == (True, "chinese.main", [])
    assert call.transcript[-1].at == pytest.approx(call.seconds)


def test_what_comes_too_late_is_told(shop: Stage) -> None:
    """Keys for which the call was over too soon are given back: the rest of an act, and whole ones."""
    assert played(shop, "!1305 T q", called="4001")[1] == ["5", "T", "q"]


@pytest.mark.parametrize("act", ["x", "1!", "TT", "1T", "!"])
def test_what_no_caller_can_do_is_told(act: str) -> None:
    """It is named, with all that would do."""
    with pytest.raises(ActUnknown, match=r"!1 to cut off what is said, ~8 to speak for 8 s, T for silence, q to"):
        acts_of(f"1 {act}")


# -- how a call begins -----------------------------------------------------------------------------------------------


def test_an_entry_is_a_number_or_a_node(shop: Stage) -> None:
    """Digits are a number that is dialled, a name is a node; without either it is the site's first number."""
    assert given_of(shop, "4002", {}) == Given(called="4002")
    assert given_of(shop, "english.orders", {}) == Given(entry="english.orders")
    assert given_of(shop, None, {"caller": "", "language": "en"}) == Given(called="4001", language="en")


@pytest.mark.parametrize(
    ("entry", "values", "told"),
    [
        ("4003", {}, 'found no number "4003"; did you mean "4002"?'),
        ("chinees", {}, 'found no node "chinees"; did you mean "chinese"?'),
        (None, {"language": "de"}, 'found no language "de"; expected one of en, zh'),
        (None, {"at": "soon"}, 'found "soon"; expected a day and a time, such as "2026-10-01 09:00"'),
        (
            None,
            {"scripts": {"order_status": ("dnoe",)}},
            'found no result of order_status "dnoe"; did you mean "done"?',
        ),
    ],
)
def test_a_beginning_is_held_to_the_site(shop: Stage, entry: str | None, values: dict[str, object], told: str) -> None:
    """As in a scenario file: what is not there is named, with what was probably meant."""
    with pytest.raises(HotlineError, match=re.escape(told)):
        given_of(shop, entry, values)


def test_pairs_are_collected_by_name() -> None:
    """A name given twice has two values, one after the other; a word without = is told."""
    assert pairs_of("--script", ["a=done", "b=x", "a=person"]) == {"a": ("done", "person"), "b": ("x",)}
    with pytest.raises(HotlineError, match="--script: found 'done'; expected NAME=VALUE"):
        pairs_of("--script", ["done"])


def test_the_heading_says_who_where_and_when(shop: Stage) -> None:
    """By the site's clock; without a moment, one at which the site is open."""
    told = heading(shop, Given(called="4001", caller="13800138000", at="2026-10-01 09:00"))
    assert told == "13800138000 calls 4001, Thursday 2026-10-01 09:00, in zh"
    assert (
        heading(shop, Given(entry="english", language="en")) == "Somebody is at english, Monday 2026-01-05 09:00, in en"
    )


# -- the command -----------------------------------------------------------------------------------------------------


def test_lines_of_the_input_are_the_callers_acts() -> None:
    """Without --keys a person is asked, line by line: keys, an empty line for silence, a result for a script. What is
    no act is told on stderr and asked again; the end of the input hangs up. Questions are for terminals alone."""
    done = hotline("try", "chinese", text="x\n\n1\nnever\ndone\n")
    assert done.returncode == 0
    timed = re.findall(r"^ +[\d.]+  (?!.*\()(.*)$", done.stdout, re.MULTILINE)
    assert timed == [
        "silence, 5 s",
        "key 1",
        "script order_status: done",
        "the caller hangs up",
    ]
    assert done.stderr.splitlines() == [
        "found 'x'; expected keys such as 12#, !1 to cut off what is said, ~8 to speak for 8 s, T for silence, "
        "q to hang up",
        "found 'never'; expected one of done, person, failed, or nothing",
    ]


def test_what_a_backend_says_is_asked_at_the_terminal() -> None:
    """Fields, or a word; what is neither is asked again, and nothing at all is that it failed."""
    lines = ["9999", "not_found", "1001", "locked", "five", "price=5.00", "2", "1002"]
    done = hotline("try", "prices", "--lang", "en", text="\n".join([*lines, "", ""]))
    told = [line.split("  ")[-1] for line in done.stdout.splitlines() if "backend" in line]
    assert told == [
        "backend product_price: not found",
        "backend product_price: found (price = 5.00)",
        "backend product_price: failed",
    ]
    assert done.stderr.splitlines() == [
        "an account is locked before its backend is asked: --backend NAME=locked",
        "found 'five'; expected not_found, refused, failed, locked or FIELD=VALUE,FIELD=VALUE",
    ]


def test_records_are_shown_when_asked_for() -> None:
    """With --records the journal's lines stand where they would be written."""
    shown = hotline("try", "closed", "--keys", "q", "--records").stdout
    assert [line.split()[0] for line in shown.splitlines() if re.match(r" {11}[A-Z]{5}", line)] == [
        *("CALLSTART", "IVRSTEP", "LANGUAGE", *["IVRSTEP"] * 3, "IVREND")
    ]


def test_a_folder_stands_for_its_site(tmp_path: Path) -> None:
    """As with check, test and draw; with --site as well, and one place to begin at besides, not two."""
    named = hotline("try", str(FLOWERS), "main.person", "--keys", "q")
    assert named.stdout == hotline("try", "--site", str(FLOWERS), "main.person", "--keys", "q").stdout
    assert "the caller waits in queue florists" in named.stdout
    assert hotline("try", str(FLOWERS), "--keys", "q").stdout.startswith("Somebody calls 4000")
    many = hotline("try", str(FLOWERS), "4000", "main")
    assert (many.returncode, many.stdout) == (2, "")
    assert "expected one place at which the call begins" in many.stderr


def test_a_broken_site_is_told_briefly(tmp_path: Path) -> None:
    """Three of its errors at their places, and the command that shows all of them."""
    site = shutil.copytree(FLOWERS, tmp_path / "site")
    menu = site / "menus" / "main.yaml"
    menu.write_text(menu.read_text("utf-8").replace("prompt: ", "prompt: x"), "utf-8")
    told = hotline("try", str(site)).stderr.splitlines()
    assert told[0] == f"hotline: {site} has 8 errors; `hotline check {site}` shows all, each with its line:"
    assert told[1].startswith(f"  {menu}:4:22: ")
    assert (len(told), told[-1]) == (5, "  ...")


def test_acts_after_the_end_are_told() -> None:
    """Keys for which the call was over too soon are named on stderr; the call itself was well."""
    done = hotline("try", "closed", "--keys", "T T 1")
    assert (done.returncode, done.stderr) == (0, "the call was over before: T 1\n")


@pytest.mark.parametrize(
    "words", [["--keys", "one"], ["nowhere"], ["--site", "nowhere"], ["--set", "a"], ["--backend", "place_order=yes"]]
)
def test_what_cannot_be_tried_is_1(words: list[str]) -> None:
    """Nothing on stdout, the reason on stderr."""
    done = hotline("try", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hotline: ")


@pytest.mark.parametrize(
    "words",
    [
        ["--keys", "1 T 9 1 star"],
        ["--keys", "!23"],
        ["--keys", "1 1 q", "--script", "order_status=done"],
        ["english", "--lang", "en", "--keys", "2", "--queue", "orders=full", "--callback", "orders=declined"],
        [
            "prices",
            "--keys",
            "9999 1001",
            "--backend",
            "product_price=not_found",
            "--backend",
            "product_price=price=5.00",
        ],
        ["prices", "--keys", "1001", "--backend", "product_price=price=98.50,slow=2.5"],
        ["points", "--keys", "80001# 246813", "--backend", "member_points=points=12"],
        ["points", "--keys", "80001# 246813", "--backend", "member_points=locked"],
        ["points", "--keys", "80001# 246813"],
        ["4002", "--keys", "T", "--at", "2026-10-01 09:00", "--caller", "13800138000", "--set", "level=gold"],
    ],
)
def test_a_call_that_is_kept_is_a_test_that_passes(shop: Stage, tmp_path: Path, words: list[str]) -> None:
    """--save-test writes the call as a scenario; it holds at once, and is not written over."""
    file = tmp_path / "deep" / "kept.ivrtest.yaml"
    words = [word.replace("star", "*") for word in words]
    assert hotline("try", *words, "--save-test", str(file)).stderr.endswith(f"wrote {file}\n")
    done = run_file(shop, file)
    assert (list(failures(done)), done.passed) == ([], 1)
    assert "246813" not in file.read_text("utf-8")
    assert hotline("try", *words, "--save-test", str(file)).returncode == 1


# -- the page --------------------------------------------------------------------------------------------------------


def examples(page: Path) -> list[tuple[str, str]]:
    """Every command that the page shows, and what it shows as printed."""
    blocks = re.findall(r"```\n\$ hotline (.*?)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return [(words, shown) for words, shown in blocks]


@pytest.mark.parametrize(("words", "shown"), examples(PAGE), ids=lambda text: text.split("\n")[0][:30])
def test_the_page_shows_what_is_printed(words: str, shown: str) -> None:
    """docs/try.md, example by example: to the letter."""
    assert hotline(*shlex.split(words)).stdout == shown


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_pages_scenario_passes(shop: Stage, tmp_path: Path) -> None:
    """The file that the page shows holds for the shop."""
    (text,) = blocks("yaml")
    (tmp_path / "page.ivrtest.yaml").write_text(text, "utf-8")
    done = run_file(shop, tmp_path / "page.ivrtest.yaml")
    assert (list(failures(done)), done.passed) == ([], 1)


def test_the_pages_picture_is_the_shop() -> None:
    """As `hotline draw` prints it today."""
    assert blocks("mermaid") == [hotline("draw", "--menu", "welcome").stdout]


def test_the_page_has_examples() -> None:
    """The test above has something to hold."""
    assert len(examples(PAGE)) >= 3
