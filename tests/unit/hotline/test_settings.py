"""What a state folder remembers."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from hotline import settings
from hotline.faults import PortTaken, StateMissing
from hotline.ports import HOST, choose, has_udp_port, is_free
from hotline.settings import SHOP_SITE, load, settle
from hotline.state import State

SITE = Path("/srv/site")


def test_settings_stay_between_starts(tmp_path: Path) -> None:
    """Phones remember ports and passwords: a second start gives the same ones, and new agents get new passwords."""
    state = State.at(tmp_path)
    first = settle(state, SITE, ["1001"])
    second = settle(state, SITE, ["1001", "1002"])
    assert (second.ports, second.ami_secret) == (first.ports, first.ami_secret)
    assert second.agent_passwords["1001"] == first.agent_passwords["1001"] != second.agent_passwords["1002"]
    assert load(state) == second


def test_settings_are_private(tmp_path: Path) -> None:
    """The file with the secrets is readable by its owner alone."""
    settle(State.at(tmp_path), SITE, [])
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600


def test_agent_who_left_keeps_no_password(tmp_path: Path) -> None:
    """An extension that is not in the site any more has no password left."""
    settle(State.at(tmp_path), SITE, ["1001"])
    assert settle(State.at(tmp_path), SITE, []).agent_passwords == {}


def test_demo_orders_belong_to_the_shop_only(tmp_path: Path) -> None:
    """Nobody else's database gets the shop's made-up orders."""
    assert settle(State.at(tmp_path), SHOP_SITE, []).demo_orders
    assert not settle(State.at(tmp_path), SITE, []).demo_orders


def test_database_is_sqlite_here_then_whatever_was_given_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a URL records go into the state folder; a URL that was given once is kept."""
    monkeypatch.delenv("HOTLINE_DATABASE", raising=False)
    state = State.at(tmp_path)
    assert settle(state, SITE, []).database_url == f"sqlite:///{tmp_path}/hotline.db"
    settle(state, SITE, [], database_url="postgresql:///x")
    assert settle(state, SITE, []).database_url == "postgresql:///x"


def test_taken_port_is_replaced_and_the_others_stay() -> None:
    """A port that somebody took since the last start is chosen anew; no other port moves."""
    first = choose(None)
    with socket.create_server((HOST, first.ivr)):
        second = choose(first)
    assert second.ivr != first.ivr
    assert (second.sip, second.ami, second.acd, second.rtp_first) == (first.sip, first.ami, first.acd, first.rtp_first)


def test_taken_sip_port_that_was_asked_for_is_an_error() -> None:
    """--sip-port N is an order: when N is in use, another port would be of no use to the phones."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            choose(None, sip=port)
    assert choose(None, sip=port).sip == port


def test_chosen_ports_are_free_and_apart() -> None:
    """No port is used twice, the RTP block is whole and even, and all can be bound."""
    ports = choose(None)
    assert len({ports.ami, ports.ivr, ports.script, ports.acd}) == 4
    assert ports.rtp_first % 2 == 0
    assert not ports.rtp_first <= ports.sip <= ports.rtp_last
    assert is_free(ports.rtp_last, socket.SOCK_DGRAM)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"site": 1}', '{"site": "x", "ports": {}}'])
def test_damaged_settings_are_named(tmp_path: Path, content: str) -> None:
    """A settings file that cannot be read is reported with its path, never as a traceback."""
    (tmp_path / "settings.json").write_text(content)
    with pytest.raises(StateMissing, match=r"settings\.json cannot be read"):
        load(State.at(tmp_path))


def test_state_that_was_never_up_says_so(tmp_path: Path) -> None:
    """Without settings the message says which command makes them."""
    with pytest.raises(StateMissing, match="hotline up"):
        load(State.at(tmp_path))


def test_secrets_are_plain_to_asterisk() -> None:
    """No secret can hold a character that Asterisk's configuration gives a meaning to."""
    assert all(settings.new_secret(32).replace("-", "").replace("_", "").isalnum() for _ in range(100))


def test_who_has_a_port_is_told_apart() -> None:
    """A port is a process's own while that process has it bound on our address, and nobody else's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind((HOST, 0))
        port = bound.getsockname()[1]
        assert has_udp_port(os.getpid(), port)
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
            assert not has_udp_port(other.pid, port)
    assert not has_udp_port(os.getpid(), port)
