"""The Dial that rings agents for a held caller: its options, as a pure function."""

import re
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
    announce = ":".join(file if _PLAIN_PATH.fullmatch(file) else "" for file in (whisper, greeting)).rstrip(":")
    return f"gtm({music})" + (f"A({announce})" if announce else "")
