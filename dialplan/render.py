"""Renders Asterisk's configuration for one site: templates of `asterisk-conf/`, values of the site and the machine."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.site import Site

TEMPLATES = Path(__file__).parent.parent / "asterisk-conf" / "templates"

LOOPBACK = "127.0.0.1"
IVR_TRIES = 100
IVR_RETRY_SECONDS = "0.1"
"""Entries into the IVR before the caller is given to a queue, and what is between two: about 11 seconds in all, more
than a restart takes. Another IVR stands by, so few callers hear more than the first of these silences."""
CALLBACK_TRIES = 40
"""The same for a dialogue about a callback, with `RETRY_SECONDS`."""
RETRY_SECONDS = "0.3"
SUPERVISE_KEYS = (("4", "listen"), ("5", "whisper"), ("6", "barge"), ("7", "take_over"))
"""What a supervisor who listens may press; 4 to 6 as ChanSpy itself has them (app_chanspy.c, option d)."""
OUTSIDE_RING_SECONDS = 60
AGENT_RING_SECONDS = 30
"""when one agent dials another"""

LEGS_NAME = "legs.csv"
LEGS_COLUMNS: tuple[tuple[str, bool], ...] = (
    ("uniqueid", False),
    ("linkedid", False),
    ("sequence", False),
    ("channel", False),
    ("dstchannel", False),
    ("src", False),
    ("dst", False),
    ("dcontext", False),
    ("lastapp", False),
    ("lastdata", False),
    ("start", True),
    ("answer", True),
    ("end", True),
    ("disposition", False),
)
"""Fields of a CDR in the order of the columns, and whether the raw value is written (epoch seconds)."""

MODULES: tuple[str, ...] = (
    # What keeps configuration, and time.
    *("res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "pbx_config"),
    # SIP.
    *("res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "res_pjsip_sdp_rtp", "chan_pjsip"),
    *("res_pjsip_registrar", "res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_user"),
    *("res_pjsip_endpoint_identifier_ip", "res_pjsip_caller_id", "res_pjsip_nat", "res_pjsip_refer"),
    *("res_pjsip_rfc3326", "res_pjsip_logger", "res_security_log"),
    # Audio.
    # format_pcm reads ulaw, alaw and g722. Who talks G.722 to one who does not goes through codec_resample as well.
    *("res_rtp_asterisk", "codec_ulaw", "codec_alaw", "codec_a_mu", "codec_g722", "codec_resample"),
    *("format_pcm", "format_wav", "format_sln"),
    *("res_musiconhold", "bridge_simple", "bridge_native_rtp", "bridge_builtin_features", "bridge_softmix"),
    # The dialplan and its sessions.
    *(
        "res_speech",
        "res_agi",
        "app_dial",
        "app_playtones",
        "app_senddtmf",
        "app_stack",
        "app_mixmonitor",
        "app_chanspy",
        "func_callerid",
        "func_channel",
        "func_devstate",
        "func_strings",
    ),
    *("func_base64", "func_uri", "func_cdr", "func_hangupcause", "func_logic", "app_exec"),
    # What phones show of others: hints, subscribed to in both of the formats that phones know. The first is only there
    # because the second does not load without its symbols.
    *("res_pjsip_outbound_publish", "res_pjsip_exten_state"),
    *("res_pjsip_dialog_info_body_generator", "res_pjsip_pidf_body_generator"),
    # What is told of calls and phones.
    *("res_manager_devicestate", "cdr_custom"),
)
"""All that is loaded. app_queue is not: our own ACD distributes (the bench adds it)."""
FAX_MODULES: tuple[str, ...] = ("res_fax", "res_fax_spandsp")
"""What sends and takes faxes; an Asterisk without them does all else."""
NEWER_MODULES: tuple[str, ...] = ("res_cdrel_custom",)
"""What some of the above need in an Asterisk that has them, and what older ones do without (22.8: cdr_custom)."""

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f;,$\[\]{}"\\<>|&()`]|^\s|\s$""")


class UnsafeValue(ValueError):
    """A value that could mean more than itself in Asterisk's configuration. Nothing was rendered."""


@dataclass(frozen=True)
class Ports:
    """UDP for sip and rtp, TCP on loopback for the others."""

    sip: int
    ami: int
    ivr: int
    script: int
    acd: int
    rtp_first: int
    rtp_last: int


@dataclass(frozen=True)
class Places:
    """Where Asterisk's things are."""

    state: Path
    """all that changes is below it"""
    run: Path
    """unix sockets; kept short, as sun_path holds 108 bytes (unix(7))"""
    data: Path
    """what came with Asterisk: its sounds, its documentation"""
    modules: Path
    moh: Path
    """a folder of music"""
    recordings: Path
    """what talks are recorded to, YYYY/MM/DD below it"""

    @property
    def etc(self) -> Path:
        """The rendered configuration; `asterisk.conf` here is what Asterisk is started with."""
        return self.state / "etc"

    @property
    def lib(self) -> Path:
        """Asterisk's own small database: registrations outlive a restart in it."""
        return self.state / "lib"

    @property
    def spool(self) -> Path:
        return self.state / "spool"

    @property
    def cache(self) -> Path:
        return self.state / "cache"

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def legs(self) -> Path:
        """The journal of legs that cdr_custom appends to."""
        return self.log / "cdr-custom" / LEGS_NAME

    def make(self) -> None:
        """Make every folder that Asterisk expects to find."""
        for folder in (self.etc, self.lib, self.spool, self.cache, self.legs.parent, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@dataclass(frozen=True)
class Secrets:
    """Generated once for a state folder; never shown by `repr`."""

    ami: str = field(repr=False)
    agents: Mapping[str, str] = field(repr=False)
    """password by extension"""


def render(
    site: Site,
    ports: Ports,
    places: Places,
    secrets: Secrets,
    *,
    address: str = LOOPBACK,
    events: Collection[str] = (),
    extra_modules: Sequence[str] = (),
    music: Mapping[str, Path] | None = None,
) -> dict[str, str]:
    """Return Asterisk's configuration: file name, to be put into `places.etc` with mode 0600, and text.

    Args:
        address: where SIP is listened for.
        events: of AMI, which the ACD reads; of none named, all are sent.
        extra_modules: loaded after ours, without `.so`.
        music: by class of the site's own music, a folder of sounds that Asterisk can play.

    Raises:
        UnsafeValue: a value holds a character that has a meaning in Asterisk's files; naming the value.
    """
    environment = _environment()
    values: dict[str, Any] = {
        "site": site,
        "ports": ports,
        "places": places,
        "secrets": secrets,
        "address": address,
        "events": sorted(events),
        "music": {"default": places.moh, **(music or {})},
        "modules": (
            *_present(places.modules, NEWER_MODULES),
            *MODULES,
            *_present(places.modules, FAX_MODULES),
            *extra_modules,
        ),
        "fallback_queue": next(iter(site.queues), None),
        "ivr_tries": IVR_TRIES,
        "ivr_retry_seconds": IVR_RETRY_SECONDS,
        "callback_tries": CALLBACK_TRIES,
        "retry_seconds": RETRY_SECONDS,
        "supervise_keys": SUPERVISE_KEYS,
        "agent_ring_seconds": AGENT_RING_SECONDS,
        "outside_ring_seconds": OUTSIDE_RING_SECONDS,
        "outside_patterns": site.outbound.plain_patterns if site.outbound else [],
        "beep": _sound(places.data, "beep"),
        "refusal_beep": _sound(places.data, "beeperr"),
        "legs_name": LEGS_NAME,
        "legs_columns": LEGS_COLUMNS,
    }
    names = environment.list_templates(extensions=["j2"])
    return {name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names}


def _sound(data: Path, name: str) -> str:
    """One of Asterisk's own sounds, without ending, in whatever language there is; else its bare name."""
    found = sorted((data / "sounds").glob(f"*/{name}.*"))
    return str(found[0].with_suffix("")) if found else name


def _present(folder: Path, modules: Sequence[str]) -> tuple[str, ...]:
    return tuple(module for module in modules if (folder / f"{module}.so").exists())


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        # Not HTML: every value goes through `plain` instead, and none can be forgotten.
        autoescape=False,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def plain(value: object) -> str:
    """Return the value as text, sure that it means nothing but itself in Asterisk's configuration."""
    text = str(value)
    if not text or _UNSAFE.search(text):
        raise UnsafeValue(f"{text!r} cannot stand in Asterisk's configuration")
    return text
