"""Chapter d: a caller hangs up at every stage of a call, and nobody is stuck."""

from hotline.demo.play import RECORDS_SECONDS, Play
from hotline.demo.quick_site import MAIN_NUMBER, ORDERS_NUMBER
from hotline.phones.patience import eventually

CHEN = "1003"
IN_MENU, WAITING, RINGING, TALKING = "13900000041", "13900000042", "13900000043", "13900000044"
OUTCOMES = {
    IN_MENU: "left_in_menu",
    WAITING: "abandoned_waiting",
    RINGING: "abandoned_ringing",
    TALKING: "completed_by_caller",
}


async def hang_up_everywhere(play: Play) -> None:
    """In the menu, while waiting, while the agent's phone rings, in the talk: four different outcomes."""
    await _in_menu(play)
    await _while_waiting(play)
    await play.cast.ready(CHEN)
    await _while_ringing(play)
    await _in_talk(play)
    await play.expect("four hang-ups, four outcomes", lambda: _outcomes(play), OUTCOMES)
    await play.cast.log_off(CHEN)


async def _in_menu(play: Play) -> None:
    call = await play.cast.call(IN_MENU, MAIN_NUMBER)
    await play.hears_start(call, play.prompts("welcome", "zh")[0])
    await call.hang_up()
    play.tell(f"{IN_MENU} hangs up in the menu.")


async def _while_waiting(play: Play) -> None:
    call = await play.cast.call(WAITING, ORDERS_NUMBER)
    await eventually(lambda: play.facts.visit(WAITING), RECORDS_SECONDS, "a caller who waits")
    await call.hang_up()
    play.tell(f"{WAITING} hangs up while waiting.")


async def _while_ringing(play: Play) -> None:
    call = await play.cast.call(RINGING, ORDERS_NUMBER)
    ringing = await (await play.cast.agent(CHEN)).incoming()
    await call.hang_up()
    await ringing.closed()
    play.tell(f"{RINGING} hangs up while the phone of {play.house.desks[CHEN].name} rings.")
    await play.expect("an agent whose phone rang in vain is ready again", lambda: play.facts.agent_state(CHEN), "ready")


async def _in_talk(play: Play) -> None:
    call = await play.cast.call(TALKING, ORDERS_NUMBER)
    talk = await (await play.cast.agent(CHEN)).answer_next()
    await play.cast.is_in(CHEN, "on_call")
    await call.hang_up()
    await talk.closed()
    play.tell(f"{TALKING} hangs up in the talk.")
    await play.expect("after a talk comes wrap-up, then ready", lambda: _latest_states(play, 2), ["wrap_up", "ready"])


def _outcomes(play: Play) -> dict[str | None, str | None]:
    return {call.caller_number: call.outcome for call in play.facts.calls(*OUTCOMES)}


def _latest_states(play: Play, count: int) -> list[str]:
    return [interval.state for interval in play.facts.agent_intervals(CHEN)][-count:]
