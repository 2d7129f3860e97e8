"""What can go wrong between us and the switch.

    SwitchError
    ├── ActionRefused   Asterisk answered an AMI action with an error
    ├── ActionTimeout   no answer to an AMI action within its deadline
    ├── LinkDown        no AMI link, or it was lost before the answer; the action may or may not have been performed
    ├── SessionOver     the AGI session has ended
    │   ├── CallerGone  because the caller hung up
    │   └── SwitchGone  because Asterisk closed the connection without saying so
    ├── AgiRefused      Asterisk answered an AGI command with 510 or 520, or failed it while the caller is still there
    └── AgiTimeout      no answer to an AGI command within its deadline

A value that must not reach a socket (CR, LF, NUL, too long) is the programmer's mistake and raises ValueError.
"""


class SwitchError(Exception):
    """Asterisk's refusal, silence or absence."""


class ActionRefused(SwitchError):
    """Asterisk answered an AMI action with `Response: Error`; the text is its `Message`."""


class ActionTimeout(SwitchError):
    """Asterisk did not answer an AMI action in time; it may still perform it."""


class LinkDown(SwitchError):
    """The AMI link is down; nothing was sent, or the answer is lost and will not come."""


class SessionOver(SwitchError):
    """The AGI session has ended: every further command of it raises this."""


class CallerGone(SessionOver):
    """The caller hung up."""


class SwitchGone(SessionOver):
    """Asterisk closed the AGI connection without a hang-up: it died, or another application took the channel."""


class AgiRefused(SwitchError):
    """Asterisk did not perform an AGI command although the caller is still there."""


class AgiTimeout(SwitchError):
    """Asterisk did not answer an AGI command in time; the late answer will be dropped."""
