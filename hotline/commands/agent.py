"""`hotline agent`"""

import sys
from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of, tell

app = typer.Typer(
    no_args_is_help=True,
    help="""See agents and change what they do, as they can by their phones.

\b
Examples:
  hotline agent list
  hotline agent log-in 1001 --phone 2001
  hotline agent ready 1001
  hotline agent not-ready 1001 lunch
  hotline agent disposition 1001 2

What is asked for during a call happens after it. Exit 1 when it cannot be done, or the ACD does not answer.
""",
)

AgentId = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's extension")]


@app.command("list")
def list_(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show all agents: state, reason, phones, and what they asked for.

    \b
    Examples:
      hotline agent list
      hotline agent list --json | jq -r '.[] | select(.state == "ready").agent_id'
    """
    from hotline.agent_desk import ask, print_agents

    agents = ask(state_of(state).acd_socket, "/agents")
    tell(agents, as_json, print_agents)


@app.command()
def show(agent: AgentId, state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show one agent.

    \b
    Examples:
      hotline agent show 1001
    """
    from hotline.agent_desk import ask, path_of, print_agents

    one = ask(state_of(state).acd_socket, path_of(agent))
    tell(one, as_json, lambda told: print_agents([told]))


@app.command("log-in")
def log_in(
    agent: AgentId,
    phone: Annotated[
        list[str] | None, typer.Option(metavar="PHONE", help="Where; default the agent's own; may be repeated")
    ] = None,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Log an agent in, not ready. Whoever had that phone is logged off.

    \b
    Examples:
      hotline agent log-in 1001
      hotline agent log-in 1001 --phone 2001
    """
    _act(agent, "log_in", {"phones": phone or []}, "is logged in", state, as_json)


@app.command("log-off")
def log_off(agent: AgentId, state: StateFolder = None, as_json: AsJson = False) -> None:
    """Log an agent off.

    \b
    Examples:
      hotline agent log-off 1001
    """
    _act(agent, "log_off", {"reason": "by_command"}, "is logged off", state, as_json)


@app.command()
def ready(agent: AgentId, state: StateFolder = None, as_json: AsJson = False) -> None:
    """Make an agent ready; ends a wrap-up, takes back what was asked for during the call.

    \b
    Examples:
      hotline agent ready 1001
    """
    _act(agent, "ready", {}, "is ready", state, as_json)


@app.command("not-ready")
def not_ready(
    agent: AgentId,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="One of the site's not_ready_reasons")] = "",
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make an agent not ready.

    \b
    Examples:
      hotline agent not-ready 1001 lunch
    """
    _act(agent, "not_ready", {"reason": reason}, "is not ready", state, as_json)


@app.command("wrap-up")
def wrap_up(agent: AgentId, state: StateFolder = None, as_json: AsJson = False) -> None:
    """Give an agent time after this talk, or after the last one; again, more of it.

    \b
    Examples:
      hotline agent wrap-up 1001
    """
    _act(agent, "wrap_up", {}, "wraps up", state, as_json)


@app.command()
def disposition(
    agent: AgentId,
    code: Annotated[str, typer.Argument(metavar="CODE", help="One of the site's dispositions")],
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give the talk that stands, or the last one, its disposition.

    \b
    Examples:
      hotline agent disposition 1001 2
    """
    _act(agent, "disposition", {"code": code}, f"gave disposition {code}", state, as_json)


def _act(agent: str, action: str, body: dict[str, object], words: str, state: StateFolder, as_json: bool) -> None:
    from hotline.agent_desk import ask, path_of, said

    granted = ask(state_of(state).acd_socket, path_of(agent, action), body)
    tell(granted, as_json, lambda told: print(said(agent, words, told), file=sys.stderr))
