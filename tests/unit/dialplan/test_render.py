"""Asterisk's configuration as rendered: nothing dialled that is not listed, nothing that a value can break out of."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.loader import load_site
from dialplan.music import MusicSettings
from dialplan.nodes import HangupNode
from dialplan.render import MODULES, TEMPLATES, Places, Ports, Secrets, UnsafeValue, plain, render
from dialplan.site import Agent, Menu, Queue, Site, Trunk
from ivr.session import QUESTION

SHOP = Path(__file__).parents[3] / "dialplan" / "sites" / "shop"
PORTS = Ports(sip=5060, ami=5038, ivr=4573, script=4574, acd=4575, rtp_first=10_000, rtp_last=11_999)
PLACES = Places(
    state=Path("/srv/state/asterisk"),
    run=Path("/run/hotline"),
    data=Path("/usr/share/asterisk"),
    modules=Path("/usr/lib/asterisk/modules"),
    moh=Path("/usr/share/asterisk/moh"),
    recordings=Path("/srv/state/recordings"),
)
AGENTS = ("1001", "1002", "1003", "1004", "1005", "1006")
EXTENSIONS = (*AGENTS, "2001", "2002")
SECRETS = Secrets("ami-secret", {extension: f"password-{extension}" for extension in EXTENSIONS})

CALLER_VALUES = re.compile(r"\$\{(CALLERID|CONNECTEDLINE|REDIRECTING|EXTEN|CDR|PJSIP|SIPHEADER|HTTP|CHANNEL\(peer)")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return render(load_site(SHOP), PORTS, PLACES, SECRETS)


def lines_of(text: str) -> list[str]:
    """The lines that mean something to Asterisk."""
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(";")]


def contexts(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines_of(text):
        if line.startswith("["):
            found[line.strip("[]")] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def test_only_the_named_events_are_sent() -> None:
    """Each event that is named gets a filter, device states only of phones, channel states only Up; where none is
    named all are sent."""
    events = {"Hangup", "DeviceStateChange", "Newstate"}
    text = render(load_site(SHOP), PORTS, PLACES, SECRETS, events=events)["manager.conf"]
    assert [line for line in lines_of(text) if "eventfilter" in line] == [
        "eventfilter(name(DeviceStateChange),header(Device),method(starts_with)) = PJSIP/",
        "eventfilter(name(Hangup)) =",
        "eventfilter(name(Newstate),header(ChannelState),method(exact)) = 6",
    ]
    assert "eventfilter" not in render(load_site(SHOP), PORTS, PLACES, SECRETS)["manager.conf"]


def test_every_template_is_rendered(files: dict[str, str]) -> None:
    """One file for each template, under its name without .j2, and every value filled in."""
    assert files.keys() == {path.stem for path in TEMPLATES.glob("*.j2")}
    assert not [name for name, text in files.items() if "{{" in text or "{%" in text]


def test_only_exact_extensions_can_be_dialled(files: dict[str, str]) -> None:
    """From a carrier the site's numbers, from an agent codes, some with a few digits, other agents, and outside what
    the site allows (S10)."""
    dialplan = contexts(files["extensions.conf"])
    extensions = {
        name: {line.split("=>")[1].split(",")[0].strip() for line in lines if line.startswith("exten")}
        for name, lines in dialplan.items()
    }
    assert extensions.pop("general") == set()
    assert extensions.pop("hotline") == {"4001", "4002"}
    codes = {"*11", "*12", "*13", "*14", "*15", "*16", "_*13X", "_*13XX.", "_*15XXXXX."}
    codes |= {f"_*15{'X' * digits}" for digits in range(1, 5)}
    codes |= {f"*2{number}{agent}" for number in range(1, 6) for agent in AGENTS}
    outside = {f"_1{digit}XXXXXXXXX" for digit in range(3, 10)}
    lamps = {f"agent-{agent}" for agent in AGENTS}
    assert extensions.pop("agents") == {*codes, "7001", "7002", *EXTENSIONS, *lamps, *outside}
    assert extensions.pop("supervise-keys") == {"4", "5", "6", "7"}
    assert extensions.pop("transfer") == {"7001", "7002", "4001", "4002", *AGENTS, *outside}
    assert extensions.pop("outside") == outside
    assert extensions.pop("onward") == {*AGENTS, *outside, "i"}, "where only the menus lead"
    assert set().union(*extensions.values()) == {"s"}
    assert not re.search(
        r"exten\s*=>\s*_(?!\*1[35]X+\.?,|1[3-9]X{9},)|include|switch\s*=>|ignorepat", files["extensions.conf"]
    )


def test_every_value_from_outside_is_filtered(files: dict[str, str]) -> None:
    """What the far end chose appears once, inside FILTER; what another process set and a path is made of, too (S10).

    Behind the path, as its argument, stand our own variables alone: the answer to what an IVR's session would ask.
    """
    for line in lines_of(files["extensions.conf"]):
        for match in CALLER_VALUES.finditer(line):
            assert re.search(r"\$\{FILTER\([0-9a-z_+-]+,$", line[: match.start()]), line
    assert "${FILTER(a-z0-9_,${IVR_SCRIPT})}" in files["extensions.conf"]
    paths = files["extensions.conf"].replace(f"/ivr,{QUESTION})", "/ivr)")
    assert paths != files["extensions.conf"]
    unfiltered = re.findall(r"agi://[^)$]*\$\{(?!FILTER)", paths)
    assert unfiltered == []


def test_nothing_can_run_a_command(files: dict[str, str]) -> None:
    """Neither the dialplan nor the modules know System, SHELL, CURL, FILE, originate by spool, or HTTP (S3, S4); what
    is loaded is listed once."""
    words = ("System(", "TrySystem(", "SHELL(", "CURL(", "FILE(", "EVAL(", "MixMonitor(", "ExternalIVR(", "Exec(")
    recorder = re.escape(f"MixMonitor({PLACES.recordings}/${{RECORDING}}.raw,${{RECORD_WHEN}}Di(RECORDING_ID))")
    dialplan, recorders = re.subn(rf"(?<!Stop){recorder}", "", files["extensions.conf"].replace("StopMixMonitor(", ""))
    assert recorders == 1  # one, and its third argument, a command, is not there
    assert not [word for word in words if word in dialplan]
    loaded = set(re.findall(r"^load = (\w+)\.so$", files["modules.conf"], re.MULTILINE))
    assert loaded >= set(MODULES)
    assert len(MODULES) == len(set(MODULES))
    assert not loaded & {"app_system", "func_shell", "func_curl", "func_env", "func_db", "pbx_spool", "app_queue"}
    assert "live_dangerously = no" in files["asterisk.conf"]


def test_more_modules_are_loaded_on_request() -> None:
    """The bench adds app_queue; nobody else does."""
    text = render(load_site(SHOP), PORTS, PLACES, SECRETS, extra_modules=("app_queue",))["modules.conf"]
    assert lines_of(text)[-1] == "load = app_queue.so"


def test_a_module_that_only_newer_asterisks_have_is_loaded_where_it_is(tmp_path: Path) -> None:
    """cdr_custom of Asterisk 22 needs res_cdrel_custom; older ones have none, and loading it would be an error."""
    places = Places(PLACES.state, PLACES.run, PLACES.data, tmp_path, PLACES.moh, PLACES.recordings)
    site = load_site(SHOP)
    assert "res_cdrel_custom" not in render(site, PORTS, places, SECRETS)["modules.conf"]
    (tmp_path / "res_cdrel_custom.so").touch()
    assert "load = res_cdrel_custom.so" in render(site, PORTS, places, SECRETS)["modules.conf"]


def test_secrets_are_only_where_they_belong(files: dict[str, str]) -> None:
    """The AMI secret is in manager.conf, each agent's password once in pjsip.conf, and no repr shows any."""
    assert [name for name, text in files.items() if "ami-secret" in text] == ["manager.conf"]
    assert [name for name, text in files.items() if "password-" in text] == ["pjsip.conf"]
    for extension in EXTENSIONS:
        assert files["pjsip.conf"].count(f"password = password-{extension}\n") == 1
    assert "secret" not in repr(SECRETS).replace("Secrets", "")
    assert "password" not in repr(SECRETS)


def test_ami_listens_on_loopback_with_few_rights(files: dict[str, str]) -> None:
    """One account, from this machine only, without system, command, config or all (S1, S2)."""
    sections = contexts(files["manager.conf"])
    assert sections.keys() == {"general", "acd"}
    assert "bindaddr = 127.0.0.1" in sections["general"]
    rights = dict(line.split(" = ") for line in sections["acd"] if " = " in line)
    assert rights["permit"] == "127.0.0.1/255.255.255.255"
    assert set(rights["write"].split(",")) == {"call", "reporting", "originate"}
    assert set(rights["read"].split(",")) == {"call", "system", "dtmf"}


def test_a_carrier_is_known_by_address_and_an_agent_by_password(files: dict[str, str]) -> None:
    """No endpoint can be reached by both: a caller's name never makes an agent, an address no more."""
    text = files["pjsip.conf"]
    trunk, agent = (text.split(f"[{name}](!,leg)")[1].split("\n[")[0] for name in ("trunk", "agent"))
    assert "context = hotline" in trunk and "identify_by = ip\n" in trunk
    assert "context = agents" in agent and "identify_by = auth_username,username\n" in agent
    assert text.count("auth_type = userpass") == len(EXTENSIONS)
    assert "set_var = AGENT_ID=1003" in text
    assert "strictrtp = yes" in files["rtp.conf"]


def test_a_phone_that_vanishes_in_a_talk_is_given_up(files: dict[str, str]) -> None:
    """A phone without power sends no BYE: its silence ends the talk (F15). Carriers say themselves when a call is
    over, and their callers may be silent."""
    trunk, agent = (files["pjsip.conf"].split(f"[{name}](!,leg)")[1].split("\n[")[0] for name in ("trunk", "agent"))
    assert "rtp_timeout = 30\n" in agent
    assert "rtp_timeout" not in trunk


def hostile(**changes: object) -> Site:
    """A site as no loader would let it through: the renderer must not rely on it."""
    good = Site(
        name="x",
        languages=["zh"],
        numbers={"4001": "main.end"},
        menus={"main": Menu(entry="end", nodes={"end": HangupNode(type="hangup")})},
        prompts={},
        queues={"orders": Queue(id="orders", name={"zh": "订单"})},
        agents={"1001": Agent(extension="1001", name="Wang")},
        trunks=[Trunk(name="carrier", addresses=["192.0.2.1"])],
    )
    return good.model_copy(update=changes)


BREAKING = ["1\n2", "1;2", "${SHELL(x)}", "1,2", "a]\n[b", "1=>2", "$[1+1]", "a\x00b", " 1", "1\r", "a\\b"]


@pytest.mark.parametrize("value", BREAKING)
def test_a_value_that_could_break_out_is_refused(value: str) -> None:
    """Whatever way it came: as a number, an entry, a language, a queue, an extension, a trunk, a password, a folder."""
    trunk = Trunk.model_construct(None, name="carrier", addresses=[value])
    agent = Agent.model_construct(None, extension=value, name="x", skills={})
    sites = [
        hostile(numbers={value: "main.end"}),
        hostile(numbers={"4001": value}),
        hostile(languages=[value]),
        hostile(queues={value: "any"}),
        hostile(agents={value: agent}),
        hostile(trunks=[trunk]),
    ]
    for site in sites:
        with pytest.raises(UnsafeValue):
            render(site, PORTS, PLACES, Secrets("x", {"1001": "y", value: "y"}))
    with pytest.raises(UnsafeValue):
        render(hostile(), PORTS, PLACES, Secrets("x", {"1001": value}))
    with pytest.raises(UnsafeValue):
        render(hostile(), PORTS, PLACES, Secrets(value, {"1001": "y"}))


def test_names_that_people_read_never_reach_asterisk(tmp_path: Path) -> None:
    """The names of the site, of agents and of queues may hold anything: Asterisk's files do not have them."""
    agents = {"1001": Agent(extension="1001", name="x\n[evil]\n${SHELL(x)};")}
    site = hostile(name="evil\n[general]", agents=agents)
    rendered = render(site, PORTS, PLACES, Secrets("x", {"1001": "y"}))
    assert not [name for name, text in rendered.items() if "evil" in text or "SHELL(x)" in text]


def test_a_site_without_queues_still_has_an_end_for_every_call() -> None:
    """When the menus cannot be had and there is no queue to fall back to, the caller hears a tone and is let go."""
    text = render(hostile(queues={}), PORTS, PLACES, Secrets("x", {"1001": "y"}))["extensions.conf"]
    assert "n(give-up),Congestion(" in text


@given(st.text())
def test_plain_lets_nothing_through_that_has_a_meaning(text: str) -> None:
    """A value is itself, or is refused; what passes holds no separator, comment, variable or control character."""
    try:
        assert plain(text) == text
    except UnsafeValue:
        return
    assert not set(text) & set(';,$[]{}"\\<>|&()`\r\n\0')
    assert text == text.strip(" \t")


OUTBOUND = """
  trunk: carrier
  allow: ["1XXXXXXXXXX", "010ZXXXXXXX"]
"""


@pytest.fixture
def with_carrier(tmp_path: Path) -> dict[str, str]:
    """The configuration of a site that allows calls to the outside, by a carrier of that name."""
    folder = tmp_path / "site"
    shutil.copytree(SHOP, folder)
    written = (folder / "site.yaml").read_text("utf-8")
    carrier = '  - {name: carrier, addresses: ["192.0.2.10"], host: "sip.example.net:5060"}\n'
    ours = re.sub(r"\n  trunk: local\n  allow: .*\n", OUTBOUND, written)
    (folder / "site.yaml").write_text(ours.replace("trunks:\n", f"trunks:\n{carrier}"), "utf-8")
    return render(load_site(folder), PORTS, PLACES, SECRETS)


@pytest.fixture
def calls_out(with_carrier: dict[str, str]) -> str:
    """Its dialplan."""
    assert "contact = sip:sip.example.net:5060\n" in with_carrier["pjsip.conf"]
    return with_carrier["extensions.conf"]


def test_whoever_is_called_outside_sees_the_hotline(with_carrier: dict[str, str]) -> None:
    """The carrier's endpoint gives its own From: a channel's caller id may be changed between Set and Dial. Other
    trunks, by which nobody is called, have none."""
    sections = re.split(r"\n(?=\[)", with_carrier["pjsip.conf"])
    asked = [section.partition("]")[0] for section in sections if "\nfrom_user = 4001\n" in section]
    assert asked == ["[trunk-carrier"]


def test_outside_is_dialled_only_by_the_sites_patterns(calls_out: str) -> None:
    """Agents and their transfers reach numbers of the listed lengths and no others, on one carrier (S13)."""
    for context in ("agents", "transfer", "outside"):
        patterns = [line for line in contexts(calls_out)[context] if "=> _" in line and "=> _*" not in line]
        assert [line.split("=> ")[1].split(",")[0] for line in patterns] == ["_1XXXXXXXXXX", "_010ZXXXXXXX"]
    assert "=> _" not in "\n".join(contexts(calls_out)["hotline"])
    dials = {line for line in contexts(calls_out)["outside"] if "Dial(" in line}
    assert dials == {" same => n,Dial(PJSIP/${FILTER(0-9+,${EXTEN})}@trunk-carrier,60)"}
    kept, shown, dial = contexts(calls_out)["outside"][:3]
    assert kept.endswith(",1,Set(OWN_NUMBER=${FILTER(0-9+,${CALLERID(num)})})")
    assert shown.endswith("Set(CALLERID(num)=4001)") and "Dial(" in dial
    assert " same => n,Set(CALLERID(num)=${OWN_NUMBER})" in contexts(calls_out)["outside"]


def test_without_outbound_nothing_leads_outside() -> None:
    """A site without it has no carrier to call by: there is neither a pattern nor a trunk in any Dial (S13)."""
    text = render(load_site(SHOP).model_copy(update={"outbound": None}), PORTS, PLACES, SECRETS)["extensions.conf"]
    assert "trunk-" not in text
    assert "[outside]" not in text


def test_a_menu_rings_no_agent_who_cannot_answer(files: dict[str, str]) -> None:
    """Whoever is in a talk, and a phone that is not there, is busy before it is dialled; a talk that begins has no end
    but a hang-up: Dial is given the seconds to ring, and the option to go on afterwards."""
    lines = contexts(files["extensions.conf"])["onward"]
    dialled = [line for line in lines if "Dial(" in line]
    assert len(dialled) > len(AGENTS)
    assert all(line.endswith(",${FILTER(0-9,${IVR_RING})},g)") for line in dialled)
    for agent in AGENTS:
        at = lines.index(f"exten => {agent},1,Set(DIALSTATUS=BUSY)")
        assert f'"${{DEVICE_STATE(PJSIP/{agent})}}" != "NOT_INUSE"]?over' in lines[at + 1]
        assert f"Dial(PJSIP/{agent}," in lines[at + 2]
        assert lines[at + 3].endswith("(over),Goto(onward-over,s,1)")


def test_agents_transfer_and_callers_do_not(files: dict[str, str]) -> None:
    """REFER of an agent's phone ends in the context of transfers; a carrier's is refused, and keys need option t."""
    trunk = files["pjsip.conf"].split("[trunk](!,leg)")[1].split("\n[")[0]
    assert "allow_transfer = no" in trunk and "TRANSFER_CONTEXT" not in trunk
    assert files["pjsip.conf"].count("set_var = TRANSFER_CONTEXT=transfer") == len(EXTENSIONS)
    features = dict(line.split(" = ") for line in contexts(files["features.conf"])["featuremap"])
    assert features == {"blindxfer": "##", "atxfer": "*2"}


def test_the_survey_is_for_those_whose_agent_was_the_last(files: dict[str, str]) -> None:
    """It follows an answered Dial, with an ACD or without, but not where the ACD has said that the caller was handed
    over to somebody who is no agent."""
    (condition,) = (line for line in contexts(files["extensions.conf"])["queue"] if line.endswith("?survey,s,1)"))
    asked = re.findall(r'"\$\{(\w+)\}" (!?=) "(\w+)"', condition)
    assert asked == [("DIALSTATUS", "=", "ANSWER"), ("ACD_DONE", "!=", "transferred")]
    assert '" & "' in condition


def test_asterisks_own_sounds_are_found_in_whatever_language(tmp_path: Path) -> None:
    """A beep tells an agent to key an extension; Debian keeps it under the name of its speaker."""
    sounds = tmp_path / "sounds" / "en_US_f_Allison"
    sounds.mkdir(parents=True)
    (sounds / "beep.wav").touch()
    places = replace(PLACES, data=tmp_path)
    features = render(load_site(SHOP), PORTS, places, SECRETS)["features.conf"]
    assert f"transferannouncesound = {sounds}/beep\n" in features
    assert "transferinvalidsound = beeperr\n" in features


def test_music_is_declared_and_begins_with_its_queue() -> None:
    """A class of the site's own with its folder, in the order of the names; the dialplan starts the queue's first one,
    so that it plays where no ACD is there. A folder `default` stands for Asterisk's own."""
    site = load_site(SHOP)
    orders = site.queues["orders"].model_copy(update={"music": [MusicSettings(play="gentle")]})
    late = site.queues["support"].model_copy(update={"music": [MusicSettings(after_seconds=9, play="gentle")]})
    site = site.model_copy(update={"queues": {**site.queues, "orders": orders, "support": late}})
    files = render(site, PORTS, PLACES, SECRETS, music={"gentle": Path("/var/music/1a")})
    assert contexts(files["musiconhold.conf"])["gentle"] == [
        "mode = files",
        "directory = /var/music/1a",
        "sort = alpha",
    ]
    assert contexts(files["musiconhold.conf"])["default"][1:] == [f"directory = {PLACES.moh}", "sort = random"]
    told = [line for line in contexts(files["extensions.conf"])["music"] if "gentle" in line]
    assert told == [
        ' same => n,Set(CHANNEL(musicclass)=${IF($["${ACD_QUEUE}" = "orders"]?gentle:${CHANNEL(musicclass)})})'
    ]
    own = render(site, PORTS, PLACES, SECRETS, music={"default": Path("/var/music/2b")})["musiconhold.conf"]
    assert contexts(own)["default"][1:] == ["directory = /var/music/2b", "sort = alpha"]
