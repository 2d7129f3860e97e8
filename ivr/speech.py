"""Speech by espeak-ng: text -> sound. Chinese goes through pinyin, which espeak-ng reads well; characters it reads as
noise, and numerals wrongly (110 as 一百十), so these are spelled out first (espeak-ng/espeak-ng#1028, #1370).
"""

import re
import tempfile
from pathlib import Path

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

from ivr import espeak, levels, spoken

RUN_GAP_MILLISECONDS = 180
"""Silence between a Chinese and an English part of one prompt."""

_VOICES = {"zh": "cmn-latn-pinyin", "en": "en-us"}
_WORDS_PER_MINUTE = {"zh": 150, "en": 155}
_LONG_NUMBER_DIGITS = 5

# A stretch of Latin words in a Chinese prompt, with the digits and punctuation inside it: "For English, press 2."
_LATIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ,.'!?-]*[A-Za-z0-9.!?])?")
_NUMERAL = re.compile(r"\d+(?=(年?))")
# A clip such as 一件 or 一万: 一 has the tone that its neighbour asks for. In 一百一十, and in dates, it keeps its own.
_ONE_OF_SOMETHING = re.compile(r"一(?![十月日])\w{1,4}")
_PUNCTUATION = str.maketrans("，。、；：？！（）“”…—", ",.,;:?!,,  ,,")
_SPEAKABLE = re.compile(r"\w")

# What pypinyin has wrongly: January is no "one month", eleven o'clock no "one point", and the sign no pole.
load_phrases_dict({"一月": [["yī"], ["yuè"]], "十一点": [["shí"], ["yī"], ["diǎn"]]})
load_single_dict({ord("杠"): "gàng"})


def render(text: str, language: str) -> levels.Sound:
    """Speak a prompt's text; English words in a Chinese text are spoken by the English voice.

    Raises:
        SpeechUnavailable: espeak-ng is missing, refused the text, or took too long.
    """
    parts = [_speak(words, voice) for words, voice in runs(text, language) if _SPEAKABLE.search(words)]
    return levels.join(parts, RUN_GAP_MILLISECONDS) if parts else levels.silence(100)


def runs(text: str, language: str) -> list[tuple[str, str]]:
    """The text cut into (words for espeak-ng, language of the voice), in order."""
    if language != "zh":
        return [(_english(text), language)]
    found: list[tuple[str, str]] = []
    end = 0
    for latin in _LATIN.finditer(text):
        found += [(pinyin(text[end : latin.start()]), "zh"), (_english(latin[0]), "en")]
        end = latin.end()
    found.append((pinyin(text[end:]), "zh"))
    return [(words, voice) for words, voice in found if words]


def pinyin(text: str) -> str:
    """Chinese text as tone-numbered syllables, its punctuation kept because espeak-ng pauses there."""
    spelled = _NUMERAL.sub(_chinese_numeral, text)
    syllables = lazy_pinyin(spelled, style=Style.TONE3, neutral_tone_with_five=True)
    if _ONE_OF_SOMETHING.fullmatch(spelled):
        syllables[0] = "yi2" if syllables[1].endswith("4") else "yi4"
    return " ".join(syllables).translate(_PUNCTUATION).strip()


def _chinese_numeral(match: re.Match[str]) -> str:
    """A number in words: short ones as a cardinal, years and long ones digit by digit.

    A digit alone is a key to press, which is 一, never 幺.
    """
    numeral = match[0]
    if match[1] or _is_long(numeral):
        return "".join(clip for clip in spoken.digits(numeral, "zh") if clip != spoken.PAUSE)
    return "".join(spoken.number(int(numeral), "zh"))


def _english(text: str) -> str:
    return re.sub(r"\d+", lambda match: " ".join(match[0]) if _is_long(match[0]) else match[0], text).strip()


def _is_long(numeral: str) -> bool:
    return len(numeral) >= _LONG_NUMBER_DIGITS or (len(numeral) > 1 and numeral.startswith("0"))


def _speak(words: str, language: str) -> levels.Sound:
    with tempfile.TemporaryDirectory() as folder:
        # Not from a pipe: there espeak-ng cannot go back to write the length into the header.
        path = Path(folder, "speech.wav")
        espeak.run("-v", _VOICES[language], "-s", str(_WORDS_PER_MINUTE[language]), "-w", str(path), "--", words)
        return levels.read(path)
