"""`hotline acd replay` and `hotline acd why`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of

MOMENTS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S", "%H:%M"]
Trace = Annotated[Path | None, typer.Option("--trace", metavar="PATH", help="A trace elsewhere; default the state's")]


def replay(
    trace: Annotated[
        Path | None, typer.Argument(metavar="TRACE", help="Trace file or folder; default the state's")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, metavar="N", help="Differences to show")] = 10,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a recorded day's decisions again and compare every one.

    \b
    Examples:
      hotline acd replay
      hotline acd replay /backup/trace --json
      hotline acd replay .state/trace/trace-178000000000.jsonl

    Nobody is called: the recorded events go through the engine that is installed here. Exit 0 when it decides the
    same, 1 when it does not; the first differences are told, `-` what was decided then, `+` what would be now.
    """
    from hotline import replaying

    paths = replaying.segments_at(trace or state_of(state).trace)
    with replaying.progress(paths, "replaying") as advance:
        verdict = replaying.run(paths, most, advance)
    if as_json:
        print(json.dumps(replaying.as_data(verdict), ensure_ascii=False, indent=2))
    else:
        print("\n".join(replaying.as_text(verdict)))
    raise typer.Exit(0 if verdict.is_same else 1)


def why(
    call: Annotated[str, typer.Argument(metavar="CALL", help="Visit, call or caller number")],
    at: Annotated[
        datetime | None, typer.Option("--at", formats=MOMENTS, metavar="TIME", help="As it was then; default the end")
    ] = None,
    trace: Trace = None,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Tell why a caller got this agent, or why nobody yet.

    \b
    Examples:
      hotline acd why 13800138000
      hotline acd why 13800138000 --at 10:42
      hotline acd why 1763790000.12 --at "2026-11-22 10:42:30" --json

    The trace is played up to each offer of the caller's last visit (with --at: the one of that time) and the engine
    itself is asked. Exit 1 when the trace has no such caller.
    """
    from hotline import why as finding
    from hotline.why_words import in_words

    story = finding.find(trace or state_of(state).trace, call, at)
    print(json.dumps(finding.as_data(story), ensure_ascii=False, indent=2) if as_json else "\n".join(in_words(story)))
