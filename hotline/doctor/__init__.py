"""What this machine has and lacks, with the command that mends each lack."""

from hotline.doctor.finding import Finding
from hotline.doctor.machine import clock, disk, ports, python, state_folder, virtual_environment
from hotline.doctor.programs import asterisk, baresip, espeak, postgresql, sipp
from hotline.state import State

__all__ = ["Finding", "examine"]


def examine(state: State) -> list[Finding]:
    """Every finding, in the order in which one would mend them. Changes nothing."""
    return [
        python(),
        virtual_environment(),
        asterisk(),
        espeak(),
        baresip(),
        sipp(),
        postgresql(),
        state_folder(state),
        ports(state),
        disk(state),
        clock(),
    ]
