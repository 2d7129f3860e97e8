"""The site's voice, rendered where it is missing."""

import fcntl
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.readiness import announce_progress
from hotline.state import speech_cache
from ivr.espeak import SpeechUnavailable
from ivr.providers import Command, Espeak, Provider
from ivr.recordings import BookUnreadable
from ivr.sounds import RecordingUnreadable
from ivr.speech_service import Service
from ivr.voice import Voice, build


def site_voice(site: Site, recordings: Path | None) -> Voice:
    """Everything the site can say. Fast when nothing is new; the first start on a machine renders every prompt.

    The IVR and the ACD start together and speak the same prompts: who comes second waits, and finds them rendered.
    Raises HotlineError where nothing can be rendered.
    """
    cache = speech_cache()
    cache.mkdir(parents=True, exist_ok=True)
    if not any(cache.glob("*.wav")):
        announce_progress(f"rendering {len(site.prompts)} prompts, once on this machine")
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return build(
                site.prompts,
                languages=site.languages,
                cache=cache,
                recordings=recordings,
                provider=provider_of(site),
                today=lambda: today_of(site),
            )
        except SpeechUnavailable as silence:
            raise HotlineError(f"cannot be spoken: {silence}") from silence
        except (RecordingUnreadable, BookUnreadable) as fault:
            raise HotlineError(str(fault)) from fault


def today_of(site: Site) -> date:
    """Which day it is in the time zone of the site's hours; without hours, in that of this machine."""
    return datetime.now(ZoneInfo(site.hours.timezone) if site.hours else None).date()


def provider_of(site: Site) -> Provider:
    """Who speaks this site's prompts."""
    speech = site.speech
    if speech is None:
        return Espeak()
    if speech.url is None:
        return Command(tuple(speech.command or ()), speech.version, speech.seconds_max)
    return Service(
        url=speech.url,
        method=speech.method,
        headers=speech.headers,
        body=speech.body,
        voices=speech.voices,
        secret_file=Path(speech.secret_file) if speech.secret_file else None,
        version=speech.version,
        seconds_max=speech.seconds_max,
    )
