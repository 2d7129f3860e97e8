"""What this machine has and lacks, with the command that mends each lack."""

from dialplan.loader import SiteInvalid, load_site
from hotline.doctor.finding import Finding
from hotline.doctor.machine import clock, disk, ports, python, state_folder, virtual_environment
from hotline.doctor.programs import asterisk, baresip, postgresql, sipp, speech
from hotline.faults import StateMissing
from hotline.settings import default_site, load
from hotline.state import State
from hotline.voices import provider_of
from ivr.providers import Espeak, Provider

__all__ = ["Finding", "examine"]


def examine(state: State) -> list[Finding]:
    """Every finding, in the order in which one would mend them. Changes nothing."""
    return [
        python(),
        virtual_environment(),
        asterisk(),
        speech(_provider(state)),
        baresip(),
        sipp(),
        postgresql(),
        state_folder(state),
        ports(state),
        disk(state),
        clock(),
    ]


def _provider(state: State) -> Provider:
    """Of the site that this state folder is for; of one that cannot be read, espeak-ng."""
    try:
        site = load(state).site
    except StateMissing:
        site = default_site()
    try:
        return provider_of(load_site(site))
    except SiteInvalid:
        return Espeak()
