"""Placeholders of a provider's own words: `{text}` and the like, filled in once and never looked through again."""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with every placeholder that has a value filled in; other braces stay as they are."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), template)
