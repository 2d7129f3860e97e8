"""The Dials of the ACD: that which rings agents for a held caller, and that which calls the caller of a callback from
the agent's channel. Their options, as pure functions."""

import re
from collections.abc import Sequence
from typing import Final

_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_./@+-]+")
"""Dial reads `,` `:` `(` `)` and `&` as its own (app_dial.c)."""


def dial_options(music: str, *, whisper: str = "", greeting: str = "") -> str:
    """Dial's options: g brings the caller back when the agent hangs up, m plays on until the two are bridged, t lets
    the agent, who is the called side, transfer by keys; nothing gives the caller any.

    Args:
        music: class of the music.
        whisper: a sound file that the agent alone hears after picking up, while the caller still hears music.
        greeting: one that the caller hears in the same moment. Only then are the two bridged, and only then is the
            answer told (DialEnd).
    """
    return f"gtm({music})" + _announce(whisper, greeting)


def callback_options(leg: Sequence[str], *, notice: str = "", talk: Sequence[str] = ()) -> str:
    """Dial's options: r lets the agent hear that it rings, g lets the agent go here and not with the caller, T gives
    the agent, who is the calling side, the keys for transfers; F leads a caller whose agent hangs up to the survey.

    Args:
        leg: what the caller's channel has to know ([callback-leg]), since nothing else will ever tell it.
        notice: a sound file that the caller alone hears after picking up; only then are the two bridged.
        talk: arguments of the dialplan's [talk], run on the agent's channel (B) before anybody is called.
    """
    before = f"B({_gosub('talk', talk)})" if talk else ""
    return f"grTF(survey^s^1)b({_gosub('callback-leg', leg)}){before}" + _announce(notice)


def _gosub(context: str, arguments: Sequence[str]) -> str:
    return f"{context}^s^1({'^'.join(arguments)})"


def _announce(*files: str) -> str:
    told = ":".join(file if _PLAIN_PATH.fullmatch(file) else "" for file in files).rstrip(":")
    return f"A({told})" if told else ""
