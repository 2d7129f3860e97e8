"""A caller, a voice and a site for the tests of the room ivr; no switch, no sound, no clock."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ivr.collector import KEYS, Retry
from ivr.flow import Flow
from ivr.nodes import Collect, Goto, HangUp, Language, Menu, Play, Queue, Say, Script, Set
from ivr.sounds import Spoken
from ivr.spoken import clips_of
from ivr.voice import Slot, Utterance, Voice
from pbx.errors import CallerGone, SwitchGone

LANGUAGES = ("zh", "en")


PLAYED_SAMPLES = 8000
"""Of every sound that no key cuts off."""


class Killed(BaseException):
    """The process died at this moment: nothing after it is performed."""


class ScriptedAgi:
    """Stands for pbx.fastagi.AgiSession with Asterisk and a caller behind it.

    The caller does `acts` in order: "1" presses a key when waited for, "!1" presses it during the next sound, "." lets
    one wait pass in silence, "hangup" and "lost" end the call or the switch at the next wait, "!hangup" and "!lost"
    during the next sound; "say 4" speaks for so many seconds where the caller is recorded, and is silence elsewhere.
    Out of acts, the caller hangs up at the next wait. `variables` live on the channel and so outlive a session.
    `replies` gives the acts that a sound moves the caller to, in place of those left over.
    `killed_at` is the number of the command (from 0) before which our process dies.
    """

    def __init__(
        self,
        acts: Iterable[str] = (),
        variables: dict[str, str] | None = None,
        *,
        language: str = "zh",
        killed_at: int | None = None,
        replies: Callable[[str], str] = lambda path: "",
        on_command: Callable[[str], None] = lambda command: None,
    ) -> None:
        self.acts = list(acts)
        self.variables = {} if variables is None else variables
        self.language = self.variables.get("CHANNEL(language)", language)
        self.killed_at = killed_at
        self.replies = replies
        self.on_command = on_command
        self.heard: list[str] = []
        self.commands: list[str] = []
        self.fax = {"FAXSTATUS": "SUCCESS", "FAXPAGES": "2"}
        """What Asterisk sets as a fax is over."""
        self.headers: Mapping[str, str] = {"agi_dnid": "4008000000"}
        self.channel = "PJSIP/trunk-00000001"
        self.uniqueid = "1700000000.1"
        self.caller_number = "13800138000"
        self.over: type[Exception] | None = None

    async def get_variable(self, name: str, *, after_hangup: bool = False) -> str | None:
        self._command(f"GET {name}", after_hangup=after_hangup)
        known = {"CHANNEL(linkedid)": self.uniqueid, **self.variables}
        return re.sub(r"\$\{([^}]*)\}", lambda match: known.get(match[1], ""), name) or None

    async def execute(self, app: str, *args: str) -> None:
        self._command(f"{app} {','.join(args)}")
        if app in ("SendFAX", "ReceiveFAX"):
            self.variables |= self.fax
            self._leave_on(self.acts.pop(0) if self.acts else ".")
            return
        assert app == "MSet"
        for assignment in ",".join(args).split(","):
            name, _, value = assignment.partition("=")
            self.variables[name] = value

    async def stream_file(self, path: str, escape_digits: str = "") -> SimpleNamespace:
        self._command(f"PLAY {path}")
        return self._hear(path, escape_digits)

    def _hear(self, path: str, escape_digits: str) -> SimpleNamespace:
        self.heard.append(path)
        self.acts = list(self.replies(path)) or self.acts
        if self.acts and self.acts[0].startswith("!"):
            act = self.acts.pop(0)[1:]
            self._leave_on(act)
            if act in escape_digits:
                return SimpleNamespace(digit=act, endpos=80)
        return SimpleNamespace(digit=None, endpos=PLAYED_SAMPLES)

    async def record_file(
        self, path: str, ending: str, stop_keys: str, milliseconds: int, silence_seconds: int
    ) -> str | None:
        """The caller speaks as many seconds as the act `say 4` tells, then does the next one: a stop key, silence, or a
        hang-up. Asterisk has the file closed in any case."""
        self._command(f"RECORD {path}.{ending}")
        seconds = 0.0
        while self.acts and self.acts[0].startswith("say "):
            seconds += float(self.acts.pop(0).removeprefix("say "))
        _write(Path(f"{path}.{ending}"), 44 + round(seconds * 16_000))
        act = self.acts.pop(0).removeprefix("!") if self.acts else "hangup"
        self._leave_on(act)
        return None if act == "." or act not in stop_keys else act

    async def get_option(self, path: str, escape_digits: str, milliseconds: int) -> SimpleNamespace:
        self._command(f"ASK {path} {milliseconds}")
        played = self._hear(path, escape_digits)
        if played.digit or not played.endpos:  # a sound that is not there ends it at once
            return played
        return SimpleNamespace(digit=self._wait(), endpos=played.endpos)

    async def wait_for_digit(self, milliseconds: int) -> str | None:
        self._command(f"WAIT {milliseconds}")
        return self._wait()

    def _wait(self) -> str | None:
        act = self.acts.pop(0).removeprefix("!") if self.acts else "hangup"
        act = "." if act.startswith("say ") else act
        self._leave_on(act)
        return None if act == "." else act

    def _command(self, command: str, *, after_hangup: bool = False) -> None:
        if self.over and not after_hangup:
            raise self.over(command)
        if len(self.commands) == self.killed_at:
            raise Killed
        self.on_command(command)
        self.commands.append(command)

    def _leave_on(self, act: str) -> None:
        self.over = {"hangup": CallerGone, "lost": SwitchGone}.get(act)
        if self.over:
            raise self.over(act)
        assert act == "." or act in KEYS


def _write(file: Path, size: int) -> None:
    file.write_bytes(b"x" * size)


class Records(list[dict[str, Any]]):
    """Stands for the journal: keeps its lines in memory."""

    def append(self, verb: Any, **fields: Any) -> None:
        super().append({"verb": verb, **fields})

    def of(self, verb: str) -> list[dict[str, Any]]:
        return [line for line in self if line["verb"] == verb]


def site_flow() -> Flow:
    """A small shop: every kind of node, one ambiguous choice, two ways round in a circle."""
    twice = Retry(2, ("again",))
    nodes = {
        "main.welcome": Say(("welcome",), "pick_language"),
        "main.pick_language": Menu(("pick_language",), {"1": "use_zh", "2": "use_en"}, "use_zh", twice, twice),
        "main.use_zh": Language("zh", "top"),
        "main.use_en": Language("en", "top"),
        "main.top": Menu(
            ("top", "top_short"),
            {"1": "order_status", "2": "number", "21": "music", "9": "other", "star": "top", "0": "person"},
            "person",
        ),
        "main.order_status": Script("order_status", {"done": "top", "person": "person"}, "person"),
        "main.number": Collect(("ask",), "order", "confirm", "person", 4, 6, "pound", twice, twice),
        "main.confirm": Say(("confirm",), "note"),
        "main.note": Set({"topic": "order, or not"}, "top"),
        "main.music": Play("demo-moreinfo", "bye"),
        "main.person": Queue("orders", {"mandarin": 3, "vip": 1}, 2),
        "main.bye": HangUp(("goodbye",)),
        "other.start": Goto("main.top"),
    }
    return Flow(nodes, {"main": "main.welcome", "other": "other.start"})


def soundless_voice(flow: Flow) -> Voice:
    """A voice whose sound for prompt `top` in Chinese is the path "zh/top"; `confirm` speaks the order's digits."""
    utterances = {}
    paths = {Spoken(clip, code): f"{code}/{clip}" for code in LANGUAGES for clip in clips_of("digits", code)}
    for prompt in flow.prompts():
        slots = (Slot("order", "digits"),) if prompt == "confirm" else ()
        utterances[prompt] = {code: Utterance(code, (Spoken(prompt, code), *slots)) for code in LANGUAGES}
        paths |= {Spoken(prompt, code): f"{code}/{prompt}" for code in LANGUAGES}
    return Voice(LANGUAGES, utterances, paths, samples_of=lambda path: PLAYED_SAMPLES)
