"""Where a call's checkpoint is kept over the death of the process that walks it; see `ivr.checkpoint_files`."""

from typing import Protocol

from ivr.checkpoint import Kept


class Checkpoints(Protocol):
    """By the id of the call's channel."""

    def keep(self, channel_id: str, checkpoint: Kept) -> bool: ...

    def find(self, channel_id: str) -> Kept | None: ...

    def forget(self, channel_id: str) -> None: ...


class OnChannel:
    """Nowhere else than on the channel, which costs a command at each node: for an IVR on another machine."""

    def keep(self, channel_id: str, checkpoint: Kept) -> bool:
        return False

    def find(self, channel_id: str) -> Kept | None:
        return None

    def forget(self, channel_id: str) -> None: ...
