"""The processes that `hotline up` supervises (or systemd, one unit each). Hidden: people have no use for them."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.state import State

StateGiven = Annotated[Path, typer.Option("--state", metavar="DIR", help="State folder that `hotline up` has made")]


def ivr(state: StateGiven) -> None:
    """Serve the IVR's AGI ports until SIGTERM."""
    from hotline.compose_ivr import main

    _log_to_stderr()
    main(State.at(state))


def acd(state: StateGiven) -> None:
    """Distribute callers until SIGTERM."""
    from hotline.compose_acd import main

    _log_to_stderr()
    main(State.at(state))


def records(state: StateGiven) -> None:
    """Bring the journals into the database until SIGTERM."""
    from hotline.compose_records import main

    _log_to_stderr()
    main(State.at(state))


def _log_to_stderr() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
