"""`hotline status`"""

import json

from hotline.commands.options import AsJson, StateFolder, state_of


def status(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show the queues, the agents and the calls right now.

    \b
    Examples:
      hotline status
      hotline status --json | jq '.queues[].waiting'

    Exit 1 when the ACD does not answer.
    """
    from hotline.live_status import ask, print_tables

    floor = ask(state_of(state).acd_socket)
    if as_json:
        print(json.dumps(floor, ensure_ascii=False, indent=2))
    else:
        print_tables(floor)
