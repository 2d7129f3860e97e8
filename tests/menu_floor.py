"""Menus for callers who count and time: two of which a key leads to the other, digits to be entered, a vote.

The prompts are tones, each of which a caller knows by its first packet. The two menus are there a second time, native
in the dialplan of the same Asterisk.
"""

from collections.abc import Mapping
from pathlib import Path

from dialplan.loader import load_site
from hotline.asterisk_tree import find_asterisk
from hotline.demo.house import House
from hotline.phones.rtp import PACKET_SAMPLES
from hotline.phones.sound import write_tone
from hotline.processes import run_to_end
from hotline.voices import site_voice
from tests.two_systems import write_site

OURS, NATIVE, DIGITS, POLL, BARE = "7000", "7001", "7002", "7003", "7004"
PROMPT_SECONDS = 1.0
TONES_HZ: Mapping[str, float] = {"first": 440.0, "second": 620.0, "digits": 800.0, "taken": 1000.0, "poll": 1200.0}
DIGITS_MAX = 20

SITE_FILES: Mapping[str, str] = {
    "site.yaml": f"""\
name: Bench
languages: [en]
numbers: {{"{OURS}": main, "{DIGITS}": entry, "{POLL}": poll}}
trunks: [{{name: local, addresses: ["127.0.0.1"]}}]
""",
    "menus/main.yaml": """\
entry: one
nodes:
  one:
    type: menu
    prompt: first
    choices: {"1": two, "2": bye}
    first_digit_seconds: 30
    no_input: {max: 9, prompt: first}
    no_match: {max: 9, prompt: first}
    exhausted: bye
  two:
    type: menu
    prompt: second
    choices: {"1": one, "2": bye}
    first_digit_seconds: 30
    no_input: {max: 9, prompt: second}
    no_match: {max: 9, prompt: second}
    exhausted: bye
  bye: {type: hangup}
""",
    "menus/entry.yaml": f"""\
entry: digits
nodes:
  digits:
    type: collect
    prompt: digits
    into: number
    min_digits: {DIGITS_MAX}
    max_digits: {DIGITS_MAX}
    first_digit_seconds: 30
    inter_digit_seconds: 5
    no_input: {{max: 3, prompt: digits}}
    no_match: {{max: 3, prompt: digits}}
    next: taken
    exhausted: bye
  taken: {{type: say, prompt: taken, next: digits}}
  bye: {{type: hangup}}
""",
    "menus/poll.yaml": """\
entry: ask
nodes:
  ask:
    type: vote
    prompt: poll
    ballot: weekend
    choices: {"1": open, "2": closed}
    first_digit_seconds: 30
    no_input: {max: 9, prompt: poll}
    no_match: {max: 9, prompt: poll}
    next: main.one
    repeated: main.one
    failed: main.one
    exhausted: main.one
""",
    "queues.yaml": "people:\n  name: {en: People}\n  skills: {people: 1}\n",
    "agents.yaml": '"2001": {name: Agent, skills: {people: 5}}\n',
}
_WORDS = "".join(f"{name}:\n  en: {name}\n" for name in TONES_HZ)


def write_menus(folder: Path, files: Mapping[str, str] = SITE_FILES) -> Path:
    """Write the site with its tones, and return its folder."""
    site = write_site(folder, files)
    with (site / "prompts.yaml").open("a", encoding="utf-8") as prompts:
        prompts.write(_WORDS)
    for name, hz in TONES_HZ.items():
        path = site / "prompts" / "en" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tone(path, hz, PROMPT_SECONDS)
    return site


class MenuFloor:
    """`hotline up` on that site, with the native menus added to its Asterisk; use as `async with`."""

    def __init__(self, folder: Path, files: Mapping[str, str] = SITE_FILES) -> None:
        self.house = House(folder, write_menus(folder / "site", files))
        site = load_site(self.house.site)
        self.voice = site_voice(site, self.house.site / "prompts")
        self.prompts = {_first_packet(self._file(name)): name for name in TONES_HZ}

    async def __aenter__(self) -> "MenuFloor":
        await self.house.start()
        return self

    @property
    def two_prompts(self) -> list[str]:
        """The sound files of the two menus."""
        return [self._file("first"), self._file("second")]

    async def add_native_menus(self, bare_agi_port: int) -> None:
        """Put the same two menus into the context that the trunk's callers come into, by Asterisk's own console.

        bare_agi_port: of the AGI server that has them too.
        """
        first, second = self.two_prompts
        lines = [
            f"dialplan add extension {BARE},1,Answer into hotline",
            f"dialplan add extension {BARE},2,AGI,agi://127.0.0.1:{bare_agi_port}/menus into hotline",
            f"dialplan add extension {NATIVE},1,Answer into hotline",
            f"dialplan add extension {NATIVE},2,Goto,native-one,s,1 into hotline",
        ]
        for here, there, file in (("one", "two", first), ("two", "one", second)):
            lines += [
                f"dialplan add extension s,1,Background,{file} into native-{here}",
                f"dialplan add extension s,2,WaitExten,30 into native-{here}",
                f"dialplan add extension 1,1,Goto,native-{there},s,1 into native-{here}",
                f"dialplan add extension 2,1,Hangup into native-{here}",
            ]
        asterisk = find_asterisk()
        console = (*asterisk.command, "-C", str(self.house.state.asterisk / "etc" / "asterisk.conf"), "-rx")
        for line in lines:
            await run_to_end((*console, line))

    async def __aexit__(self, *error: object) -> None:
        await self.house.stop()

    def _file(self, prompt: str) -> str:
        (file,) = self.voice.files(prompt, "en")
        return file


def _first_packet(file: str) -> bytes:
    """The callers speak PCMU: they are sent the file of that format as it is, a byte a sample."""
    with Path(f"{file}.ulaw").open("rb") as sound:
        return sound.read(PACKET_SAMPLES)
