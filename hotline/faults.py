"""What can go wrong around the rooms. `hotline` prints the message and ends with 1; a bug keeps its traceback."""


class HotlineError(Exception):
    """The person at the terminal can mend it; the message says how."""


class AsteriskMissing(HotlineError):
    """There is no Asterisk that we can use."""


class StateBusy(HotlineError):
    """Another `hotline up` holds this state folder."""


class StateMissing(HotlineError):
    """The folder was never brought up, or its settings cannot be read."""


class PortTaken(HotlineError):
    """The port that was asked for is in use."""


class StartFailed(HotlineError):
    """A child did not become ready; everything that was started has been stopped again."""
