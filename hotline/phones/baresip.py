"""baresip's own side of a softphone: its configuration, the sound it sends, its process."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from hotline.phones.ports import LOOPBACK
from hotline.phones.sound import RATE_HZ, WIDE_HZ, write_tone

REGISTER_SECONDS = 60
SENT_SECONDS = 240.0
"""Length of the file that a phone sends; baresip 1.0.0 ends the call at the end of it."""

MODULE_FOLDERS = tuple(map(Path, ("/usr/lib/baresip/modules", "/usr/lib64/baresip/modules")))

CONFIG = """\
poll_method epoll
sip_listen {host}:{sip_port}
call_local_timeout 120
call_max_calls 16
audio_player aubridge,unheard
audio_source aufile,{source}
audio_alert aubridge,unheard
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports 40000-49150
jitter_buffer_delay 0-0
net_interface {host}
module_path {modules}
module {codec_module}
module sndfile.so
module aubridge.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control_port}
ringback_disabled yes
menu_bell no
statmode_default off
snd_path .
"""
"""One line a setting. `jitter_buffer_delay 0-0`: nothing is reordered on the loopback, and digits come at once."""


@dataclass(frozen=True)
class Account:
    """Who a phone is, and where its switch is."""

    number: str
    host: str
    port: int
    password: str | None = None
    """None: a caller's phone, which does not register."""
    auto_answer: bool = False
    wide: bool = False
    """talks G.722, and nothing else; otherwise µ-law"""

    @property
    def line(self) -> str:
        """The account as baresip writes it in a line of its `accounts` file."""
        answer_mode = "auto" if self.auto_answer else "manual"
        parts = [
            f"<sip:{self.number}@{self.host}:{self.port}>",
            f"audio_codecs={'G722/16000/1' if self.wide else 'PCMU/8000/1'}",
            f"answermode={answer_mode}",
        ]
        if self.password is None:
            return ";".join([*parts, "regint=0"])
        return ";".join([*parts, f"regint={REGISTER_SECONDS}", f"auth_pass={self.password}"])


async def launch(
    folder: Path, sip_port: int, control_port: int, tone_hz: float, *, wide: bool = False
) -> asyncio.subprocess.Process:
    """Write baresip's files into `folder` and start it there; its output goes to `baresip.log`.

    A wide one sends and records 16 kHz. It starts without an account: one that registers before the control line stands
    would do so unseen.

    Raises:
        FileNotFoundError: baresip is not on the PATH, or its modules are in none of the known folders.
    """
    modules = next((path for path in MODULE_FOLDERS if path.is_dir()), None)
    if modules is None:
        raise FileNotFoundError("baresip's modules")
    _write_files(folder, modules, sip_port, control_port, tone_hz, wide)
    with (folder / "baresip.log").open("ab") as log:
        # It records by a relative name: of a long one it loses the ending (sndfile.c has 128 bytes for it).
        return await asyncio.create_subprocess_exec(
            *("baresip", "-4", "-f", ".", "-v"),
            cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def _write_files(folder: Path, modules: Path, sip_port: int, control_port: int, tone_hz: float, wide: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "sent.wav"
    if not source.exists():
        write_tone(source, tone_hz, SENT_SECONDS, rate_hz=WIDE_HZ if wide else RATE_HZ)
    codec_module = "g722.so" if wide else "g711.so"
    places = {"source": source.absolute(), "modules": modules, "codec_module": codec_module}
    ports = {"host": LOOPBACK, "sip_port": sip_port, "control_port": control_port}
    (folder / "config").write_text(CONFIG.format(**places, **ports))
    (folder / "accounts").touch()
    (folder / "contacts").touch()
