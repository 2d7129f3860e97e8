"""The graph of a site: its edges, and which one a call took."""

from pathlib import Path

import pytest

from dialplan.graph import Edge, graph_of
from dialplan.loader import load_site

SHOP = graph_of(load_site(Path(__file__).parents[3] / "dialplan" / "sites" / "shop"))


def test_every_reference_is_an_edge() -> None:
    """Keys, fields and results of a node lead on; each is an edge of its own, though two lead to the same node."""
    assert SHOP.leaving("chinese.main") == [
        Edge("chinese.main", ("choices", "1"), "chinese.order_status"),
        Edge("chinese.main", ("choices", "2"), "chinese.orders"),
        Edge("chinese.main", ("choices", "3"), "chinese.support"),
        Edge("chinese.main", ("choices", "4"), "service.choose"),
        Edge("chinese.main", ("exhausted",), "chinese.orders"),
    ]


def test_nodes_without_exits_are_nodes() -> None:
    """The end of a call is a node that no edge leaves."""
    assert "english.bye" in SHOP.nodes
    assert SHOP.leaving("english.bye") == []


@pytest.mark.parametrize(
    ("result", "keys", "path"),
    [
        ("matched", "2", ("choices", "2")),
        ("exhausted", "", ("exhausted",)),
        ("exhausted", "6", ("exhausted",)),
    ],
)
def test_of_several_edges_the_result_tells_which_was_taken(result: str, keys: str, path: tuple[str, ...]) -> None:
    """The order desk is reached by 2 and by exhaustion: keys and result say by which."""
    taken = SHOP.taken("chinese.main", "chinese.orders", result, (keys,))
    assert taken is not None
    assert taken.path == path


def test_results_and_fields_are_told_apart() -> None:
    """A script's result is the edge of its name, its death the field `failed`, and words that were said lead on by
    `next`."""
    paths = [
        SHOP.taken("chinese.order_status", "chinese.orders_queue", "person"),
        SHOP.taken("chinese.order_status", "chinese.orders", "failed"),
        SHOP.taken("chinese.orders", "chinese.orders_queue", "said"),
    ]
    assert [edge and edge.path for edge in paths] == [("results", "person"), ("failed",), ("next",)]


def test_a_step_along_no_reference_is_no_edge() -> None:
    """A call that had walked too long is taken to a person, and no node says so."""
    assert SHOP.taken("chinese.main", "english.bye", "matched", ("1",)) is None


@pytest.mark.parametrize("result", ["person", "back", "too_long"])
def test_what_holds_everywhere_is_no_edge(result: str) -> None:
    """A global key and a call that lasts too long lead where an edge leads as well, and take none."""
    assert SHOP.taken("chinese.main", "chinese.orders", result, ("0",)) is None


def test_an_edge_reads_as_it_is_written() -> None:
    """The coverage names an edge by the node, the place in it, and where it leads."""
    assert str(SHOP.leaving("chinese.main")[0]) == "chinese.main choices 1 -> chinese.order_status"
