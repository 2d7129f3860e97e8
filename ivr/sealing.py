"""What a caller keyed in confidence, kept where others can read: sealed, so that only the IVR can open it.

The checkpoint is on the caller's channel, which Asterisk shows to its console, to AMI and in its logs.
"""

from base64 import urlsafe_b64encode
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_PURPOSE = b"hotline ivr checkpoint"


class Sealing(Protocol):
    """Closes a text, and opens it again; a text that it did not close opens as an empty one."""

    def seal(self, text: str) -> str: ...

    def unseal(self, sealed: str) -> str: ...


class NoSealing:
    """Everything stays as it is: for calls that are on no channel."""

    def seal(self, text: str) -> str:
        return text

    def unseal(self, sealed: str) -> str:
        return sealed


class KeySealing:
    """Seals with a key of its own.

    Args:
        secret: at least 128 random bits, the same after a restart; the key is derived from it (HKDF, RFC 5869).
    """

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode())
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""
