"""Chapter a: callers ask the machine, and the machine answers in their language."""

import asyncio
from dataclasses import dataclass

from hotline.demo.play import Play
from hotline.demo.quick_site import MAIN_NUMBER


@dataclass(frozen=True)
class Enquiry:
    """One caller's question."""

    caller_number: str
    language: str
    language_key: str
    order_number: str
    stage: str
    department: str
    words: str


ENQUIRIES = (
    Enquiry("13900000011", "zh", "1", "20260001", "shipped", "delivery", "in Chinese"),
    Enquiry("13900000012", "en", "2", "20260002", "packed", "warehouse", "in English"),
)
OTHER_LANGUAGE = {"zh": "en", "en": "zh"}


async def ask_for_orders(play: Play) -> None:
    """Two callers ask for an order's stage at the same time, each in a language of their own."""
    await asyncio.gather(*(_ask(play, enquiry) for enquiry in ENQUIRIES))


async def _ask(play: Play, enquiry: Enquiry) -> None:
    play.tell(f"{enquiry.caller_number} dials {MAIN_NUMBER} to ask for order {enquiry.order_number} {enquiry.words}.")
    call = await play.cast.call(enquiry.caller_number, MAIN_NUMBER)
    language = enquiry.language
    await play.hears_start(call, play.prompts("pick_language", "zh")[0])
    await call.digits(enquiry.language_key)
    await play.hears_start(call, play.prompts("main", language)[0])
    await call.digits("1")
    await play.hears_start(call, play.prompts("ask_order", language)[0])
    await call.digits(f"{enquiry.order_number}#")
    answer = play.prompts(f"order_status.{enquiry.stage}", language, order=enquiry.order_number)
    answer += play.prompts(f"department.{enquiry.department}", language)
    await play.hears(call, answer)
    score = play.best_score(call, answer)
    play.tell(f"{enquiry.caller_number} has heard: {enquiry.stage}, {enquiry.department} (score {score:.2f}).")
    play.check(f"the caller heard the right words {enquiry.words}", score > 0.8, f"lowest score {score:.2f}")
    other = play.prompts(f"order_status.{enquiry.stage}", OTHER_LANGUAGE[language], order=enquiry.order_number)
    play.check(f"and not those of the other language {enquiry.words}", play.did_not_hear(call, [other[0]]))
    await call.hang_up()
    await _check_records(play, enquiry)


async def _check_records(play: Play, enquiry: Enquiry) -> None:
    def call() -> tuple[str | None, str | None] | None:
        found = play.facts.call(enquiry.caller_number)
        return (found.outcome, found.language) if found else None

    def keyed() -> list[str | None]:
        found = play.facts.call(enquiry.caller_number)
        return [step.input for step in play.facts.steps(found.call_id) if step.result == "found"] if found else []

    words = enquiry.words
    await play.expect(f"the call is recorded as self-served {words}", call, ("self_served", enquiry.language))
    await play.expect(f"the number keyed is in the records {words}", keyed, [enquiry.order_number])
