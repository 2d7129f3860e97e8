"""Tells a caller how far an order is and which department has it in hand.

    ask_order ─► number ─► found ──────────► order_status.<stage>, department.<name> ─► IVR_RESULT=done
        ▲                  not found, or nothing keyed
        └── order_not_found, order_try_again ──┴── the third time ─► transfer_to_person ─► IVR_RESULT=person

A caller who hangs up ends the script wherever it is. When the lookup fails the script dies without a result, and the
menu's `failed` takes the caller on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agi_scripts.dialogue import CallPlace, Journal, Voice, place_of
from pbx.pyst import Agi, AGIHangup
from shop.orders import Department, Order, Stage

NAME = "order_status"
NUMBERS_MAX = 3
"""So many numbers may be keyed before a person takes over."""
DIGITS_MAX = 12
FIRST_DIGIT_SECONDS = 6.0
INTER_DIGIT_SECONDS = 3.0

PROMPTS = frozenset(
    {"ask_order", "order_not_found", "order_try_again", "transfer_to_person"}
    | {f"order_status.{stage.value}" for stage in Stage}
    | {f"department.{department.value}" for department in Department}
)
"""What the voice must be able to say."""


def make(
    order_lookup: Callable[[str], Order | None],
    voice: Voice,
    journal: Journal,
    *,
    clock: Callable[[], float] = time.time,
) -> Callable[[Agi], None]:
    """The script for the route `order_status`.

    Args:
        order_lookup: the order of a number; None where there is none.
        clock: epoch seconds, for the records.
    """

    def order_status(agi: Agi) -> None:
        _Dialogue(agi, place_of(agi), order_lookup, voice, journal, clock).run()

    return order_status


@dataclass
class _Dialogue:
    agi: Agi
    place: CallPlace
    order_lookup: Callable[[str], Order | None]
    voice: Voice
    journal: Journal
    clock: Callable[[], float]

    def run(self) -> None:
        question = self._words("ask_order")
        for attempt in range(1, NUMBERS_MAX + 1):
            number, order = self._attempt(attempt, question)
            if order is not None:
                self._tell(order)
                return
            refusal = self._words("order_not_found", order=number) if number else []
            question = refusal + self._words("order_try_again" if number else "ask_order")
        self.agi.play(refusal + self._words("transfer_to_person"))
        self.agi.set_variable("IVR_RESULT", "person")

    def _attempt(self, attempt: int, question: list[str]) -> tuple[str, Order | None]:
        """Ask and look up once; the record is written before the caller hears what came of it."""
        started_at = self.clock()
        try:
            number = self.agi.collect_digits(
                question,
                max_digits=DIGITS_MAX,
                first_digit_seconds=FIRST_DIGIT_SECONDS,
                inter_digit_seconds=INTER_DIGIT_SECONDS,
            )
        except AGIHangup:
            self._record(attempt, started_at, "", "left_in_menu" if self.agi.hung_up else "switch_lost")
            raise
        order = self.order_lookup(number) if number else None
        result = "no_input" if not number else "not_found" if order is None else "found"
        self._record(attempt, started_at, number, result)
        return number, order

    def _tell(self, order: Order) -> None:
        self.agi.play(
            self._words(f"order_status.{order.stage.value}", order=order.number)
            + self._words(f"department.{order.department.value}")
        )
        self.agi.set_variable("IVR_RESULT", "done")

    def _words(self, prompt_id: str, **slots: str | int) -> list[str]:
        return self.voice.files(prompt_id, self.place.language, **slots)

    def _record(self, attempt: int, started_at: float, number: str, result: str) -> None:
        self.journal.append(
            "IVRSTEP",
            call_id=self.place.call_id,
            # The time tells this run of the script from an earlier one in the same call.
            step_id=f"{self.place.call_id}:{NAME}:{started_at:.3f}:{attempt}",
            menu=self.place.menu,
            node=NAME,
            kind="script",
            language=self.place.language,
            started_at=started_at,
            attempts=attempt,
            input=number,
            result=result,
        )
