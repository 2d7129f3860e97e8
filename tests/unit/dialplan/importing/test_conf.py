"""Asterisk's configuration syntax, with what makes it tricky (main/config.c)."""

from pathlib import Path

import pytest

from dialplan.importing.conf import Conf, Place, Setting, read_conf, strip_comments


def read(folder: Path, text: str, **more: str) -> Conf:
    """Read `text` as queues.conf, beside other files of that folder."""
    for name, content in {"queues": text, **more}.items():
        (folder / f"{name}.conf").write_text(content)
    return read_conf(folder, "queues.conf")


def values(conf: Conf) -> dict[str, list[tuple[str, str]]]:
    return {section.name: [(one.name, one.value) for one in section.settings] for section in conf.sections}


def complaints(conf: Conf) -> list[str]:
    return [f"{one.place}: {one.why}" for one in conf.malformed]


def test_both_signs_set_and_names_may_come_again(tmp_path: Path) -> None:
    """`=`, `=>`, blanks or none: each line is a setting, in order, with its line and column."""
    conf = read(tmp_path, "[sales]\nmember => PJSIP/1001\n  member=PJSIP/1002,2\nstrategy = linear\nurl = a=b\n")
    assert values(conf) == {
        "sales": [("member", "PJSIP/1001"), ("member", "PJSIP/1002,2"), ("strategy", "linear"), ("url", "a=b")]
    }
    assert conf.sections[0].settings[1] == Setting("member", "PJSIP/1002,2", Place("queues.conf", 3, 3))
    last = conf.sections[0].last("member")
    assert last is not None
    assert last.value == "PJSIP/1002,2"
    assert not conf.malformed


def test_comments_end_lines_or_span_them(tmp_path: Path) -> None:
    """`;` to the end of the line; `;--` to `--;` over lines, also one in another; `;---` is plain; `\\;` is none."""
    text = """\
[a] ; the first
x = 1 ; one
;-- gone
[b]
;-- deeper --;
y = 2
--; z = 3
;---- a ruler, not a beginning
p = one\\;two ; three
q = 1;--inside--;2
"""
    assert values(read(tmp_path, text)) == {"a": [("x", "1"), ("z", "3"), ("p", "one;two"), ("q", "1            2")]}


def test_an_open_comment_is_told(tmp_path: Path) -> None:
    """A `;--` without its `--;` would hide the rest of the file without a word."""
    assert complaints(read(tmp_path, "[a]\n;-- open\nx = 1\n")) == [
        "queues.conf:4:1: the file ends within a comment that ;-- began"
    ]


@pytest.mark.parametrize(
    ("line", "before", "kept", "after"),
    [("a = b", 0, "a = b", 0), ("x --; y", 1, "      y", 0), (";--", 1, "", 2), ("--; y", 0, "--", 0)],
)
def test_one_line_without_comments(line: str, before: int, kept: str, after: int) -> None:
    """What is left of a line, in its columns, and how many comments are open after it."""
    assert strip_comments(line, before) == (kept, after)


def test_templates_are_begun_with_and_not_told_as_queues(tmp_path: Path) -> None:
    """`(!)` marks a template, `(a,b)` begins with both in that order, `(!,a)` does so as a template itself."""
    text = "[a](!)\nx = 1\ny = 1\n[b](!,a)\ny = 2\n[c](b,a)\nz = 3\n"
    conf = read(tmp_path, text)
    c = conf.section("c")
    assert c is not None
    assert [section.is_template for section in conf.sections] == [True, True, False]
    assert [(one.name, one.value) for one in c.settings] == [
        *[("x", "1"), ("y", "1"), ("y", "2")],
        *[("x", "1"), ("y", "1")],
        ("z", "3"),
    ]
    assert c.settings[2].place.line == 5


def test_a_section_can_be_added_to_and_a_value_appended_to(tmp_path: Path) -> None:
    """`(+)` goes on in the section that was there; `+=` appends to the value that the name has so far."""
    conf = read(tmp_path, "[a]\nx = 1\n[b]\nx = 2\n[a](+)\nx += ,3\ny += 4\n")
    assert values(conf) == {"a": [("x", "1,3"), ("y", "4")], "b": [("x", "2")]}


def test_includes_go_on_where_they_stand(tmp_path: Path) -> None:
    """`#include` with quotes, brackets or neither, and with wildcards in order of name; a missing one is told, one that
    is only tried is not."""
    targets = (
        'include "one.conf"',
        "include part*.conf",
        "tryinclude none.conf",
        "include <two.conf>",
        "include gone.conf",
    )
    text = "[a]\n" + "".join(f"#{target}\n" for target in targets)
    conf = read(tmp_path, text, one="x = 1\n", part2="x = 3\n", part1="x = 2\n", two="[b]\nx = 4\n")
    assert values(conf) == {"a": [("x", "1"), ("x", "2"), ("x", "3")], "b": [("x", "4")]}
    assert str(conf.sections[0].settings[0].place) == "one.conf:1:1"
    assert complaints(conf) == ["queues.conf:6:1: there is no file gone.conf"]


def test_files_that_include_each_other_come_to_an_end(tmp_path: Path) -> None:
    """Ten deep, as in Asterisk, and told."""
    conf = read(tmp_path, "#include queues.conf\n")
    assert complaints(conf) == ["queues.conf:1:1: files include each other 10 deep"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a]\n#exec /bin/members.sh\n", "2:1: #exec is not carried out: run /bin/members.sh yourself and #include"),
        ("[a]\nhello\n", "2:1: expected `name = value`, found 'hello'"),
        ("[a]\n = 1\n", "2:2: expected `name = value`, found '= 1'"),
        ("x = 1\n", "1:1: x stands before the first [section]"),
        ("[a\nx = 1\n", "1:1: expected `[name]` or `[name](templates)`, found '[a'"),
        ("[a] b\n", "1:1: expected `[name]` or `[name](templates)`, found '[a] b'"),
        ("[a](b)\n", "1:1: [a] begins with b, which does not exist"),
        ("[a](+)\n", "1:1: [a](+) adds to a section that does not exist"),
        ("[a]\n#define x\n", "2:1: expected #include FILE, found '#define x'"),
        ("[a]\n#include\n", "2:1: expected #include FILE, found '#include'"),
    ],
)
def test_a_line_that_is_none_is_named_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    """File, line, column, and what was expected; what follows is still read."""
    assert complaints(read(tmp_path, text))[0].startswith(f"queues.conf:{complaint}")


def test_a_file_that_is_not_there_is_a_complaint(tmp_path: Path) -> None:
    """Nothing is raised: the report names it beside the rest."""
    assert complaints(read_conf(tmp_path, "queues.conf")) == [
        "queues.conf:1:1: queues.conf cannot be read: No such file or directory"
    ]
