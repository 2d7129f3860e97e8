"""`hotline test`"""

import sys
from pathlib import Path
from typing import Annotated

import typer


def test(
    places: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SITE|FILE", help="Folder of YAML, default the shop; *.ivrtest.yaml, default its"),
    ] = None,
    coverage_min: Annotated[
        int,
        typer.Option(metavar="PERCENT", min=0, max=100, help="Fail where fewer of the nodes or edges are gone through"),
    ] = 0,
    live: Annotated[bool, typer.Option("--live", help="Make real calls of them, over SIP, and listen")] = False,
    against: Annotated[
        Path | None, typer.Option(metavar="STATE", help="With --live: call the hotline that is up with this folder")
    ] = None,
) -> None:
    """Run a site's scenarios: calls as they should go, on a virtual clock, or with --live over SIP.

    \b
    Examples:
      hotline test
      hotline test my/site --coverage-min 100
      hotline test my/site my/site/tests/points.ivrtest.yaml
      hotline test my/site --live
      hotline test --live --against .state
      hotline try 4001 --keys "1 T 9 0" --save-test my/site/tests/wrong_key.ivrtest.yaml

    --live brings a hotline up with this site, on free ports and with a state of its own, has phones call it, four at
    a time, and looks for the prompts in what they receive. What a call cannot have in real life (a moment, results of
    scripts and queues) is given to it all the same; with --against such scenarios are named and not run.

    Exit 1 when a scenario fails or cannot be read, or with less coverage than was asked for.
    """
    if against is not None and not live:
        raise typer.BadParameter("is for --live", param_hint="--against")
    if live and coverage_min:
        raise typer.BadParameter("is measured without --live", param_hint="--coverage-min")
    if live:
        from hotline.live_test.command import test_live

        raise typer.Exit(test_live(places or [], against))
    from hotline import scenario_files
    from hotline.rehearsing import stage_of
    from hotline.settings import default_site

    site, files = site_and_files(places or [], default_site())
    stage = stage_of(site)
    runs = scenario_files.run_files(stage, scenario_files.files_of(site, files))
    for done in runs:
        for failure in scenario_files.failures(done):
            print(failure)
    covered = scenario_files.coverage(stage, runs)
    for line in scenario_files.coverage_lines(covered):
        print(line)
    print(scenario_files.verdict(runs), file=sys.stderr)
    enough = min(covered.node_percent, covered.edge_percent) >= coverage_min
    raise typer.Exit(0 if enough and all(done.good for done in runs) else 1)


def site_and_files(places: list[Path], default: Path) -> tuple[Path, list[Path]]:
    """Tell the site's folder from scenario files: it holds a site.yaml. A file alone is of the site around it."""
    if places and (places[0] / "site.yaml").exists():
        return places[0], places[1:]
    around = [folder for place in places[:1] for folder in place.absolute().parents if (folder / "site.yaml").exists()]
    return (around or [default])[0], places
