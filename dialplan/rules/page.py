"""The page of all rules: `python -m dialplan.rules.page > docs/checks.md`, or `make docs`."""

from __future__ import annotations

from collections.abc import Iterable

from dialplan.rules import CHAPTERS
from dialplan.rules.rule import Rule

_INTRODUCTION = """\
# What `hotline check` checks

This page is made from the table of rules in `dialplan/rules/` (`make docs`). Every rule is proven by a site that breaks
it, with the exact words that an admin reads: see [`broken_sites/rules/`](../tests/unit/dialplan/broken_sites/rules/).

```
$ hotline check tea
tea/agents.yaml:2:29: found the phone "2001"; expected one of 1001, 1002; did you mean "1001"? [unknown-phone]
  "1002": {name: Li, phones: ["2001"], skills: {orders: 2}}
                              ^
tea: 1 error, no warnings
```

A message is the file, the line and the column, what was found, what was expected, what was probably meant, and the
rule; then the line with a caret below the place. All mistakes of all files are told in one run, in the order of their
places, and nothing is told that merely follows from another mistake. `hotline check --explain RULE` says what a rule
means. `hotline up`, `hotline reload` and `hotline import` ask the same checks: a site with an error is never run.

Arguments are sites, or files in them: a file stands for its site, because a change in one file may break another.

| option | what it does |
| --- | --- |
| `--strict` | warnings fail as well |
| `--ignore RULE` | says nothing of this warning, anywhere |
| `--format text` | for people; the default |
| `--format json` | a list: `file line column rule found expected hint severity message` |
| `--format sarif` | SARIF 2.1.0, for code scanning |
| `--format github` | workflow commands: GitHub shows each fault beside its line |

| exit code | meaning |
| --- | --- |
| 0 | the sites can be run |
| 1 | there is an error, or with `--strict` a warning |
| 2 | wrong usage, or there is no such site |

## Warnings that are meant

A comment at the end of a line says that a warning of this line is meant:

```yaml
    choices: {"1": a, "2": b, "3": c, "4": d, "5": e, "6": f}    # hotline: ignore many-choices
```

Several rules are separated by commas. A comment that ignores nothing is a warning itself, so that none outlives its
reason. Errors cannot be ignored.

## Before each commit

With [pre-commit](https://pre-commit.com), in `.pre-commit-config.yaml` of the repository that holds the site:

```yaml
repos:
  - repo: https://example.org/hotline.git    # where you have hotline from
    rev: v0.1.0
    hooks:
      - id: hotline-check
        args: [--strict]
```

The hook runs for the files of a site (`site.yaml`, `queues.yaml`, `agents.yaml`, `phones.yaml`, `prompts.yaml`,
`announcements.yaml`, `backends.yaml`, `menus/*.yaml`) and checks the whole site of each file that changed. Where
other files have such names, `files:` of the hook says which are meant.
"""


def page() -> str:
    """Return the page: how to check, then every rule by chapter."""
    chapters = (_chapter(title, rules) for title, rules in CHAPTERS.items())
    return "\n".join([_INTRODUCTION, *chapters])


def _chapter(title: str, rules: Iterable[Rule]) -> str:
    head = [f"## {title}", "", "| rule | | what is wrong | expected | for example |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *map(_row, rules)]) + "\n"


def _row(rule: Rule) -> str:
    cells = (f"`{rule.id}`", rule.severity.value, rule.fact, rule.expected, _example(rule))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _example(rule: Rule) -> str:
    """Return the example, as code of Markdown where it is words of a site; these may hold backticks themselves."""
    if rule.described:
        return rule.example
    return f"`` {rule.example} ``" if "`" in rule.example else f"`{rule.example}`"


if __name__ == "__main__":
    print(page(), end="")
