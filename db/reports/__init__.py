"""Reports: what the rows say about a stretch of time, each number with its definition in words.

Every report counts what began in the half-open interval [start, end), so that adjoining reports neither miss nor
double anything; what is still running at `now` is shown as running.
"""

from db.reports.abandoned import abandoned
from db.reports.agents import agents
from db.reports.callbacks import callbacks
from db.reports.calls import calls
from db.reports.daily import daily
from db.reports.faults import faults
from db.reports.goals import goals
from db.reports.messages import messages
from db.reports.nodes import nodes
from db.reports.oversight import recordings, supervision
from db.reports.paths import paths
from db.reports.report import Cell, Report
from db.reports.steps import steps
from db.reports.survey import survey
from db.reports.votes import votes

__all__ = [
    "Cell",
    "Report",
    "abandoned",
    "agents",
    "callbacks",
    "calls",
    "daily",
    "faults",
    "goals",
    "messages",
    "nodes",
    "paths",
    "recordings",
    "steps",
    "supervision",
    "survey",
    "votes",
]
