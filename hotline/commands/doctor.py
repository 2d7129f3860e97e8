"""`hotline doctor`"""

import typer

from hotline.commands.options import AsJson, StateFolder, state_of


def doctor(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Say what this machine lacks, and what mends it.

    \b
    Examples:
      hotline doctor
      hotline doctor --json

    Exit 1 when something that is needed is missing.
    """
    from hotline.doctor import examine
    from hotline.doctor.printing import as_table, to_json

    findings = examine(state_of(state))
    if as_json:
        print(to_json(findings))
    else:
        as_table(findings)
    raise typer.Exit(0 if all(finding.well or not finding.needed for finding in findings) else 1)
