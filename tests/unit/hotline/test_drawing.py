"""`hotline draw`: what is drawn, how it is written, and what callers did."""

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from db.engine import open_engine
from db.migrate import upgrade
from db.reports.walks import walks
from db.schema import IvrStep
from hotline.drawing import Arrow, Box, Drawing, draw_site, with_traffic
from hotline.drawing_text import dot, mermaid, svg
from hotline.drawing_traffic import count, traffic_of
from hotline.faults import HotlineError
from hotline.rehearsing import stage_of
from hotline.settings import SHOP_SITE, settle
from hotline.state import State
from tests.unit.hotline.test_cli import hotline

SITE = stage_of(SHOP_SITE).site
TRICKY = Drawing(
    'a "b": #1', (Box("x.end", ('say "hi" #1\\', "<b>"), "ask", "end"), Box("q", ("q",), "beyond", "")), ()
)


def arrows(menu: str | None = None) -> set[tuple[str, str, str]]:
    return {(arrow.source, arrow.target, arrow.label) for arrow in draw_site(SITE, menu).arrows}


def test_every_node_and_edge_of_the_site_is_drawn() -> None:
    """A box for each node, an arrow for each pair of nodes that an edge joins, with all keys that lead along it."""
    drawing = draw_site(SITE)
    assert {box.name for box in drawing.boxes if box.group} == stage_of(SHOP_SITE).graph.nodes.keys()
    assert ("chinese.main", "chinese.orders", "2, exhausted") in arrows()
    assert ("chinese.order_status", "chinese.orders", "failed") in arrows()
    assert ("chinese.orders", "chinese.orders_queue", "") in arrows()


def test_the_world_around_the_menus_is_drawn() -> None:
    """Numbers, the closed hours, queues, and the keys by which callers who wait come back."""
    assert {
        ("number 4001", "welcome.welcome", ""),
        ("number 4002", "chinese.orders", ""),
        ("outside the hours", "closed.say_chinese", ""),
        ("english.orders_queue", "queue orders", ""),
        ("queue orders", "welcome.welcome", "star while waiting"),
    } <= arrows()


def test_one_menu_shows_where_it_leads() -> None:
    """Nodes of other menus are drawn only where an arrow ends at them, outside of any frame."""
    drawing = draw_site(SITE, "welcome")
    assert {box.name: box.group for box in drawing.boxes} == {
        **dict.fromkeys(("welcome.welcome", "welcome.pick_language", "welcome.speak_english"), "welcome"),
        **dict.fromkeys(("number 4001", "chinese.main", "english.main"), ""),
    }
    with pytest.raises(HotlineError, match="found no menu 'wellcome'; there are: "):
        draw_site(SITE, "wellcome")


def test_words_are_in_the_language_that_is_asked_for() -> None:
    """What is said at a node, shortened, and a queue's name."""
    lines = {box.name: box.lines for box in draw_site(SITE, "closed", "en").boxes}
    assert lines["closed.say_chinese"] == ("say_chinese", "Hello, this is the Sun…")
    assert {box.name: box.lines for box in draw_site(SITE, None, "en").boxes}["queue support"][1] == "Support"


def test_mermaid_takes_any_words() -> None:
    """Quotes, #, < and a menu named `end` mean something to Mermaid, a colon to the title: none is left bare."""
    assert mermaid(TRICKY).splitlines() == [
        *("---", r'title: "a \"b\": #1"', "---", "flowchart TD"),
        '  subgraph menu_end["end"]',
        '    n0{{"say #quot;hi#quot; #35;1\\<br/>#lt;b>"}}',
        "  end",
        '  n1(["q"])',
    ]


def test_dot_takes_any_words() -> None:
    """Quotes and backslashes are escaped, lines broken as Graphviz reads it."""
    assert r'"x.end" [shape=hexagon, label="say \"hi\" #1\\\n<b>"];' in dot(TRICKY)
    assert dot(TRICKY).startswith('digraph "a \\"b\\": #1" {') and dot(TRICKY).endswith("}\n")


def test_each_box_has_one_name_in_mermaid() -> None:
    """Every arrow joins two boxes of the text."""
    text = mermaid(draw_site(SITE))
    named = set(re.findall(r"^ +(n\d+)[\[{(]", text, re.MULTILINE))
    joined = set(re.findall(r"^  (n\d+) .*?--> (n\d+)$", text, re.MULTILINE))
    assert {end for arrow in joined for end in arrow} <= named
    assert len(named) == len(draw_site(SITE).boxes)


def test_svg_is_what_graphviz_makes_of_the_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program `dot` is given the text and asked for svg. (A stand-in shows it: the real one need not be there.)"""
    stand_in = tmp_path / "dot"
    stand_in.write_text('#!/bin/sh\necho "<svg $1>"\n/bin/cat\n', "utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert svg(TRICKY) == f"<svg -Tsvg>\n{dot(TRICKY)}"
    stand_in.write_text("#!/bin/sh\necho no fonts >&2\nexit 1\n", "utf-8")
    with pytest.raises(HotlineError, match="has drawn nothing: no fonts"):
        svg(TRICKY)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(HotlineError, match="svg needs Graphviz: apt-get install graphviz"):
        svg(TRICKY)


# -- traffic ---------------------------------------------------------------------------------------------------------

CALLS = [
    [("welcome.welcome", "said"), ("welcome.pick_language", "matched"), ("chinese.main", "left_in_menu")],
    [("welcome.welcome", "said"), ("welcome.pick_language", "left_in_menu")],
    [("welcome.welcome", "said"), ("welcome.pick_language", "matched"), ("welcome.speak_english", "en")],
    [("welcome.welcome", "left_in_menu")],
]


def test_traffic_is_told_at_boxes_and_arrows() -> None:
    """Four came to the welcome and one hung up in it; three of the four, 75 %, went on; a third took Chinese."""
    drawing = with_traffic(draw_site(SITE, "welcome"), count(CALLS))
    lines = {box.name: box.lines[-1] for box in drawing.boxes}
    assert lines["welcome.welcome"] == "4 steps, 1 hung up (25 %)"
    assert lines["welcome.speak_english"] == "1 step"
    assert lines["chinese.main"] == "chinese.main"
    weighed = {(arrow.source, arrow.target): (arrow.label, arrow.weight) for arrow in drawing.arrows}
    assert weighed["welcome.welcome", "welcome.pick_language"] == ("75 %", 0.75)
    assert weighed["welcome.pick_language", "chinese.main"][0] == "1, exhausted 33 %"


def test_shares_are_the_width_of_the_arrows() -> None:
    """In Mermaid a style by the arrow's number, in dot its pen; where nobody was there is no share."""
    boxes = tuple(Box(name, (name,), "step", "m") for name in "ab")
    drawing = Drawing("t", boxes, (Arrow("a", "b", "1 50 %", 0.5), Arrow("b", "a", "")))
    assert "  linkStyle 0 stroke-width:2.5px" in mermaid(drawing)
    assert "linkStyle 1" not in mermaid(drawing)
    assert '"a" -> "b" [label="1 50 %", penwidth=2.5];' in dot(drawing)


def test_walks_are_the_steps_of_each_call_in_order(database_url: str) -> None:
    """Steps are put in the order of their number in the call, of the span alone: the tenth comes after the ninth."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    engine = open_engine(database_url)
    with Session(engine) as session:
        for call, number, node, at in (
            ("a.1", 10, "bye", noon + timedelta(seconds=9)),
            ("a.1", 9, "main", noon),
            ("a.2", 1, "main", noon),
            ("a.3", 1, "main", noon - timedelta(days=1)),
        ):
            session.add(_step(call, number, node, at))
        session.commit()
    assert walks(engine, noon, noon + timedelta(hours=1)) == [[("m.main", "x"), ("m.bye", "x")], [("m.main", "x")]]
    engine.dispose()


def test_walks_of_one_version(database_url: str) -> None:
    """Calls of another version of the site took other ways; what a script tells of itself is no step of the menus."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    engine = open_engine(database_url)
    with Session(engine) as session:
        session.add(_step("a.1", 1, "main", noon, version="0a1b2c3d4e5f"))
        session.add(_step("a.2", 1, "other", noon, version="ffffffffffff"))
        script = _step("a.1", 2, "script", noon, version="0a1b2c3d4e5f")
        script.step_id = "a.1:order_status:1700000000.000:1"
        session.add(script)
        session.commit()
    assert walks(engine, noon, noon + timedelta(hours=1), "0a1b2c3d4e5f") == [[("m.main", "x")]]
    assert len(walks(engine, noon, noon + timedelta(hours=1))) == 2
    engine.dispose()


def _step(call: str, number: int, node: str, at: datetime, version: str | None = None) -> IvrStep:
    return IvrStep(
        version=version,
        **{"step_id": f"{call}:{number}", "call_id": call, "menu": "m", "node": node, "kind": "menu", "language": "zh"},
        **{"started_at": at, "ended_at": at, "attempts": 1, "input": "1", "result": "x"},
    )


def test_traffic_of_a_day_is_read_from_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days are those of this machine's zone; the database is the state's."""
    monkeypatch.delenv("HOTLINE_DATABASE", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    state = State.at(tmp_path)
    settle(state, SHOP_SITE, [])
    upgrade(f"sqlite:///{state.database}")
    engine = open_engine(f"sqlite:///{state.database}")
    with Session(engine) as session:
        session.add(_step("a.1", 1, "main", datetime(2026, 11, 20, 23, 59, tzinfo=UTC)))
        session.commit()
    engine.dispose()
    assert traffic_of(state, date(2026, 11, 20), date(2026, 11, 20)).steps == {"m.main": 1}
    assert traffic_of(state, date(2026, 11, 21), None).steps == {}


def test_a_database_that_cannot_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without tables there is nothing to draw: the reason, no traceback."""
    monkeypatch.delenv("HOTLINE_DATABASE", raising=False)
    state = State.at(tmp_path)
    settle(state, SHOP_SITE, [])
    with pytest.raises(HotlineError, match="the records cannot be read: no such table"):
        traffic_of(state, None, None)


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_shop_is_drawn_by_default() -> None:
    """Mermaid on stdout, nothing else."""
    done = hotline("draw", "--format", "dot")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("digraph ")


@pytest.mark.parametrize("words", [["--menu", "nowhere"], ["nowhere"], ["--traffic", "--state", "nowhere"]])
def test_what_cannot_be_drawn_is_1(words: list[str]) -> None:
    """A menu, a site or a state that is not there: nothing on stdout, the reason on stderr."""
    done = hotline("draw", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hotline: ")
