"""Votes as rows, and the report on them."""

from __future__ import annotations

from datetime import timedelta

from db.reports import votes
from db.votes import Vote, step_of_vote
from tests.unit.db.story import Desk, line, moment

START, END = moment(0), moment(3600)


def vote(at: float, number: str, choice: str, ballot: str = "tea") -> bytes:
    fields = {"call_id": f"c{at:.0f}", "step_id": f"c{at:.0f}:3", "caller_number": number}
    return line("VOTE", at, **fields, ballot=ballot, choice=choice)


def test_the_first_vote_of_a_number_counts(desk: Desk) -> None:
    """One row for each number and ballot: a later vote, a repeated line, and a line that comes late change nothing but
    who was first."""
    desk.write("ivr", vote(20, "138", "green"), vote(20, "138", "green"), vote(30, "138", "black"))
    desk.apply()
    desk.write("ivr", vote(10, "138", "white"), vote(40, "138", "green", "music"))
    desk.apply()
    rows = {(row.ballot, row.caller_number): (row.choice, row.step_id) for row in desk.rows(Vote)}
    assert rows == {("tea", "138"): ("white", "c10:3"), ("music", "138"): ("green", "c40:3")}


def test_who_has_voted_is_known(desk: Desk) -> None:
    """The step of a vote is found by ballot and number, and nothing where there is none."""
    desk.write("ivr", vote(20, "138", "green"))
    desk.apply()
    assert step_of_vote(desk.engine, "tea", "138") == "c20:3"
    assert step_of_vote(desk.engine, "tea", "139") is None
    assert step_of_vote(desk.engine, "music", "138") is None


def test_the_report_counts_by_ballot(desk: Desk) -> None:
    """Each choice with its votes and its share of the ballot, the most votes first; only what was cast in the span."""
    choices = ["green", "black", "green", "green"]
    desk.write("ivr", *(vote(at, f"13{at}", choice) for at, choice in enumerate(choices)))
    desk.write("ivr", vote(50, "130", "jazz", "music"))
    desk.apply()
    assert votes(desk.engine, START, END).rows == (
        ("music", "jazz", 1, 100.0),
        ("tea", "green", 3, 75.0),
        ("tea", "black", 1, 25.0),
    )
    assert votes(desk.engine, END, END + timedelta(days=1)).rows == ()
