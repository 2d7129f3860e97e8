"""The command `hotline`. Exit codes: 0 well, 1 findings or failed, 2 wrong usage.

Each command is a small module of `hotline.commands` that imports what it needs when it runs, so that `--help` is quick.
"""

import sys

import typer

from hotline.commands import (
    agent,
    callback,
    caller,
    check,
    children,
    conf,
    demo,
    doctor,
    draw,
    explain,
    import_,
    maintenance,
    messages,
    oversight,
    prompts,
    publish,
    queue,
    reload,
    report,
    simulate,
    status,
    test,
    try_,
    up,
)
from hotline.faults import HotlineError

app = typer.Typer(
    name="hotline",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich's help costs 100 ms
    pretty_exceptions_enable=False,
    help="""Answer the phone: menus, queues and agents on Asterisk.

\b
Examples:
  hotline demo                          see the whole story with real phones
  hotline up                            bring the shop's hotline up; Ctrl-C stops it
  hotline up --site my/site             bring another one up
  hotline check my/site                 is the site well written?
  hotline try 4001 --keys "1 T 9 0"     walk through its menus without a phone
  hotline test my/site                  do its calls go as its scenarios say?
  hotline draw my/site                  the menus as a picture
  hotline prompts missing my/site       which recordings are there yet to be made
  hotline publish -m "New hours"        put the site in force as a new version, calls keep theirs
  hotline versions                      what was published; also: diff, rollback, restore
  hotline maintenance on "Back at 9."   tell callers something else for a while
  hotline reload                        try what was changed in the site, calls go on
  hotline status                        who waits, who talks
  hotline queue show orders             who waits there, and how long yet
  hotline agent not-ready 1001 lunch    what agents can do by their phones
  hotline callback list                 who waits to be called
  hotline messages list                 what callers have left
  hotline supervise listen 1001 --from 1006
  hotline report daily --format csv     how the days were
  hotline import asterisk /etc/asterisk take an Asterisk's queues over
  hotline acd simulate --help           how many agents would do
  hotline acd why 13800138000           why this agent, or why nobody yet

Data goes to stdout, everything else to stderr. Exit codes: 0 well, 1 findings or failed, 2 wrong usage.
""",
)

app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("try")(try_.try_)
app.command("test")(test.test)
app.command("draw")(draw.draw)
app.add_typer(prompts.app, name="prompts")
app.command("conf")(conf.conf)
app.command("doctor")(doctor.doctor)
app.command("reload")(reload.reload)
app.command("publish")(publish.publish)
app.command("versions")(publish.versions)
app.command("diff")(publish.diff)
app.command("rollback")(publish.rollback)
app.command("restore")(publish.restore)
app.command("maintenance")(maintenance.maintenance)
app.command("status")(status.status)
app.add_typer(agent.app, name="agent")
app.add_typer(queue.app, name="queue")
app.add_typer(caller.app, name="caller")
app.add_typer(callback.app, name="callback")
app.add_typer(messages.app, name="messages")
app.command("supervise")(oversight.supervise)
app.command("recording")(oversight.recording)
app.add_typer(report.app, name="report")
simulate.app.command("replay")(explain.replay)
simulate.app.command("why")(explain.why)
app.add_typer(simulate.app, name="acd")
app.add_typer(import_.app, name="import")
app.command("ivr", hidden=True)(children.ivr)
app.command("records", hidden=True)(children.records)


def main() -> None:
    """Run the command line; an error that its user can mend is one message and exit code 1."""
    try:
        app()
    except HotlineError as error:
        print(f"hotline: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # `hotline report ... | head`
        sys.stderr.close()
        sys.exit(1)
