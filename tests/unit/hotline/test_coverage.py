"""Coverage of decisions and sub-flows: each way counts by itself, and the way out of a sub-flow is that of its call."""

from pathlib import Path

import pytest

from dialplan.graph import Edge
from dialplan.scenario import read_scenarios
from hotline.coverage import coverage_of
from hotline.rehearsing import Stage, stage_of
from hotline.scenario_running import run
from tests.unit.dialplan.site_text import write_site

SITE = """\
name: Tea House
languages: [zh, en]
numbers: {"4001": main}
trunks: [{name: carrier, addresses: ["192.0.2.10"]}]
calendars:
  shop: {timezone: Asia/Shanghai, open: {monday-friday: ["09:00-17:00"]}}
"""
MAIN = """\
entry: when
nodes:
  when: {type: hours, calendar: shop, open: first, closed: end}
  first: {type: call, flow: ask, into: {kind: kind}, next: second}
  second: {type: call, flow: ask, into: {kind: kind}, next: by_kind}
  by_kind: {type: switch, on: kind, cases: {"1": person, "2": person, "3": end}, otherwise: end}
  person: {type: queue, queue: orders, skills: {mandarin: 3}}
  end: {type: hangup, prompt: bye}
"""
ASK = """\
entry: key
nodes:
  key: {type: collect, prompt: choose, into: kind, max_digits: 1, next: back, exhausted: back}
  back: {type: return, outputs: {kind: "{kind}"}}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    menus = {"menus__main_yaml": MAIN, "menus__ask_yaml": ASK}
    prompts = "choose: {zh: 几号, en: Which one}\nbye: {zh: 再见, en: Goodbye}\n"
    return stage_of(write_site(tmp_path, site_yaml=SITE, prompts_yaml=prompts, **menus))


def keyed(keys: str) -> str:
    """A call on a Monday morning, with one key for each of the two questions."""
    return f'given: {{at: "2026-01-05 09:00"}}\nsteps: [{{hearing: choose}}, {{press: "{keys}"}}]\n'


SILENT = 'given: {at: "2026-01-05 09:00"}\nsteps: [{wait: 60}]\n'
SUNDAY = 'given: {at: "2026-01-04 12:00"}\n'


def missing(stage: Stage, *texts: str) -> tuple[Edge, ...]:
    """The edges that none of these calls has gone along."""
    scenarios = [scenario for text in texts for scenario in read_scenarios("a", text.encode())[0]]
    assert len(scenarios) == len(texts)
    return coverage_of(stage.graph, (run(scenario, stage).transcript for scenario in scenarios)).edges_missing


def test_each_case_is_an_edge_of_its_own(stage: Stage) -> None:
    """Cases 1 and 2 lead to the same person: a call with 2 has taken one of the two, and says which."""
    left_out = missing(stage, keyed("12"))
    assert Edge("main.by_kind", ("cases", "1"), "main.person") in left_out
    assert Edge("main.by_kind", ("cases", "2"), "main.person") not in left_out


def test_any_other_value_is_the_last_way(stage: Stage) -> None:
    """Case 3 and every other value lead to the end: 9 has taken `otherwise`."""
    left_out = missing(stage, keyed("19"))
    assert Edge("main.by_kind", ("cases", "3"), "main.end") in left_out
    assert Edge("main.by_kind", ("otherwise",), "main.end") not in left_out


def test_a_sub_flow_comes_back_to_the_node_after_its_call(stage: Stage) -> None:
    """Both calls of the same sub-flow are told apart: each leads in, and on by its own `next`."""
    assert not [edge for edge in missing(stage, keyed("12")) if edge.source in ("main.first", "main.second")]
    assert Edge("main.first", ("flow",), "ask.key") in stage.graph.edges


def test_hours_are_gone_through_by_the_moment_of_the_call(stage: Stage) -> None:
    """On a Sunday the calendar is closed, and nothing is asked."""
    left_out = missing(stage, SUNDAY)
    assert Edge("main.when", ("closed",), "main.end") not in left_out
    assert Edge("main.when", ("open",), "main.first") in left_out


def test_all_of_it_can_be_gone_through(stage: Stage) -> None:
    """Nothing is an edge that no call could take."""
    assert missing(stage, keyed("12"), keyed("11"), keyed("13"), keyed("14"), SILENT, SUNDAY) == ()
