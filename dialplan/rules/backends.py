"""Rules about backends, and the nodes that ask them."""

from __future__ import annotations

from dialplan.rules.rule import ERROR, WARNING, Rule

BACKENDS = (
    Rule(
        "bad-url",
        ERROR,
        "A backend cannot be asked at this address: it is none, its host is an input, or a password stands in it.",
        "an address such as https://shop.example/orders/{number}",
        "url: shop.example/{number}",
    ),
    Rule(
        "bad-sql",
        ERROR,
        "A statement has words put into it, which a caller could choose, or is several statements.",
        "one statement, with inputs as :number",
        "where number = '{number}'",
    ),
    Rule(
        "unknown-backend",
        ERROR,
        "A node asks a backend that is not there.",
        "a backend of backends.yaml",
        "backend: ordres",
    ),
    Rule(
        "unknown-input",
        ERROR,
        "A node gives a backend something that it does not take.",
        "one of its inputs",
        "with: {nummer:",
    ),
    Rule(
        "missing-input",
        ERROR,
        "A node does not give a backend all that it takes, or an auth node asks one that is told no account or no PIN.",
        "every input, under with",
        "type: query, backend: orders, not_found",
    ),
    Rule(
        "unknown-field",
        ERROR,
        "A node takes a column that the statement of its backend does not give.",
        "a column of its result",
        "into: {stage: stagge}",
    ),
    Rule(
        "writing-query",
        ERROR,
        "A node that reads asks a backend whose statement changes something; it might be done twice.",
        "an action node",
        "type: query, backend: cancel",
    ),
    Rule(
        "reading-action",
        WARNING,
        "An action asks a backend that can only read: nothing is done.",
        "a query node, or a backend that writes",
        "type: action, backend: orders",
    ),
    Rule(
        "silent-wait",
        WARNING,
        "A backend may take longer than 5 seconds, and the caller hears nothing meanwhile.",
        "wait_audio, or a shorter timeout_seconds",
        "type: query, backend: orders",
    ),
    Rule(
        "open-secret",
        WARNING,
        "The token of a backend goes over the network in the clear.",
        "https, or this machine",
        "url: http://shop.example/",
    ),
    Rule(
        "idle-backend",
        WARNING,
        "No node asks the backend.",
        "a query, action or auth node",
        "weather: {url:",
    ),
)
