"""How a fault is shown."""

from __future__ import annotations

from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted, render_all, render_text


def test_a_fault_is_shown_with_its_line_and_a_caret() -> None:
    """file:line:column: what was found; what was expected; the way to mend it [rule], then the line and the place."""
    fault = Fault("menus/main.yaml", 3, 9, "unknown-node", 'found "mian"', "a node", 'did you mean "main"?')
    assert render_text(fault, "  next: mian").splitlines() == [
        'menus/main.yaml:3:9: found "mian"; expected a node; did you mean "main"? [unknown-node]',
        "    next: mian",
        "          ^",
    ]


def test_the_caret_stands_below_wide_characters() -> None:
    """A Chinese character takes two cells of a terminal, so the caret moves by two for each before it."""
    fault = Fault("prompts.yaml", 1, 6, "bad-slot", "found")
    assert render_text(fault, "您好: {x").splitlines()[1:] == ["  您好: {x", "         ^"]


def test_a_tab_before_the_place_is_kept() -> None:
    """How wide a tab is depends on the terminal: the caret's line has the same one."""
    assert render_text(Fault("a.yaml", 1, 2, "tab", "found a tab"), "\tx").splitlines()[2] == "  \t^"


def test_a_warning_says_so_and_a_missing_line_is_left_out() -> None:
    """Where there is no source line, the message stands alone."""
    fault = Fault("a.yaml", 7, 1, "no-person", "no way", severity=Severity.WARNING)
    assert render_all([fault], {"a.yaml": ("one line",)}) == "a.yaml:7:1: warning: no way [no-person]"
    assert render_all([fault], {}) == "a.yaml:7:1: warning: no way [no-person]"


def test_faults_sort_by_place() -> None:
    """File, then line, then column: the order in which an admin works through them."""
    faults = [
        Fault("b", 1, 1, "x", ""),
        Fault("a", 10, 1, "x", ""),
        Fault("a", 9, 2, "x", ""),
        Fault("a", 9, 1, "x", ""),
    ]
    assert [(fault.file, fault.line, fault.column) for fault in sorted(faults)] == [
        ("a", 9, 1), ("a", 9, 2), ("a", 10, 1), ("b", 1, 1),
    ]  # fmt: skip


def test_words_for_the_admin() -> None:
    """A near name is offered and a far one is not; long lists are cut; any text stays on one line."""
    assert did_you_mean("oders", ["orders", "support"]) == 'did you mean "orders"?'
    assert did_you_mean("xyz", ["orders"]) == ""
    assert one_of(["b", "a"]) == "one of a, b"
    assert one_of([str(number) for number in range(12)], limit=2) == "one of 0, 1, ... (12 in all)"
    assert one_of([]) == ""
    assert quoted('a\n"b"您') == '"a\\n\\"b\\"您"'
    assert len(quoted("x" * 500)) == 60
