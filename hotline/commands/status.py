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
    from hotline.live_status import ask, print_tables

    tell(ask(state_of(state).acd_socket), as_json, print_tables)
