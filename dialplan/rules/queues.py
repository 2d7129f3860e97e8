"""Rules about queues, and the agents who serve them."""

from __future__ import annotations

from dialplan.rules.rule import ERROR, WARNING, Rule

QUEUES = (
    Rule(
        "nobody-can-serve",
        ERROR,
        "No single agent meets what the queue, or the node on top of it, requires.",
        "an agent who can",
        "skills: {orders: 9}",
    ),
    Rule(
        "cannot-serve",
        ERROR,
        "A node asks for an agent who may not serve its callers.",
        "an agent who may",
        'agent: "1002"',
    ),
    Rule(
        "empty-step",
        ERROR,
        "A step of a queue opens nothing.",
        "requires, reserve: true, or both",
        "- {after_seconds: 30}",
    ),
    Rule(
        "steps-order",
        ERROR,
        "Steps, or the music, of a queue are not in the order of their times.",
        "the times in order, all counted from the caller's arrival",
        "- {after_seconds: 30, play: default}",
    ),
    Rule(
        "short-step",
        WARNING,
        "A step opens before a phone of the step before has rung out: whoever was better is passed over.",
        "a step no shorter than a ring",
        "- {after_seconds: 5, reserve: true}",
    ),
    Rule(
        "idle-step",
        WARNING,
        "A step lets nobody new serve, or no caller waits so long.",
        "a step that opens to somebody",
        "- {after_seconds: 30, requires: mandarin}",
    ),
    Rule(
        "idle-preference",
        WARNING,
        "No agent who may serve the queue meets this preference.",
        "a preference that somebody meets",
        "prefer: [orders >= 9]",
    ),
    Rule(
        "idle-wish",
        WARNING,
        "No agent meets what a segment wishes for: it is passed over at once.",
        "a wish that somebody meets",
        "requires: orders >= 9",
    ),
    Rule(
        "own-queue",
        ERROR,
        "A queue overflows, or a key leads, to the queue itself.",
        "another queue",
        "overflow: {to: orders, size: 5}",
    ),
    Rule(
        "no-limit",
        ERROR,
        "An overflow does not say when.",
        "after_seconds, size or estimate_seconds",
        "overflow: {to: support}",
    ),
    Rule(
        "no-callback",
        ERROR,
        "A key or a node proposes a callback, and the queue makes none.",
        "callback: {} of that queue",
        'keys: {"1": callback}',
    ),
    Rule(
        "no-outbound",
        ERROR,
        "A queue makes callbacks, and the site may call nobody.",
        "outbound in site.yaml",
        "callback: {}",
    ),
    Rule(
        "no-dispositions",
        ERROR,
        "A wrap-up waits for a disposition, and the site has none.",
        "dispositions in site.yaml",
        "wrap_up: until_disposition",
    ),
    Rule(
        "clash",
        ERROR,
        "Two things that are dialled or keyed are the same, or a caller's number is in two segments.",
        "another one",
        '"4001": {name: Li',
    ),
    Rule(
        "bad-sound",
        ERROR,
        "A sound of the music cannot be played.",
        "a wav with PCM samples",
        "music/gentle/one.wav that is an MP3",
        described=True,
    ),
    Rule(
        "empty-music",
        ERROR,
        "A folder of music has no sound in it.",
        "*.wav, at least one",
        "music/gentle/ with nothing in it",
        described=True,
    ),
)
