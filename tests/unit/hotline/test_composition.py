"""What joins the rooms: the site as a flow, Asterisk's configuration in the state folder, the scripts."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd import callback_line, switchboard, transfer
from acd.heard import EVENTS
from dialplan.hours import Calendar, Hours
from dialplan.loader import load_site
from dialplan.render import Places
from dialplan.site import Site
from hotline.asterisk_conf import render_for_reading, write_configuration
from hotline.asterisk_tree import Asterisk
from hotline.faults import HotlineError
from hotline.flow_of_site import flow_of
from hotline.scripts import PROMPTS, scripts_of
from hotline.settings import SHOP_SITE, settle
from hotline.state import State
from ivr.collector import keys_of
from ivr.flow import Handlers
from ivr.hours import Hours as FlowHours
from ivr.hours import Span
from ivr.nodes import KINDS, Collect
from ivr.voice import Voice


@pytest.fixture(scope="module")
def shop() -> Site:
    return load_site(SHOP_SITE)


class SilentJournal:
    """Takes records and forgets them."""

    def append(self, verb: str, **fields: object) -> None: ...


def voice_that_says(*prompt_ids: str) -> Voice:
    return Voice(["zh"], {prompt_id: {} for prompt_id in prompt_ids}, {})


def test_every_node_of_the_shop_is_in_the_flow(shop: Site) -> None:
    """The flow has each node of each menu, of the same kind, with the same fields; each number starts at one."""
    flow = flow_of(shop)
    written = {f"{menu}.{name}": node for menu, tree in shop.menus.items() for name, node in tree.nodes.items()}
    assert {address: KINDS[type(node)] for address, node in flow.nodes.items()} == {
        address: node.type for address, node in written.items()
    }
    assert all(flow.find(entry) for entry in shop.numbers.values())
    assert flow.prompts() == {prompt for node in written.values() for _, prompt in node.prompt_ids()}


def test_fields_come_over_whole(site_with: "SiteWith") -> None:
    """A node's own times, limits, retries and keys reach the flow; none is left at the flow's default."""
    node = flow_of(
        site_with(
            "ask: {type: collect, prompt: hello, into: number, min_digits: 3, max_digits: 4, terminator: star, "
            "no_input: {max: 7, prompt: hello}, first_digit_seconds: 9, inter_digit_seconds: 8, next: bye, "
            "exhausted: bye}"
        )
    ).nodes["main.ask"]
    assert isinstance(node, Collect)
    assert (node.min_digits, node.max_digits, node.first_digit_seconds, node.inter_digit_seconds) == (3, 4, 9, 8)
    assert (node.no_input.max, node.no_input.prompt) == (7, ("hello",))
    assert keys_of(node.terminator or "") == "*"


def test_what_is_inherited_comes_over(shop: Site) -> None:
    """The shop's global keys, where each menu's person is, and the handlers of its nodes are known to the walk."""
    flow = flow_of(shop)
    assert flow.keys == {"0": "person", "*": "back", "#": "repeat", "9": "main"}
    assert flow.person("english.main") == "english.orders"
    assert flow.main("english.anything_else") == "english.main"
    assert flow.keys_at("feedback.rate") == {}
    handlers = flow.handlers_of("english.main")
    assert (handlers.error, handlers.max_seconds, handlers.too_long) == ("english.orders", 900, "english.orders")
    assert flow.handlers_of("closed.say_chinese") == Handlers()


def test_hours_come_over_day_by_day(site_with: "SiteWith") -> None:
    """Days written together become each weekday's own spans in minutes, dates become holidays, the zone is loaded."""
    written = Hours(
        timezone="Asia/Shanghai",
        open={"saturday-monday": ["09:00-12:30", "13:00-24:00"], "tuesday": []},
        holidays={"2026-10-01": []},
        closed="main.bye",
    )
    site = site_with("ask: {type: say, prompt: hello, next: bye}")
    assert flow_of(site).hours is None
    spans = (Span(540, 750), Span(780, 1440))
    assert flow_of(site.model_copy(update={"hours": written})).hours == FlowHours(
        ZoneInfo("Asia/Shanghai"), {5: spans, 6: spans, 0: spans, 1: ()}, "main.bye", {date(2026, 10, 1): ()}
    )


def test_a_calendar_has_its_special_days(site_with: "SiteWith") -> None:
    """Days off of China are closed and make-up workdays are like Monday; `workdays` have another weekday's times, and
    the site's own `holidays` win over all of it."""
    calendar = Calendar(
        timezone="Asia/Shanghai",
        open={"monday": ["09:00-17:00"], "tuesday-friday": ["10:00-18:00"]},
        public_holidays="china",
        workdays={"2026-11-21": "friday"},
        holidays={"2026-10-02": ["12:00-13:00"]},
    )
    site = site_with("ask: {type: say, prompt: hello, next: bye}").model_copy(
        update={"calendars": {"office": calendar}}
    )
    flow = flow_of(site)
    days = flow.calendars["office"].holidays
    assert {day: days.get(date(2026, *day)) for day in ((10, 1), (10, 2), (10, 10), (11, 21), (11, 23))} == {
        (10, 1): (),
        (10, 2): (Span(720, 780),),
        (10, 10): (Span(540, 1020),),
        (11, 21): (Span(600, 1080),),
        (11, 23): None,
    }
    assert flow.timezone == ZoneInfo("Asia/Shanghai")


class SiteWith:
    """Makes a site whose one menu has the given node beside a hang-up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, node: str) -> Site:
        files = {
            "site.yaml": 'name: Test\nlanguages: [en]\nnumbers: {"4001": main}\n',
            "queues.yaml": "orders: {name: {en: Orders}}\n",
            "agents.yaml": '"1001": {name: Ann}\n',
            "prompts.yaml": "hello: {en: Hello}\n",
            "menus/main.yaml": f"entry: ask\nnodes:\n  {node}\n  bye: {{type: queue, queue: orders}}\n",
        }
        for name, text in files.items():
            (self._folder / name).parent.mkdir(exist_ok=True)
            (self._folder / name).write_text(text)
        return load_site(self._folder)


@pytest.fixture
def site_with(tmp_path: Path) -> SiteWith:
    return SiteWith(tmp_path)


def test_configuration_is_private_and_complete(tmp_path: Path, shop: Site) -> None:
    """Every rendered file is in the state folder with mode 0600, and a file that is not rendered any more is gone."""
    state = State.at(tmp_path)
    state.make()
    asterisk = Asterisk(("asterisk",), "22", tmp_path, tmp_path, tmp_path)
    settings = settle(state, SHOP_SITE, shop.extensions)
    start = write_configuration(shop, settings, state, asterisk)
    (start.parent / "queues.conf").write_text("of an earlier version")
    assert write_configuration(shop, settings, state, asterisk) == start
    names = {file.name for file in start.parent.iterdir()}
    assert {"asterisk.conf", "pjsip.conf", "extensions.conf", "manager.conf"} <= names
    assert "queues.conf" not in names
    assert {file.stat().st_mode & 0o777 for file in start.parent.iterdir()} == {0o600}
    assert settings.ami_secret in (start.parent / "manager.conf").read_text()


def test_legs_are_read_where_they_are_written(tmp_path: Path) -> None:
    """The journal of legs that the records follow is the one that Asterisk is told to write."""
    state = State.at(tmp_path)
    assert state.legs == Places(state.asterisk, state.run, tmp_path, tmp_path, tmp_path, tmp_path).legs


def test_configuration_for_reading_holds_no_secret(tmp_path: Path) -> None:
    """`hotline conf` shows words where secrets stand, and makes nothing."""
    rendered = render_for_reading(State.at(tmp_path / "state"), SHOP_SITE)
    assert "AMI-SECRET" in rendered["manager.conf"]
    assert not (tmp_path / "state").exists()


def test_asterisk_sends_the_acd_what_it_reads(tmp_path: Path) -> None:
    """Each event that a part of the ACD acts on is one that its link keeps, and that Asterisk is told to send."""
    manager = render_for_reading(State.at(tmp_path / "state"), SHOP_SITE)["manager.conf"]
    assert all(f"eventfilter(name({event})" in manager for event in EVENTS)
    assert manager.count("\neventfilter") == len(EVENTS)
    assert {*switchboard._ACTS, *transfer._ACTS, *callback_line._ACTS} <= EVENTS


def test_scripts_of_the_shop_are_all_there(shop: Site, tmp_path: Path) -> None:
    """Each script that the shop's menus use is served, and the shop's prompts have all that it says."""
    settings = settle(State.at(tmp_path), SHOP_SITE, shop.extensions)
    scripts = scripts_of(shop, settings, voice_that_says(*shop.prompts), SilentJournal())
    assert set(scripts) == {"order_status"}


def test_site_that_uses_no_script_needs_none_of_their_words(site_with: SiteWith, tmp_path: Path) -> None:
    """A site without script nodes serves no script and need not have their prompts."""
    settings = settle(State.at(tmp_path), tmp_path, [])
    site = site_with("ask: {type: say, prompt: hello, next: bye}")
    assert scripts_of(site, settings, voice_that_says(), SilentJournal()) == {}


def test_script_that_nobody_wrote_is_named(site_with: SiteWith, tmp_path: Path) -> None:
    """A script node with an unknown name is refused at the start, with the names there are."""
    site = site_with("ask: {type: script, script: horoscope, results: {done: bye}, failed: bye}")
    settings = settle(State.at(tmp_path), tmp_path, [])
    with pytest.raises(HotlineError, match=r"horoscope, which does not exist; there are: order_status"):
        scripts_of(site, settings, voice_that_says(), SilentJournal())


def test_script_without_its_words_is_named(shop: Site, tmp_path: Path) -> None:
    """A site that lacks a prompt which its script says is refused at the start, with the prompt's id."""
    settings = settle(State.at(tmp_path), SHOP_SITE, [])
    said = PROMPTS["order_status"] - {"ask_order"}
    with pytest.raises(HotlineError, match=r"lacks what the script order_status says: ask_order$"):
        scripts_of(shop, settings, voice_that_says(*said), SilentJournal())
