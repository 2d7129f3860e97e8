"""`hotline prompts`: what is said where, what is missing, the studio's script and its files."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dialplan.loader import load_site
from hotline.cli import app
from hotline.faults import HotlineError
from hotline.studio.intake import ENDINGS
from hotline.studio.lacks import Kind, lacks_of
from hotline.studio.stock import stock_of
from hotline.voices import site_voice
from ivr import levels, quality
from ivr.recordings import BOOK, read_book
from tests.unit.hotline.studio.tea_house import record, write_site

PAGE = Path(__file__).parents[4] / "docs" / "prompts.md"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hotline" / "speech"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site")


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Three good files of the Chinese speaker."""
    folder = tmp_path / "delivered"
    record(folder / "zh" / "welcome.wav", "您好，这里是茶馆。", gain_db=-6)
    record(folder / "zh" / "cups.1.wav", "您点了")
    record(folder / "zh" / "values" / "杯.wav", "杯")
    return folder


def prompts(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["prompts", *map(str, words)])


def told(*words: str | Path) -> Any:
    return json.loads(prompts(*words, "--json").stdout)


def test_list_tells_every_line_of_a_prompt(site: Path) -> None:
    """Where it is said, in which words; a prompt with a value is several lines, and its clips are lines as well."""
    rows = {row["file"]: row for row in told("list", site)}
    assert rows["zh/cups.1.wav"]["words"] == "您点了"
    assert rows["en/cups.2.wav"]["words"] == "of tea."
    assert rows["zh/welcome.wav"]["said"] == ["menu main.welcome"]
    assert rows["zh/old.wav"]["said"] == []
    assert rows["zh/values/杯.wav"] | {"words": "杯", "said": ["values of cups"]} == rows["zh/values/杯.wav"]
    assert {row["kind"] for row in rows.values()} == {"spoken"}
    assert {row["loudness_dbov"] for row in rows.values()} == {None}


def test_list_measures_what_is_rendered(site: Path) -> None:
    """Once the site is spoken: seconds, loudness, and all formats; only of the language that was asked for."""
    site_voice(load_site(site), site / "prompts")
    rows = told("list", site, "--lang", "en")
    assert {row["language"] for row in rows} == {"en"}
    assert {tuple(row["formats"]) for row in rows} == {("wav", "ulaw", "alaw", "g722", "sln16")}
    assert all(row["loudness_dbov"] == pytest.approx(levels.TARGET_DBOV, abs=0.1) for row in rows)
    assert "Hello, this is the tea house." in prompts("list", site).stdout


def test_a_language_that_nobody_recorded_lacks_nothing(site: Path) -> None:
    """Speech is no lack; what nobody says is told, and is none either. Asked for recordings, all of them are."""
    result = prompts("missing", site)
    assert result.exit_code == 0
    assert "unused" in result.stdout
    wanted = prompts("missing", site, "--recorded", "--json")
    assert wanted.exit_code == 1
    lacking = {(one["language"], one["name"]) for one in json.loads(wanted.stdout) if one["missing"]}
    assert lacking == {(row["language"], row["file"][3:-4]) for row in told("list", site)}


def test_a_language_that_is_begun_lacks_the_rest(site: Path, delivered: Path) -> None:
    """After the first recordings the others of that language are missing, values too; the other language is spoken."""
    prompts("import", site, delivered)
    lacks = told("missing", site)
    missing = {one["name"] for one in lacks if one["kind"] == "recording"}
    assert {one["language"] for one in lacks if one["missing"]} == {"zh"}
    assert missing >= {"ask", "bye", "cups.2", "values/两"}
    assert not missing & {"welcome", "cups.1", "values/杯"}


def test_changed_words_make_a_recording_missing(site: Path, delivered: Path) -> None:
    """Told with both texts, and callers hear the new words, spoken."""
    prompts("import", site, delivered)
    before = site_voice(load_site(site), site / "prompts").files("welcome", "zh")
    text = (site / "prompts.yaml").read_text("utf-8").replace("您好，这里是茶馆。", "您好，这里是新茶馆。")
    (site / "prompts.yaml").write_text(text, "utf-8")
    result = prompts("missing", site, "--json")
    (changed,) = (one for one in json.loads(result.stdout) if one["kind"] == "changed")
    assert changed["detail"] == "recorded: 您好，这里是茶馆。; now: 您好，这里是新茶馆。"
    assert result.exit_code == 1
    assert site_voice(load_site(site), site / "prompts").files("welcome", "zh") != before


def test_a_format_that_is_gone_is_missing(site: Path, cache: Path) -> None:
    """A cache from which something was deleted is told by file and format, and what the next start mends is mended."""
    voice = site_voice(load_site(site), site / "prompts")
    Path(voice.files("bye", "en")[0] + ".g722").unlink()
    (lack,) = (one for one in told("missing", site) if one["missing"])
    assert (lack["kind"], lack["language"], lack["name"]) == ("format", "en", "bye")
    assert lack["detail"].startswith("not rendered as g722;")
    site_voice(load_site(site), site / "prompts")
    assert prompts("missing", site).exit_code == 0


def test_a_recording_of_nothing_is_told(site: Path, delivered: Path) -> None:
    """A prompt was taken out of the site, its recording stays: no lack, but a file that somebody may delete."""
    record(site / "prompts" / "zh" / "gone.wav", "没有了")
    lacks = lacks_of(stock_of(load_site(site), site))
    assert [(one.language, one.name) for one in lacks if one.kind == "orphan"] == [("zh", "gone")]


def test_a_prompt_without_a_language_is_missing(site: Path) -> None:
    """A site that cannot be run for it is told of it all the same, with file and line."""
    text = (site / "prompts.yaml").read_text("utf-8").replace("bye: {zh: 再见。, en: Goodbye.}", "bye: {zh: 再见。}")
    (site / "prompts.yaml").write_text(text, "utf-8")
    result = prompts("missing", site)
    assert result.exit_code == 1
    assert "prompts.yaml:4" in result.stdout
    assert 'found no words in "en"' in result.stdout


def test_the_script_is_a_table_for_excel(site: Path, tmp_path: Path) -> None:
    """UTF-8 with its mark; numbered in each language; the exact words, the sentence with its value explained, where it
    is said, what to mind, and the name of the file."""
    assert prompts("export", site, tmp_path / "script.csv").exit_code == 0
    content = (tmp_path / "script.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = {row["file"]: row for row in csv.DictReader(content.decode("utf-8-sig").splitlines())}
    row = rows["zh/cups.1.wav"]
    assert row["words"] == "您点了"
    assert row["sentence"] == "您点了[cups: count 杯, such as 两杯]茶。"
    assert row["said"] == "menu main.told"
    assert row["note"] == "a value follows: keep the voice up"
    assert [rows["zh/welcome.wav"]["number"], rows["en/welcome.wav"]["number"]] == ["1", "1"]


def test_a_folder_gets_a_page_for_each_speaker(site: Path, tmp_path: Path) -> None:
    """Beside the table; each page in one language, with what is written in the site meaning nothing to a browser."""
    text = (site / "prompts.yaml").read_text("utf-8").replace("Goodbye.", "Good<b>bye & thanks.")
    (site / "prompts.yaml").write_text(text, "utf-8")
    prompts("export", site, tmp_path / "studio")
    assert sorted(path.name for path in (tmp_path / "studio").iterdir()) == [
        "script.csv",
        "script.en.html",
        "script.zh.html",
    ]
    page = (tmp_path / "studio" / "script.en.html").read_text("utf-8")
    assert "Good&lt;b&gt;bye &amp; thanks." in page
    assert "您好" not in page


def test_what_is_recorded_need_not_be_recorded_again(site: Path, delivered: Path, tmp_path: Path) -> None:
    """--missing leaves it out, and says so once there is nothing left."""
    prompts("import", site, delivered)
    prompts("export", site, tmp_path / "rest.csv", "--missing")
    files = {row["file"] for row in csv.DictReader((tmp_path / "rest.csv").read_text("utf-8-sig").splitlines())}
    assert "zh/ask.wav" in files
    assert "zh/welcome.wav" not in files


@pytest.mark.parametrize(
    ("to", "error"), [("script.xlsx", r"cannot write \.xlsx"), ("script.html", "say which with --lang")]
)
def test_a_script_that_cannot_be_written(site: Path, tmp_path: Path, to: str, error: str) -> None:
    """What cannot be is told with what can."""
    with pytest.raises(HotlineError, match=error):
        CliRunner().invoke(app, ["prompts", "export", str(site), str(tmp_path / to)], catch_exceptions=False)


def test_recordings_are_taken_in(site: Path, delivered: Path) -> None:
    """16 kHz, mono, trimmed, at one loudness with peaks below -3 dB, and written down with words, file and level."""
    result = prompts("import", site, delivered)
    assert result.exit_code == 0, result.output
    sound = levels.decode(site / "prompts" / "zh" / "welcome.wav")
    assert (sound.frame_rate, sound.channels) == (levels.WIDE_HZ, 1)
    assert levels.loudness(sound) == pytest.approx(levels.TARGET_DBOV, abs=0.1)
    assert sound.max_dBFS <= levels.PEAK_DBFS
    assert len(sound) < len(levels.read(delivered / "zh" / "welcome.wav")) - 900
    (row,) = (row for row in read_book(site / "prompts") if row.name == "welcome")
    assert (row.words, row.delivered) == ("您好，这里是茶馆。", "zh/welcome.wav")
    assert {one["kind"] for one in told("list", site) if one["file"] == "zh/values/杯.wav"} == {"recorded"}


def test_a_second_delivery_keeps_what_the_first_brought(site: Path, delivered: Path, tmp_path: Path) -> None:
    """A file again is a new recording, the book has one row of it, and the others stay."""
    prompts("import", site, delivered)
    record(tmp_path / "second" / "welcome.wav", "您好，这里是茶馆。", gain_db=-10)
    (one,) = told("import", site, tmp_path / "second", "--lang", "zh")["taken"]
    assert one["replaces"]
    assert sorted(row.name for row in read_book(site / "prompts")) == ["cups.1", "values/杯", "welcome"]


def test_a_dry_run_writes_nothing(site: Path, delivered: Path) -> None:
    """And tells all that would be done."""
    assert len(told("import", site, delivered, "--dry-run")["taken"]) == 3
    assert not (site / "prompts").exists()


def test_what_is_unfit_is_refused_and_the_rest_is_taken(site: Path, delivered: Path) -> None:
    """Each with what was found and what was expected; exit code 1; what is no sound is passed over."""
    record(delivered / "zh" / "bye.wav", "再见。", gain_db=40)
    record(delivered / "zh" / "ask.wav", "请输入桌号。", gain_db=-50)
    (delivered / "zh" / "old.mp3").write_bytes(b"ID3 no sound at all")
    record(delivered / "zh" / "welcom.wav", "您好")
    record(delivered / "zh" / "cups.wav", "您点了两杯茶")
    record(delivered / "de" / "welcome.wav", "您好")
    record(delivered / "bye.wav", "再见")
    record(delivered / "en" / "bye.wav", "Goodbye", "en")
    (delivered / "en" / "bye.flac").write_bytes((delivered / "en" / "bye.wav").read_bytes())
    (delivered / "notes.txt").write_text("see you")
    (delivered / "script.csv").write_text("number")
    result = prompts("import", site, delivered, "--json")
    outcome = json.loads(result.stdout)
    refused = {one["file"]: one["fault"] for one in outcome["refused"]}
    assert result.exit_code == 1
    assert {one["file"] for one in outcome["taken"]} == {"zh/welcome.wav", "zh/cups.1.wav", "zh/values/杯.wav"}
    assert "found it clipped at" in refused.pop("zh/bye.wav")
    assert "found the voice at -" in refused.pop("zh/ask.wav")
    assert "found no sound that can be read" in refused.pop("zh/old.mp3")
    assert refused.pop("zh/welcom.wav") == 'found "welcom", which is not to be recorded; did you mean "welcome"?'
    assert refused.pop("zh/cups.wav") == ("found one file; expected 2, as values are said between them: cups.1, cups.2")
    assert refused.pop("de/welcome.wav") == 'found the language "de"; expected en or zh'
    assert refused.pop("bye.wav") == "found no language; expected it in a folder: en or zh, or --lang"
    assert refused.pop("en/bye.wav") == "found bye.flac beside it; expected one file for a recording"
    assert refused.pop("en/bye.flac") == "found bye.wav beside it; expected one file for a recording"
    assert refused == {}
    assert outcome["passed_over"] == ["notes.txt"]


def test_a_recording_of_another_length_is_to_be_listened_to(site: Path, tmp_path: Path) -> None:
    """Swapped files are a studio's mistake that no level shows: it is taken, and told."""
    record(tmp_path / "d" / "zh" / "bye.wav", "您好，这里是茶馆，请输入桌号，然后请稍候。")
    (one,) = told("import", site, tmp_path / "d")["taken"]
    assert one["doubt"].endswith("listen whether it is the right one")


def test_a_spoilt_book_stops_the_import_before_anything_is_written(site: Path, delivered: Path) -> None:
    """Told with file and line."""
    prompts("import", site, delivered)
    (site / "prompts" / BOOK).write_text("language\n")
    (site / "prompts" / "zh" / "welcome.wav").unlink()
    with pytest.raises(HotlineError, match=r"recordings\.csv:1"):
        CliRunner().invoke(app, ["prompts", "import", str(site), str(delivered)], catch_exceptions=False)
    assert not (site / "prompts" / "zh" / "welcome.wav").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["list", "{site}", "--lang", "fr"], 'the site does not speak "fr"; expected zh or en'),
        (["list", "{site}/menus"], "cannot be run yet: `hotline check"),
        (["import", "{site}", "{site}/none"], "none is no folder"),
        (["import", "{site}", "{site}/menus"], "holds no sounds; expected files such as zh/welcome.wav"),
    ],
)
def test_what_cannot_be_done_is_told(site: Path, words: list[str], error: str) -> None:
    """With what was found and what was expected."""
    with pytest.raises(HotlineError, match=error):
        CliRunner().invoke(app, ["prompts", *(one.format(site=site) for one in words)], catch_exceptions=False)


def test_the_page_tells_all_that_may_be_missing_and_may_be_delivered() -> None:
    """docs/prompts.md has a row for each kind of lack, and names every kind of file, the book, and the figures."""
    page = PAGE.read_text("utf-8")
    assert [row.split("`")[1] for row in page.split("## What is missing")[1].splitlines() if row.startswith("| `")] == [
        *Kind
    ]
    names = {".aif": "AIFF", ".m4a": "AAC"}
    assert all(names.get(ending, ending[1:].upper()) in page.upper() for ending in ENDINGS)
    assert f"prompts/{BOOK}" in page
    for figure in (f"below {quality.QUIET_DBOV:g} dBov", f"less than {quality.NOISE_DB:g} dB below"):
        assert figure in page
