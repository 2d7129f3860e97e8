"""The site's voice, rendered where it is missing."""

import fcntl
from pathlib import Path

from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.readiness import announce_progress
from hotline.state import speech_cache
from ivr.espeak import SpeechUnavailable
from ivr.voice import Voice, build


def site_voice(site: Site, recordings: Path) -> Voice:
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
            return build(site.prompts, languages=site.languages, cache=cache, recordings=recordings)
        except SpeechUnavailable as silence:
            raise HotlineError(f"no prompt can be rendered: {silence}") from silence
