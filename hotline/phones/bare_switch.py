"""An Asterisk with nothing of ours in it: what the phones are tried on, and the other side of the bench.

Its dialplan is the caller's; everybody who is not one of its agents comes in as an anonymous caller.
"""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hotline.asterisk_tree import Asterisk
from hotline.phones.ports import free_ports
from hotline.phones.sipp import Switch
from hotline.ports import HOST, choose

START_SECONDS = 20.0
CODECS = "codec_ulaw codec_alaw codec_gsm codec_resample format_wav format_pcm format_sln format_gsm"
SIP = (
    "res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb res_rtp_asterisk res_pjsip res_pjsip_session"
    " res_pjsip_sdp_rtp res_pjsip_registrar res_pjsip_authenticator_digest res_pjsip_endpoint_identifier_user"
    " res_pjsip_endpoint_identifier_anonymous res_pjsip_caller_id res_pjsip_rfc3326 res_pjsip_pubsub chan_pjsip"
)
CORE = "res_timing_timerfd bridge_simple bridge_native_rtp pbx_config func_channel func_callerid res_musiconhold"
APPS = "app_dial app_playback app_read app_queue app_verbose app_stack app_echo"

PJSIP = """\
[global]
type=global
endpoint_identifier_order=username,anonymous
[udp]
type=transport
protocol=udp
bind={host}:{port}
[anonymous]
type=endpoint
context=calls
disallow=all
allow=ulaw
direct_media=no
"""

PJSIP_AGENT = """\
[{extension}]
type=endpoint
context=calls
auth={extension}
aors={extension}
disallow=all
allow=ulaw
direct_media=no
[{extension}]
type=auth
auth_type=userpass
username={extension}
password={password}
[{extension}]
type=aor
max_contacts=1
remove_existing=yes
"""


class SwitchError(RuntimeError):
    """Asterisk did not come up; the text ends with the tail of its log."""


class BareSwitch:
    """One Asterisk of its own; use as `async with BareSwitch(...) as switch`.

    Args:
        dialplan: the lines of the context `calls`.
        agents: extension and password of each agent.
        files: more configuration files, name to text (`queues.conf`).
    """

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        *,
        dialplan: str,
        agents: Sequence[tuple[str, str]] = (),
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.asterisk = asterisk
        self.folder = folder
        self._ports = choose(None, free_ports(1))
        self.sip = Switch(HOST, self._ports.sip)
        self._dialplan = dialplan
        self._agents = agents
        self._files = files or {}
        self._run = Path(tempfile.mkdtemp(prefix="switch-"))  # a socket's path has to be short
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """Asterisk's process id."""
        if self._process is None:
            raise SwitchError("Asterisk was not started")
        return self._process.pid

    @property
    def log(self) -> Path:
        """What Asterisk says: notices, warnings, errors and verbose 3."""
        return self.folder / "log" / "messages"

    async def start(self) -> None:
        """Start Asterisk and wait until it takes calls. Raises SwitchError with the tail of its log."""
        for name in ("log", "spool", "db", "keys"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in self._configuration().items():
            (self.folder / name).write_text(text)
        with (self.folder / "screen").open("wb") as screen:
            self._process = await asyncio.create_subprocess_exec(
                *self.asterisk.command, "-C", str(self.folder / "asterisk.conf"), "-f", "-n",
                stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen,
            )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                while "Asterisk Ready" not in self._log_text():
                    if self._process.returncode is not None:
                        raise SwitchError(f"Asterisk ended at its start: {self._log_text()[-2000:]}")
                    await asyncio.sleep(0.02)
        except TimeoutError as late:
            await self.stop()
            raise SwitchError(f"Asterisk was not up in {START_SECONDS:g} s: {self._log_text()[-2000:]}") from late

    async def command(self, line: str) -> str:
        """Give Asterisk one line of its own console and return what it says."""
        console = await asyncio.create_subprocess_exec(
            *self.asterisk.command, "-C", str(self.folder / "asterisk.conf"), "-rx", line,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await console.communicate()
        return said.decode(errors="replace")

    async def stop(self) -> None:
        """Kill Asterisk by its id: nothing that it knows is worth keeping. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
        for left in self._run.glob("*"):
            left.unlink()
        if self._run.exists():
            self._run.rmdir()

    def _log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _configuration(self) -> dict[str, str]:
        modules = " ".join((SIP, CORE, CODECS, APPS)).split()
        pjsip = PJSIP.format(host=self.sip.host, port=self.sip.port)
        for extension, password in self._agents:
            pjsip += PJSIP_AGENT.format(extension=extension, password=password)
        return {
            "asterisk.conf": self._places(),
            "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in modules),
            "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error,verbose(3)\n",
            "rtp.conf": f"[general]\nrtpstart={self._ports.rtp_first}\nrtpend={self._ports.rtp_last}\n",
            "pjsip.conf": pjsip,
            "musiconhold.conf": f"[default]\nmode=files\ndirectory={self.asterisk.moh}\n",
            "queues.conf": "[general]\n",
            "extensions.conf": f"[calls]\n{self._dialplan}\n",
            **self._files,
        }

    def _places(self) -> str:
        data, own = self.asterisk.data, self.folder
        places = {
            "astetcdir": own, "astmoddir": self.asterisk.modules, "astvarlibdir": data, "astdatadir": data,
            "astdbdir": own / "db", "astkeydir": own / "keys", "astspooldir": own / "spool", "astrundir": self._run,
            "astlogdir": own / "log",
        }  # fmt: skip
        return "[directories]\n" + "".join(f"{name} => {place}\n" for name, place in places.items()) + "[options]\n"
