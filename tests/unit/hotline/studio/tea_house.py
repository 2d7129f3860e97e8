"""A small site to be recorded, and a studio that records it: espeak-ng at 48 kHz."""

from pathlib import Path

from ivr import levels, speech

SITE = {
    "site.yaml": """\
name: Tea House
languages: [zh, en]
numbers: {"4001": main}
trunks: [{name: carrier, addresses: ["192.0.2.10"]}]
""",
    "queues.yaml": "{}\n",
    "agents.yaml": "{}\n",
    "prompts.yaml": """\
welcome: {zh: 您好，这里是茶馆。, en: "Hello, this is the tea house."}
ask: {zh: 请输入桌号。, en: Please key in your table.}
cups: {zh: "您点了{cups:count 杯}茶。", en: "You have ordered {cups:count cup/cups} of tea."}
bye: {zh: 再见。, en: Goodbye.}
old: {zh: 旧的, en: Nobody says this}
""",
    "menus/main.yaml": """\
entry: welcome
nodes:
  welcome: {type: say, prompt: welcome, next: ask}
  ask: {type: collect, prompt: ask, into: cups, next: told, exhausted: end}
  told: {type: say, prompt: cups, next: end}
  end: {type: hangup, prompt: bye}
""",
}


def write_site(folder: Path) -> Path:
    for name, text in SITE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def record(path: Path, words: str, language: str = "zh", *, gain_db: float = 0.0) -> None:
    """What a studio would deliver, with half a second of silence around it."""
    voice = speech.render(words, language).set_frame_rate(48_000)
    pause = levels.silence(500, 48_000)
    levels.write(levels.join([pause, voice + gain_db, pause], 0), path)
