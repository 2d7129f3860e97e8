"""The demo: a day at the shop's hotline in under a minute, with real phones, checked against the records.

run.py         `hotline demo`: plays the story, tells it, prints the day's report
story.py       the chapters in their order; the live tests play the same ones
enquiry.py routing.py leaving.py killing.py    the chapters
play.py        what a chapter is given: a house, a cast, the facts; and the checks that it makes
house.py       a running hotline of one's own; quick_site.py the shop with shorter times
cast.py        the people: agents and callers at their phones
facts.py       questions to the database
"""


def run_demo() -> int:
    """Play the demo on this terminal and return the exit code: 0 only when every check held."""
    from rich.console import Console

    from hotline.demo.run import run

    return run(Console())
