"""A whole folder of Asterisk's configuration becomes a site that has no fault, and a report that leaves nothing out."""

from pathlib import Path

import pytest

from dialplan.importing.migrate import NothingToImport, migrate
from dialplan.importing.report import Fate, Row
from dialplan.loader import check_site
from dialplan.nodes import QueueNode
from dialplan.site import Site

QUEUES = """\
[general]
persistentmembers = yes
autofill = no
colour = blue
[desk](!)
strategy = linear
timeout = 20
wrapuptime = 30
retry = 5
[Sales-EU](desk)
wrapuptime = 10
weight = 3
servicelevel = 60
member => PJSIP/1001,0,Wang Fang
member => Local/1002@agents/n,2,Li Qiang,PJSIP/1002
member => DAHDI/3
member => PJSIP
[help]
member => Agent/1003,0,,,yes
member => PJSIP/1001
strategy = random
timeout = 0
musicclass = jazz
[empty]
"""
AGENTS = "[general]\n[1003]\nfullname = Zhang Wei\nackcall = yes\n[1009]\nfullname = Nobody\n"
EXTENSIONS = """\
[globals]
X = 1
[incoming]
exten => 4001,1,Answer()
 same => n,Set(QUEUE_PRIO=5)
 same => n,Set(QUEUE_MAX_PENALTY=1)
 same => n,Queue(Sales-EU,tr,,,300)
 same => n,Voicemail(100)
exten => 4002,1,Set(CHANNEL(language)=de)
exten => 4002,n,Queue(help,,,,,,,,1)
exten => _5XXX,1,Queue(help)
exten => 4003,1,Queue(${WHICH})
exten => *45,1,AddQueueMember(help,PJSIP/${CALLERID(num)})
exten => *46,1,AddQueueMember(help,PJSIP/1005,3)
exten => *47,1,PauseQueueMember(,PJSIP/${CALLERID(num)})
exten => 900,1,Playback(hello)
"""
RULES = "[widen]\npenaltychange => 30,+3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of an Asterisk."""
    made = tmp_path / "etc"
    made.mkdir()
    for name, text in (
        ("queues", QUEUES),
        ("agents", AGENTS),
        ("extensions", EXTENSIONS),
        ("queuerules", RULES),
        ("extconfig", "[settings]\nqueue_members => odbc,asterisk\nsippeers => odbc,asterisk\n"),
    ):
        (made / f"{name}.conf").write_text(text)
    return made


def imported(folder: Path) -> tuple[Site, list[Row]]:
    """The site, which has no fault, and the report."""
    done = migrate(folder)
    for name, text in done.files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    checked = check_site(folder / "site")
    assert checked.site is not None, checked.report()
    assert not checked.faults
    return checked.site, done.report.in_order()


def fate(rows: list[Row], text: str) -> list[Fate]:
    return [row.fate for row in rows if row.text == text]


def test_queues_keep_what_they_do(folder: Path) -> None:
    """Times, weight and limit are those of the files, the later line over the template's; where a file says nothing it
    is app_queue's default and not ours."""
    site, _ = imported(folder)
    sales, helping = site.queues["sales_eu"], site.queues["help"]
    assert sales.name == {"en": "Sales-EU"}
    assert (sales.ring_seconds, sales.wrap_up_seconds, sales.priority, sales.wait_seconds_max) == (20, 10, 3, 300)
    assert (helping.ring_seconds, helping.wrap_up_seconds, helping.last_agent_hold_seconds) == (15, 0, 0)
    assert "desk" not in site.queues


def test_members_have_the_skill_of_their_queue(folder: Path) -> None:
    """Penalty 0 is level 10, penalty 2 level 8; the extension is the phone's; one without a number is given one; who
    joins by dialling has the skill for good; a queue without members is served by nobody, and not by everybody."""
    site, _ = imported(folder)
    skills = {extension: agent.skills for extension, agent in site.agents.items()}
    assert skills == {
        "1001": {"sales_eu": 10, "help": 10},
        "1002": {"sales_eu": 8},
        "90000": {"sales_eu": 10},
        "1003": {"help": 10},
        "1005": {"help": 7},
        "89000": {"empty": 1},
    }
    assert [site.agents[one].name for one in ("1001", "1002", "1003")] == ["Wang Fang", "Li Qiang", "Zhang Wei"]
    assert all(queue.skills == {queue.id: 1} for queue in site.queues.values())


def test_numbers_lead_to_the_queues(folder: Path) -> None:
    """Each extension with Queue() is a number with a node of its own, with the priority and the penalty that are set on
    the way; a queue that no number leads to is given one."""
    site, _ = imported(folder)
    given = {"7001": "main.n_5xxx_incoming", "7002": "main.wait_empty"}
    assert site.numbers == {"4001": "main.n4001", "4002": "main.n4002", **given}
    nodes = {name: node for name, node in site.menus["main"].nodes.items() if isinstance(node, QueueNode)}
    assert (nodes["n4001"].queue, nodes["n4001"].priority, nodes["n4001"].skills) == ("sales_eu", 5, {"sales_eu": 9})
    assert (nodes["n4002"].queue, nodes["wait_empty"].queue) == ("help", "empty")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("persistentmembers = yes", Fate.SAME),
        ("autofill = no", Fate.DECIDE),
        ("colour = blue", Fate.DECIDE),
        ("retry = 5", Fate.SAME),
        ("servicelevel = 60", Fate.DECIDE),
        ("member = PJSIP/1001,0,Wang Fang", Fate.WRITTEN),
        ("member = DAHDI/3", Fate.DECIDE),
        ("member = PJSIP", Fate.FAULT),
        ("member = Agent/1003,0,,,yes", Fate.DECIDE),
        ("strategy = random", Fate.DECIDE),
        ("timeout = 0", Fate.DECIDE),
        ("musicclass = jazz", Fate.DECIDE),
        ("fullname = Zhang Wei", Fate.WRITTEN),
        ("ackcall = yes", Fate.DECIDE),
        ("fullname = Nobody", Fate.DECIDE),
        ("queue_members = odbc,asterisk", Fate.DECIDE),
        ("Answer()", Fate.SAME),
        ("Set(QUEUE_PRIO=5)", Fate.WRITTEN),
        ("Queue(Sales-EU,tr,,,300)", Fate.WRITTEN),
        ("Queue option t", Fate.SAME),
        ("Queue option r", Fate.DECIDE),
        ("Queue timeout 300", Fate.WRITTEN),
        ("Voicemail(100)", Fate.DECIDE),
        ("Set(CHANNEL(language)=de)", Fate.DECIDE),
        ("Queue argument 9", Fate.DECIDE),
        ("Queue(help)", Fate.DECIDE),
        ("Queue(${WHICH})", Fate.DECIDE),
        ("AddQueueMember(help,PJSIP/${CALLERID(num)})", Fate.DECIDE),
        ("AddQueueMember(help,PJSIP/1005,3)", Fate.WRITTEN),
        ("PauseQueueMember(,PJSIP/${CALLERID(num)})", Fate.SAME),
        ("[widen]", Fate.DECIDE),
    ],
)
def test_what_became_of_each_line(folder: Path, text: str, expected: Fate) -> None:
    """Written, the same by itself, to decide, or malformed: one verdict for one line."""
    _, rows = imported(folder)
    assert fate(rows, text) == [expected]


def test_nothing_is_left_out_silently(folder: Path) -> None:
    """Every line of the files that says anything about queues is in the report, with its place and a reason."""
    _, rows = imported(folder)
    told = {(row.place.file, row.place.line) for row in rows}
    for file, text in (("queues.conf", QUEUES), ("agents.conf", AGENTS), ("queuerules.conf", RULES)):
        lines = text.splitlines()
        silent = {number for number, _ in enumerate(lines, start=1) if (file, number) not in told}
        assert {lines[number - 1] for number in silent} <= {
            "[general]",
            "[desk](!)",
            "penaltychange => 30,+3",
            "[1003]",
            "wrapuptime = 30",
        }
    assert all(row.why for row in rows)
    assert not [row for row in rows if row.place.file == "extensions.conf" and row.text.startswith("Playback")]


@pytest.mark.parametrize("text", [None, "[general]\nautofill=yes\n"])
def test_a_folder_without_a_queue_is_refused(tmp_path: Path, text: str | None) -> None:
    """No queues.conf, or no queue in it."""
    if text is not None:
        (tmp_path / "queues.conf").write_text(text)
    with pytest.raises(NothingToImport, match=r"queues\.conf"):
        migrate(tmp_path)


WIDENING = {
    "queues": "[a]\nstrategy = linear\ndefaultrule = widen\n"
    + "".join(f"member => PJSIP/100{number},{penalty}\n" for number, penalty in enumerate((0, 4, 11, 12))),
    "extensions": "[in]\nexten => 4001,1,Set(__QUEUE_MAX_PENALTY=2)\n same => n,Queue(a)\n",
    "queuerules": "[general]\nrealtime_rules = no\n[widen]\npenaltychange => 30,+3\npenaltychange => 60,20,5\n"
    "penaltychange => 90,20\npenaltychange => soon,1\nwiden => 3\n",
}


def test_a_rule_is_a_row_of_steps(tmp_path: Path) -> None:
    """Callers begin with the agents up to QUEUE_MAX_PENALTY, and each change that opens the call to more is a step; a
    change of the least penalty, one that opens nothing, and nonsense are named."""
    for name, text in WIDENING.items():
        (tmp_path / f"{name}.conf").write_text(text)
    site, rows = imported(tmp_path)
    fates = [row.fate for row in rows if row.place.file == "queuerules.conf"]
    assert [step.after_seconds for step in site.queues["a"].steps] == [30, 60]
    assert fates == [Fate.SAME, Fate.WRITTEN, Fate.DECIDE, Fate.WRITTEN, Fate.DECIDE, Fate.FAULT, Fate.FAULT]
    assert next(row.fate for row in rows if row.text == "member penalties") is Fate.DECIDE


@pytest.mark.parametrize(
    ("queues", "extensions", "rules", "text", "expected"),
    [
        ("[a]\ndefaultrule = none\nmember => PJSIP/10\n", "", "", "defaultrule = none", [Fate.FAULT]),
        ("[a]\nmember => PJSIP/10\nmember => PJSIP/11,x\n", "", "", "member = PJSIP/11,x", [Fate.FAULT]),
        ("[a]\nmember => PJSIP/10,,,hint:1234@x\n", "", "", "member = PJSIP/10,,,hint:1234@x", [Fate.WRITTEN]),
        ("[a]\nmember => PJSIP/4001\n", "[i]\nexten => 4001,1,Queue(a)\n", "", "Queue(a)", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 4001,1,Queue(b)\n", "", "Queue(b)", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 4001,1,Set(QUEUE_PRIO=${X})\n same => n,Queue(a)\n", "",
         "Set(QUEUE_PRIO=${X})", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 4001,1,Set(QUEUE_MIN_PENALTY=1)\n same => n,Queue(a)\n", "",
         "Set(QUEUE_MIN_PENALTY=1)", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 40,1,Queue(a,,,,soon)\n", "", "Queue timeout soon", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 4001,1,Queue(a,,,,9)\n[j]\nexten => 4002,1,Queue(a,,,,8)\n", "",
         "Queue timeout 8", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n", "[i]\nexten => 4001,1,Queue(a,?)\n", "", "Queue option ?", [Fate.DECIDE]),
        ("[a]\nannounce-frequency = 60\nperiodic-announce-frequency = 90\nmember => PJSIP/10\n", "", "",
         "periodic-announce-frequency = 90", [Fate.DECIDE]),
        ("[a]\nmember => PJSIP/10\n#exec x\n", "", "", "", [Fate.FAULT]),
    ],
)  # fmt: skip
def test_odd_lines_become_no_fault_of_the_site(
    tmp_path: Path, queues: str, extensions: str, rules: str, text: str, expected: list[Fate]
) -> None:
    """Whatever stands in the files, the site that is written has no fault, and the line is named."""
    for name, content in (("queues", queues), ("extensions", extensions), ("queuerules", rules)):
        (tmp_path / f"{name}.conf").write_text(content)
    _, rows = imported(tmp_path)
    assert fate(rows, text) == expected


@pytest.mark.parametrize(
    ("queues", "limit", "fates"),
    [
        ("[a]\nmember => PJSIP/10\n", 0, []),
        ("[a]\nautopause = no\nmember => PJSIP/10\n", 0, [Fate.WRITTEN]),
        ("[a]\nautopause = all\nmember => PJSIP/10\n", 1, [Fate.WRITTEN]),
        ("[a]\nautopause = yes\nmember => PJSIP/10\n[b]\nmember => PJSIP/10\n", 0, [Fate.DECIDE]),
    ],
)
def test_autopause_is_one_limit_of_the_site(tmp_path: Path, queues: str, limit: int, fates: list[Fate]) -> None:
    """One no-answer pauses where every queue says so; where they differ none does, and that is named."""
    (tmp_path / "queues.conf").write_text(queues)
    site, rows = imported(tmp_path)
    assert site.ringing.no_answer_limit == limit
    assert [row.fate for row in rows if row.text.startswith("autopause")] == fates


def test_dialplans_in_other_languages_are_named(folder: Path) -> None:
    """AEL and Lua are not read: each line that speaks of a queue is named with its place."""
    (folder / "extensions.ael").write_text("context in {\n  1 => Queue(help);\n}\n")
    _, rows = imported(folder)
    assert [str(row.place) for row in rows if row.text == "1 => Queue(help);"] == ["extensions.ael:2:8"]


def test_keys_lead_to_queues_and_others_are_named(tmp_path: Path) -> None:
    """A key of the exit context that goes to a queue is one here; what else a key does is named, and is no number."""
    (tmp_path / "queues.conf").write_text(
        "[a]\ncontext = out\nmember => PJSIP/10\n[b]\ncontext = none\nmember => PJSIP/10\n"
    )
    (tmp_path / "extensions.conf").write_text(
        "[out]\nexten => 1,1,Queue(b)\nexten => 9,1,Voicemail(7)\nexten => 55,1,Queue(b)\n"
    )
    site, rows = imported(tmp_path)
    fates = [row.fate for row in rows if row.place.file == "extensions.conf"]
    assert fates == [Fate.WRITTEN, Fate.DECIDE, Fate.DECIDE]
    assert fate(rows, "context = out") == [Fate.SAME]
    assert fate(rows, "context = none") == [Fate.FAULT]
    assert site.queues["a"].keys == {"1": "queue:b"}
    assert not any("55" in number for number in site.numbers)


def test_names_become_ids_that_are_one_each(tmp_path: Path) -> None:
    """Two queues whose names differ in nothing that an id can hold stay two; a name that begins with a digit is one."""
    names = ["Sales EU", "sales-eu", "7", "é", "x" * 50, "x" * 51]
    (tmp_path / "queues.conf").write_text("".join(f"[{name}]\nmember => PJSIP/10\n" for name in names))
    site, _ = imported(tmp_path)
    assert [queue.name["en"] for queue in site.queues.values()] == names
    assert list(site.queues)[:4] == ["sales_eu", "sales_eu_2", "q_7", "q"]
