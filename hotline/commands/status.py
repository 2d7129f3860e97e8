"""`hotline status`"""

from hotline.commands.options import AsJson, StateFolder, state_of, tell


def status(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show the queues, the agents and the calls right now, and what went wrong since the distributor started.

    \b
    Examples:
      hotline status
      hotline status --json | jq '.queues[].waiting'
      hotline status --json | jq '.faults[] | select(.fault | startswith("recording"))'

    Exit 1 when the ACD does not answer.
    """
    from hotline.commands.maintenance import say
    from hotline.live_status import ask, print_tables
    from hotline.maintenance import standing

    now = standing(state_of(state))
    floor = ask(state_of(state).acd_socket)
    if now is not None and not as_json:
        print(say(now))
    tell({**floor, "maintenance": now and now.words}, as_json, print_tables)
