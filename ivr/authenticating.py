"""Who a caller is: an account and its PIN, asked for and shown to a backend. No I/O: a part of a walk.

A try is counted against its account before the backend is asked, so no death of a process and no two calls at once win
a try more. An account that does not exist is counted and locked like any other, and a wrong account sounds as a wrong
PIN does. The PIN is in nothing that outlives the question: not in the step, the checkpoint, or a variable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.actions import AskBackend, Reply, SettleAccount, TryAccount, Walking
from ivr.asking import Answer, Exhausted, Step, ask
from ivr.checkpoint import Checkpoint
from ivr.collector import Digits, Matched, Retry, by_attempt, keys_of
from ivr.inquiring import inquire
from ivr.keypad import Keypad
from ivr.nodes import Auth

ACCOUNT_DIGITS_MAX = 20
TERMINATOR = "pound"


@dataclass(frozen=True)
class Passed:
    """The backend knows this account and this PIN."""

    fields: Mapping[str, str]


@dataclass(frozen=True)
class Locked:
    """Too many wrong PINs, in this call or others."""


@dataclass(frozen=True)
class Failed:
    """Nobody can say who this is."""


Verdict = Passed | Locked | Failed | Answer


@dataclass(frozen=True)
class _Question:
    """One of the two, in the words of `ask`."""

    prompt: tuple[str, ...]
    no_input: Retry
    no_match: Retry
    first_digit_seconds: float
    inter_digit_seconds: float


@dataclass(frozen=True)
class Authentication:
    """What one `auth` node works with.

    inputs: what the backend is told beside account and PIN.
    account: where a variable has it; None: it is asked for.
    """

    node: Auth
    step: Step
    checkpoint: Checkpoint
    keypad: Keypad
    keys: Mapping[str, str]
    inputs: Mapping[str, str]
    account: str | None
    clock: Callable[[], float]
    too_long: Callable[[], bool]

    def verdict(self) -> Walking[Verdict]:
        """Ask until somebody is known, or must not be asked any more."""
        while self._wrong < self.node.max:
            account = self.account
            if account is None:
                asked = yield from self._ask(self.node.card, 1, ACCOUNT_DIGITS_MAX, self.step)
                if not isinstance(asked, Matched):
                    return asked
                account = asked.keys
            self.keypad.forget()  # nothing that was pressed ahead is a PIN
            unwritten = replace(self.step)
            asked = yield from self._ask(self.node.pin, self.node.pin_digits, self.node.pin_digits, unwritten)
            if not isinstance(asked, Matched):
                return asked
            verdict = yield from self._shown(account, asked.keys)
            if verdict is not None:
                return verdict
            yield from self.keypad.hear(by_attempt(self.node.wrong, self._wrong))
        return Exhausted()

    @property
    def _wrong(self) -> int:
        return self.checkpoint.tries.get(self.step.address, 0)

    def _ask(self, prompt: tuple[str, ...], low: int, high: int, step: Step) -> Walking[Answer]:
        node = self.node
        question = _Question(prompt, node.no_input, node.no_match, node.first_digit_seconds, node.inter_digit_seconds)
        answer = yield from ask(
            question, self.keypad, step, lambda: Digits(low, high, TERMINATOR, self.keys), self.too_long
        )
        # Who is told to end with # does so although the last digit was enough.
        whole = isinstance(answer, Matched) and len(answer.keys) == high
        self.keypad.spent = keys_of(TERMINATOR) if whole else ""
        return answer

    def _shown(self, account: str, pin: str) -> Walking[Verdict | None]:
        """Show both to the backend; None: they are wrong."""
        node, lock = self.node, self.node.lock
        self.checkpoint.tries = {**self.checkpoint.tries, self.step.address: self._wrong + 1}
        standing = yield TryAccount(node.backend, account, lock.failures, lock.minutes)
        if standing != "open":
            return Locked() if standing == "locked" else Failed()
        inputs = {**self.inputs, "account": account, "pin": pin}
        question = AskBackend(node.backend, inputs, tuple(node.into.values()))
        reply: Reply = yield from inquire(question, node.wait_audio, self.keypad, self.clock)
        if reply.outcome in ("not_found", "refused"):
            return None
        known = reply.outcome == "found"
        self.checkpoint.tries = {**self.checkpoint.tries, self.step.address: 0 if known else self._wrong - 1}
        yield SettleAccount(node.backend, account, known)
        return Passed(reply.fields) if known else Failed()
