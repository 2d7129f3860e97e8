"""Every rule of `hotline check`, in one table: what can be wrong with a site.

The code that finds a mistake names its rule by id; a test holds that each id is here, and each rule here is found.
`docs/checks.md` is made from this.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialplan.rules.backends import BACKENDS
from dialplan.rules.files import FILES
from dialplan.rules.hours import HOURS
from dialplan.rules.menus import MENUS
from dialplan.rules.names import NAMES
from dialplan.rules.queues import QUEUES
from dialplan.rules.rule import Rule
from dialplan.rules.values import VALUES

CHAPTERS: Mapping[str, tuple[Rule, ...]] = {
    "Files and YAML": FILES,
    "Words and values": VALUES,
    "Names that must exist": NAMES,
    "Menus": MENUS,
    "Backends": BACKENDS,
    "Hours": HOURS,
    "Queues and agents": QUEUES,
}
RULES: Mapping[str, Rule] = {rule.id: rule for rules in CHAPTERS.values() for rule in rules}
"""by id"""
