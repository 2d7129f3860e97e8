"""`hotline supervise` and `hotline recording`: what a supervisor may do with a talk that goes on."""

from enum import StrEnum
from typing import Annotated

import typer

from hotline.commands.options import StateFolder, state_of


class Mode(StrEnum):
    """What a supervisor does."""

    listen = "listen"
    whisper = "whisper"
    barge = "barge"
    take_over = "take-over"
    log_off = "log-off"


class Act(StrEnum):
    """What is done with a recording."""

    start = "start"
    stop = "stop"
    pause = "pause"
    resume = "resume"


Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Extension of the agent")]


def supervise(
    mode: Annotated[Mode, typer.Argument(help="What to do")],
    agent: Agent,
    supervisor: Annotated[str, typer.Option("--from", metavar="EXTENSION", help="Extension of the supervisor")],
    state: StateFolder = None,
) -> None:
    """Ring a supervisor's phone, and join an agent's talk from there.

    \b
    Examples:
      hotline supervise listen 1001 --from 1006      hear both sides
      hotline supervise whisper 1001 --from 1006     be heard by the agent alone
      hotline supervise take-over 1001 --from 1006   talk to the caller in the agent's place
      hotline supervise log-off 1001 --from 1006     at the end of the talk, if there is one

    agents.yaml says who may do what; every act is recorded, and what was refused. Exit 1 when it was refused.
    """
    from hotline.oversight import ask_to_supervise

    ask_to_supervise(state_of(state), mode.value.replace("-", "_"), agent, supervisor)
    if mode is not Mode.log_off:
        print(f"ringing {supervisor}")


def recording(
    act: Annotated[Act, typer.Argument(help="What to do")],
    agent: Agent,
    state: StateFolder = None,
) -> None:
    """Start, stop, pause or resume the recording of an agent's talk.

    \b
    Examples:
      hotline recording start 1001     in a queue that records on demand
      hotline recording pause 1001     before card data is said; exit 0 only when it is confirmed
      hotline recording resume 1001

    A pause that is not confirmed stops the recording. Exit 1 when it was not done.
    """
    from hotline.oversight import ask_to_record

    ask_to_record(state_of(state), act.value, agent)
