"""Y2-Y4: each defect of pyst2 0.5.1 that the scripts would meet, shown in pyst2 and closed in `pbx.pyst`."""

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import asterisk.agi as stock
import pytest

from pbx.pyst import (
    Agi,
    AGIAppError,
    AGIDBError,
    AGIHangup,
    AGIInvalidCommand,
    AGIUsageError,
)
from tests.unit.pbx.peers import agi_header, parse_args


@pytest.fixture(autouse=True)
def _keep_signals() -> Iterator[None]:
    """pyst2's class takes SIGHUP; give it back."""
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


def stock_agi(*lines: str) -> stock.AGI:
    """pyst2's class over text streams, the only ones that it can write to."""
    text = agi_header().decode() + "".join(f"{line}\n" for line in lines)
    return stock.AGI(io.StringIO(text), io.StringIO(), io.StringIO())


def our_agi(*lines: str | bytes, header: bytes | None = None) -> Agi:
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return Agi(io.BytesIO((header or agi_header()) + b"".join(line + b"\n" for line in raw)), io.BytesIO())


def sent(agi: Agi) -> list[list[str]]:
    """Words of every command that was written."""
    written = agi.stdout.getvalue()  # type: ignore[attr-defined]  # the tests' streams are BytesIO
    return [parse_args(line) for line in written.decode("utf-8", "surrogateescape").split("\n")[:-1]]


def in_thread(work: Callable[[], object]) -> object:
    """Result of the work, or the exception that it raised, in a thread of its own."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


LATIN_1 = agi_header(agi_calleridname="Zoë").replace("ë".encode(), b"\xeb")


def test_y2_stock_cannot_be_made_in_a_thread() -> None:
    """pyst2 installs a signal handler, which only the main thread may."""
    assert isinstance(in_thread(stock_agi), ValueError)


def test_y2_stock_cannot_write_to_a_socket_or_read_latin_1() -> None:
    """pyst2 writes `str` to a binary stream, and decodes the environment strictly."""
    agi = stock.AGI(io.BytesIO(agi_header()), io.BytesIO(), io.StringIO())
    with pytest.raises(TypeError):
        agi.execute("NOOP")
    with pytest.raises(UnicodeDecodeError):
        stock.AGI(io.BytesIO(LATIN_1), io.BytesIO(), io.StringIO())


def test_y2_stock_tells_stderr_everything() -> None:
    """pyst2 writes every line, with whatever a caller keyed in, to stderr (S17)."""
    agi = stock_agi()
    assert "13800138000" in agi.stderr.getvalue()


def test_y2_ours_works_in_any_thread_over_binary_streams(capsys: pytest.CaptureFixture[str]) -> None:
    """No signal handler, bytes out, Latin-1 in, and nothing on stderr."""
    before = signal.getsignal(signal.SIGHUP)

    def work() -> object:
        agi = our_agi("200 result=1", header=LATIN_1)
        agi.set_variable("NAME", agi.env["agi_calleridname"])
        return agi.stdout.getvalue()  # type: ignore[attr-defined]  # the tests' streams are BytesIO

    assert in_thread(work) == b'SET VARIABLE "NAME" "Zo\xeb"\n'
    assert signal.getsignal(signal.SIGHUP) is before
    assert capsys.readouterr() == ("", "")


def test_y2_ours_takes_text_streams_with_a_buffer() -> None:
    """The process's own stdin and stdout serve as well."""
    raw = io.BytesIO()
    agi = Agi(io.TextIOWrapper(io.BytesIO(agi_header() + b"200 result=0\n")), io.TextIOWrapper(raw))
    agi.answer()
    assert raw.getvalue() == b"ANSWER\n"


EVIL = 'a" "b\\'


def test_y3_stock_quotes_nothing_within_quotes() -> None:
    """With pyst2 a quote splits a value, a line end makes a second command, and a database key keeps its quotes."""
    agi = stock_agi("200 result=1", "200 result=1", "200 result=0")
    agi.set_variable("X", 'a" "b')
    agi.set_variable("X", "x\nEXEC System y")
    with pytest.raises(stock.AGIDBError):
        agi.database_get("family", "key")
    first, second, injected, database, _ = agi.stdout.getvalue().split("\n")
    assert parse_args(first) == ["SET", "VARIABLE", "X", "a", "b"]
    assert (second, injected) == ('SET VARIABLE "X" "x', 'EXEC System y"')
    assert database == 'DATABASE GET ""family"" ""key""'


def test_y3_ours_quotes_every_argument_once() -> None:
    """Quotes, backslashes and blanks in values, file names and keys arrive as they are."""
    agi = our_agi("200 result=1", "200 result=0 endpos=0", "200 result=1 (v)", "200 result=0", "200 result=0")
    agi.set_variable("X", EVIL)
    agi.stream_file("/a b/c", "12")
    assert agi.database_get("fam ily", EVIL) == "v"
    agi.exec_command("Dial", "PJSIP/1", 20)
    agi.hangup()
    assert sent(agi) == [
        ["SET", "VARIABLE", "X", EVIL],
        ["STREAM", "FILE", "/a b/c", "12", "0"],
        ["DATABASE", "GET", "fam ily", EVIL],
        ["EXEC", "Dial", "PJSIP/1,20"],
        ["HANGUP"],
    ]


@pytest.mark.parametrize("bad", ["x\nEXEC System y", "x\ry", "x\0y"])
def test_y3_ours_refuses_control_characters(bad: str) -> None:
    """CR, LF and NUL raise ValueError in every kind of argument, and nothing is written (S8)."""
    agi = our_agi()
    for attempt in (
        lambda: agi.set_variable("X", bad),
        lambda: agi.stream_file(bad),
        lambda: agi.get_data(bad),
        lambda: agi.set_callerid(bad),
        lambda: agi.exec_command("System", bad),
        lambda: agi.execute(f"NOOP {bad}"),
    ):
        with pytest.raises(ValueError, match="control"):
            attempt()
    assert sent(agi) == []


ENDLESS = """
import io, asterisk.agi
header = {header!r}
print("ready", flush=True)
asterisk.agi.AGI(io.StringIO(header + "520-Usage:\\n"), io.StringIO(), io.StringIO()).execute("NOOP")
"""


def test_y4_stock_misreads_replies() -> None:
    """pyst2: HANGUP is int(''), 511 is unknown, the end within the environment passes, (timeout) is lost, and the
    value "hangup" is a hang-up."""
    with pytest.raises(ValueError, match="int"):
        stock_agi("HANGUP", "200 result=0").execute("NOOP")
    with pytest.raises(stock.AGIUnknownError):
        stock_agi("511 Command Not Permitted").execute("NOOP")
    assert stock.AGI(io.StringIO("agi_channel: x\n"), io.StringIO(), io.StringIO()).env
    assert stock_agi("200 result= (timeout)").execute("GET DATA", "x") == {"result": ("", "")}
    with pytest.raises(stock.AGIResultHangup):
        stock_agi("200 result=1 (hangup)").execute("GET VARIABLE", "X")


def test_y4_stock_reads_the_end_of_its_input_for_ever() -> None:
    """pyst2 loops when Asterisk closes within a usage text."""
    script = ENDLESS.format(header=agi_header().decode())
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.kill()


def test_y4_ours_reads_hangup_out_of_band() -> None:
    """A HANGUP before a reply does not become it; the next command raises AGIHangup without being sent."""
    agi = our_agi("HANGUP", "200 result=0")
    agi.execute("NOOP")
    assert agi.hung_up
    with pytest.raises(AGIHangup):
        agi.execute("NOOP")
    assert sent(agi) == [["NOOP"]]


def test_y4_ours_keeps_values_and_time_outs() -> None:
    """`(timeout)` and a variable with the value "hangup" are values."""
    assert our_agi("200 result=12 (timeout)").execute("GET DATA", "x") == {"result": ("12", "timeout")}
    assert our_agi("200 result=1 (hangup)").execute("GET VARIABLE", "X") == {"result": ("1", "hangup")}
    assert our_agi("200 result=35 endpos=800").execute("STREAM FILE", "x")["endpos"] == ("800", "")


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["511 Command Not Permitted on a dead channel"], AGIHangup),
        ([], AGIHangup),
        (["520-Usage:", "one"], AGIHangup),
        (["520-Usage:", "one", "two", "520 End of proper usage."], AGIUsageError),
        (["520 Invalid command syntax."], AGIUsageError),
        (["510 Invalid or unknown command"], AGIInvalidCommand),
        (["200 result=-1", "HANGUP", "200 result=0"], AGIHangup),
    ],
)
def test_y4_ours_raises_what_happened(lines: list[str], error: type[Exception]) -> None:
    """A dead channel, the end of the connection wherever it comes, wrong usage: each its own exception."""
    with pytest.raises(error):
        our_agi(*lines).appexec("Wait", "1")


def test_y4_ours_refuses_a_cut_environment() -> None:
    """The end of the connection within the environment raises AGIHangup; 16 kB of it are enough."""
    with pytest.raises(AGIHangup):
        Agi(io.BytesIO(b"agi_channel: x\n"), io.BytesIO())
    with pytest.raises(Exception, match="environment of more"):
        Agi(io.BytesIO(b"agi_x: y\n" * 10_000), io.BytesIO())


def test_y4_ours_tells_a_failure_from_a_hangup() -> None:
    """-1 without a HANGUP before the next reply is a failure (a missing file), and the script may go on."""
    agi = our_agi("200 result=-1 endpos=0", "200 result=0", "200 result=0")
    with pytest.raises(AGIAppError) as failure:
        agi.stream_file("missing")
    assert not isinstance(failure.value, AGIHangup)
    agi.noop()


def test_y4_ours_reports_a_missing_key() -> None:
    """DATABASE GET of a key that is not there raises AGIDBError."""
    with pytest.raises(AGIDBError, match="no key 'k' in family 'f'"):
        our_agi("200 result=0").database_get("f", "k")
