"""The records writer: each line once, whatever is killed, torn, away or too strange."""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db.journal import Journal, read_segments
from db.migrate import upgrade
from db.schema import AgentInterval, Call, JournalPosition, Leg, Offer, QueueVisit, RejectedRecord
from db.sources import find_sources, unread_bytes
from db.writer import RecordsWriter
from tests.postgres import PostgresServer
from tests.unit.db.story import Desk, answered, call_start, enter_queue, leg, line, moment

# A server that is preloaded and forks: a writer is up within milliseconds, so a kill can hit it anywhere in its work.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["db.writer", "psycopg"])
PATIENCE_SECONDS = 60.0


def wait_until(holds: Callable[[], bool]) -> None:
    """Poll until `holds`, and fail when it does not within PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def write_for_ever(url: str, journals: Path, legs_csv: Path) -> None:
    """What a killed process runs: many small transactions, so that a kill finds it in the middle of one."""
    logging.disable()
    RecordsWriter(url, journals, legs_csv, portion_bytes=400).run(threading.Event())


def start_writer(desk: Desk) -> BaseProcess:
    """Start a writer in a process of its own."""
    process = FORKS.Process(target=write_for_ever, args=(desk.url, desk.journals, desk.legs_csv), daemon=True)
    process.start()
    return process


def lines_of_a_call(number: int) -> list[tuple[str, bytes]]:
    """The lines of one call with their files, in the order in which they are written."""
    call, at, agent = f"c{number:03d}", number * 10.0, f"10{number % 4:02d}"
    acd = [("acd", content) for content in answered(call, at + 2, 3.5, agent)]
    states = [("acd", line("AGENTSTATE", at + n, agent_id=agent, state="ready", reason=None)) for n in (1, 9)]
    ivr = [(f"ivr-{number % 2}", call_start(call, at)), (f"ivr-{number % 2}", b'{"torn"\n')]
    return [*ivr, states[0], *acd, states[1], ("legs", leg(call, at, at + 9)), ("legs", b"broken\n")]


EVERYTHING = (Call, QueueVisit, Offer, AgentInterval, Leg)


def test_kill_9_at_any_moment_loses_and_doubles_nothing(desk: Desk, tmp_path: Path) -> None:
    """Writers are killed over and over while lines and segments keep coming: the tables equal an undisturbed run's."""
    calm = Desk(f"sqlite:///{tmp_path / 'calm.db'}", tmp_path / "calm")
    calm.folder.mkdir()
    upgrade(calm.url)
    rng = random.Random(7)
    lines = [entry for number in range(80) for entry in lines_of_a_call(number)]
    kills = 0
    while lines or not is_all_applied(desk):
        burst, lines = lines[:120], lines[120:]
        writer = start_writer(desk)
        for journal, content in burst:
            cut = rng.randrange(len(content))
            desk.write(journal, content[:cut], number=1 + kills)
            desk.write(journal, content[cut:], number=1 + kills)
            calm.write(journal, content, number=1 + kills)
        # From its first progress on, however long a busy machine takes to start it.
        before = applied_bytes(desk)
        wait_until(lambda size=before: applied_bytes(desk) > size or is_all_applied(desk))  # type: ignore[misc]  # bound early
        stop_at = time.monotonic() + rng.uniform(0.0, 0.1)
        wait_until(lambda at=stop_at: time.monotonic() >= at)  # type: ignore[misc]  # bound early
        writer.kill()
        writer.join()
        kills += 1
    calm.apply()
    assert kills >= 8
    assert list(desk.dump(*EVERYTHING)) == list(calm.dump(*EVERYTHING))
    assert len(desk.rows(RejectedRecord)) == 160
    calm.close()


def applied_bytes(desk: Desk) -> int:
    """The sum of all positions; shrinks only when a segment is retired."""
    return sum(row.offset for row in desk.rows(JournalPosition))


def is_all_applied(desk: Desk) -> bool:
    """Whether the positions in the database are the ends of the files."""
    positions = {(row.journal, row.segment): row.offset for row in desk.rows(JournalPosition)}
    sources = find_sources(desk.journals, desk.legs_csv, positions)
    return not any(unread_bytes(source, positions) for source in sources)


@settings(max_examples=12, deadline=None)
@given(order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(1, 400), min_size=4, max_size=25))
def test_any_interleaving_of_pieces_ends_in_the_same_rows(
    migrated_sqlite: Path, order: random.Random, cuts: list[int]
) -> None:
    """Bytes arrive in pieces of any size, files take turns in any order, writers come and go: each line counts once."""
    lines = [entry for number in range(3) for entry in lines_of_a_call(number)]
    waiting = {name: b"".join(content for journal, content in lines if journal == name) for name, _ in lines}
    with TemporaryDirectory() as folder:
        desk = Desk(f"sqlite:///{folder}/hotline.db", Path(folder))
        shutil.copy(migrated_sqlite, Path(folder) / "hotline.db")
        for cut in cuts:
            name = order.choice(sorted(waiting))
            desk.write(name, waiting[name][:cut])
            waiting[name] = waiting[name][cut:]
            if order.random() < 0.5:
                passing = RecordsWriter(desk.url, desk.journals, desk.legs_csv)
                passing.apply_once()
                passing.close()
        for name in sorted(waiting):
            desk.write(name, waiting[name])
        desk.apply()
        assert [call.outcome for call in desk.rows(Call)] == ["completed_by_caller"] * 3
        assert [len(desk.rows(model)) for model in EVERYTHING] == [3, 3, 3, 6, 3]
        assert len(desk.rows(RejectedRecord)) == 6
        desk.close()


def test_a_torn_last_line_of_a_living_segment_waits(desk: Desk) -> None:
    """Half a line is not applied; with its other half it is, once."""
    content = enter_queue("c1", 5)
    desk.write("acd", content[:30])
    assert desk.apply() == 0
    desk.write("acd", content[30:])
    assert desk.apply() == 1
    assert desk.rows(RejectedRecord) == []


def test_a_torn_last_line_of_a_dead_segment_is_reported(desk: Desk) -> None:
    """Its process died in the line: it is kept as rejected, and the segment counts as read."""
    desk.write("acd", enter_queue("c1", 5), b'{"at": 17672')
    desk.write("acd", enter_queue("c2", 6), number=2)
    assert desk.apply() == 3
    assert desk.row(RejectedRecord).reason == "torn: its writer died in the line"
    assert len(desk.rows(QueueVisit)) == 2
    assert desk.writer.lag_bytes() == 0


def test_a_superseded_segment_whose_process_lives_is_not_dead(desk: Desk) -> None:
    """Two processes of one name overlap for a moment: the older one's half line is not given up, nor its file."""
    desk.journals.mkdir()
    older = Journal(desk.journals, "ivr", clock=lambda: 1_700_000_000.0)
    older.append("LANGUAGE", call_id="c1", language="en")
    path = read_segments(desk.journals, "ivr")[0].path
    newer = Journal(desk.journals, "ivr")
    newer.append("LANGUAGE", call_id="c2", language="en")
    with path.open("ab") as file:
        file.write(b'{"verb": "LANG')
    stop = threading.Event()
    stop.set()
    desk.writer.run(stop)
    assert path.exists() and desk.rows(RejectedRecord) == []
    older.close()
    desk.writer.run(stop)
    assert not path.exists()
    assert [row.reason[:4] for row in desk.rows(RejectedRecord)] == ["torn"]
    newer.close()


def test_read_segments_go_and_what_a_restart_needs_stays(desk: Desk) -> None:
    """Of the ACD's journal everything from the newest CARRY on stays, of an IVR's the newest segment."""
    for number in (1, 2, 3):
        desk.write("acd", line("CARRY", number) if number < 3 else enter_queue("c1", 5), number=number)
        desk.write("ivr-1", call_start(f"c{number}", number), number=number)
    stop = threading.Event()
    stop.set()
    desk.writer.run(stop)
    assert sorted(path.name for path in desk.journals.iterdir()) == [
        "acd-000000000002.jsonl",
        "acd-000000000003.jsonl",
        "ivr-1-000000000003.jsonl",
    ]
    assert len(desk.rows(Call)) == 3
    assert {(row.journal, row.segment) for row in desk.rows(JournalPosition)} == {("acd", 2), ("acd", 3), ("ivr-1", 3)}


def test_two_writers_apply_each_line_once(desk: Desk) -> None:
    """A second writer that still believes in old positions finds out and starts over from the new ones."""
    other = RecordsWriter(desk.url, desk.journals, desk.legs_csv)
    desk.write("acd", line("AGENTSTATE", 0, agent_id="1", state="ready", reason=None))
    assert (desk.apply(), other.apply_once()) == (1, 0)
    desk.write("acd", line("AGENTSTATE", 1, agent_id="1", state="on_call", reason=None))
    assert (other.apply_once(), desk.writer.apply_once(), desk.apply()) == (1, 0, 0)
    assert [row.state for row in desk.rows(AgentInterval)] == ["ready", "on_call"]
    other.close()


def test_a_rotated_legs_csv_is_read_to_its_end(desk: Desk) -> None:
    """Lines that Asterisk wrote before the file was renamed, and that nobody had read, are applied after it."""
    desk.write("legs", leg("c1", 0, 5))
    desk.apply()
    desk.write("legs", leg("c2", 0, 5))
    desk.legs_csv.rename(desk.legs_csv.with_name("legs.csv.1"))
    desk.write("legs", leg("c3", 0, 5))
    assert desk.apply() == 2
    assert sorted(row.uniqueid for row in desk.rows(Leg)) == ["c1", "c2", "c3"]


def test_a_truncated_legs_csv_is_read_from_its_beginning(desk: Desk) -> None:
    """A file that shrank, or whose old end is in the middle of a line now, was replaced."""
    desk.write("legs", leg("c1", 0, 5), leg("c2", 0, 5))
    desk.apply()
    os.truncate(desk.legs_csv, 0)
    desk.write("legs", leg("c3", 0, 5))
    desk.apply()
    os.truncate(desk.legs_csv, 0)
    desk.write("legs", leg("c40", 0, 5), leg("c5", 0, 5))
    desk.apply()
    assert {row.uniqueid for row in desk.rows(Leg)} == {"c1", "c2", "c3", "c40", "c5"}


def test_a_line_that_the_database_refuses_is_singled_out(empty_database_url: str, tmp_path: Path) -> None:
    """Whatever the database finds wrong with one line, the lines around it are applied and it is kept."""
    upgrade(empty_database_url)
    desk = Desk(empty_database_url, tmp_path)
    with desk.engine.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX one_per_queue ON queue_visits (queue)"))
    visits = [enter_queue(call, 5, queue=queue) for call, queue in [("a", "x"), ("b", "x"), ("c", "y")]]
    desk.write("acd", *visits)
    assert desk.apply() == 3
    assert [row.visit_id for row in desk.rows(QueueVisit)] == ["v-a", "v-c"]
    rejected = desk.row(RejectedRecord)
    assert "IntegrityError" in rejected.reason and rejected.offset == len(visits[0])
    desk.close()


def test_a_database_without_tables_is_waited_for(tmp_path: Path) -> None:
    """Before the migration nothing is rejected: the writer backs off and goes on when the tables are there."""
    desk = Desk(f"sqlite:///{tmp_path / 'late.db'}", tmp_path)
    desk.write("acd", enter_queue("c1", 5))
    with pytest.raises(OperationalError):
        desk.writer.apply_once()
    upgrade(desk.url)
    assert desk.apply() == 1
    assert len(desk.rows(QueueVisit)) == 1
    desk.close()


def test_a_dead_server_only_lets_the_journals_grow(
    postgres_server: PostgresServer, migrated_template: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL is killed and started again: every line is there once, logged once as away and once as back."""
    name = postgres_server.create(migrated_template)
    desk, stop = Desk(postgres_server.url(name), tmp_path), threading.Event()
    thread = threading.Thread(target=desk.writer.run, args=(stop,))
    thread.start()
    desk.write("acd", enter_queue("c1", 5))
    wait_until(lambda: desk.writer.lag_bytes() == 0 and len(desk.rows(QueueVisit)) == 1)
    desk.close()
    postgres_server.kill()
    desk.write("acd", enter_queue("c2", 6))
    wait_until(lambda: "cannot write" in caplog.text)
    desk.write("acd", enter_queue("c3", 7))
    postgres_server.start()
    wait_until(lambda: "writing again" in caplog.text)
    stop.set()
    thread.join()
    assert [row.visit_id for row in desk.rows(QueueVisit)] == ["v-c1", "v-c2", "v-c3"]
    assert caplog.text.count("cannot write") == 1 and desk.rows(RejectedRecord) == []
    desk.close()
    postgres_server.drop(name)


def test_what_is_in_the_files_at_the_stop_is_applied(desk: Desk) -> None:
    """run() drains before it returns."""
    desk.write("ivr-1", call_start("c1"))
    stop = threading.Event()
    stop.set()
    desk.writer.run(stop)
    assert desk.row(Call).started_at == moment(0)


def test_a_backlog_over_several_segments_is_applied_in_order(desk: Desk) -> None:
    """However little goes into one transaction, no line of a newer segment overtakes one of an older."""
    states = ["ready", "offered", "on_call", "wrap_up", "not_ready", "ready"]
    for number, state in enumerate(states):
        content = line("AGENTSTATE", number, agent_id="1001", state=state, reason=None)
        desk.write("acd", content, number=1 + number // 3)
    writer = RecordsWriter(desk.url, desk.journals, desk.legs_csv, portion_bytes=10)
    while writer.apply_once():
        pass
    writer.close()
    found = [(row.state, row.started_at, row.ended_at) for row in desk.rows(AgentInterval)]
    ends = [moment(number) for number in range(1, 6)]
    assert found == [(state, moment(n), end) for n, (state, end) in enumerate(zip(states, [*ends, None], strict=True))]
