"""Rules about menus: what callers hear, key, and are led to."""

from __future__ import annotations

from dialplan.rules.rule import ERROR, WARNING, Rule

MENUS = (
    Rule(
        "unreachable-node",
        ERROR,
        "No number leads to the node: callers never hear it.",
        "a way to it",
        "forgotten: {type: hangup, prompt: bye}",
    ),
    Rule(
        "no-exit",
        ERROR,
        "A call cannot leave the node: it does not say what comes next.",
        "a node to go on to",
        "welcome: {type: say, prompt: welcome}",
    ),
    Rule(
        "missing-exhausted",
        ERROR,
        "A node that asks does not say where callers go who used up every attempt.",
        "exhausted, and a node",
        'choices: {"1": person, "2": end, star: welcome}}',
    ),
    Rule(
        "endless-loop",
        ERROR,
        "Nodes, or queues that overflow, lead round in a circle in which nothing waits for the caller: "
        "the call would spin for ever.",
        "a menu, collect or hangup node on the way",
        "again: {type: set, variables: {topic: tea}, next: back}",
    ),
    Rule(
        "circular-call",
        ERROR,
        "A sub-flow calls itself, by way of others or not: a call could go deeper and deeper.",
        "sub-flows that lead round nowhere",
        "flow: ask",
    ),
    Rule(
        "never-returns",
        ERROR,
        "No way through a sub-flow ends in a return node: what comes after the call is never reached.",
        "a return node at its end",
        "flow: ask",
    ),
    Rule(
        "return-of-nobody",
        ERROR,
        "A return node lies in no sub-flow: there is nowhere to come back to.",
        "a call node that leads here",
        "back: {type: return}",
    ),
    Rule(
        "sound-after-hangup",
        ERROR,
        "A handler for callers who hang up leads to a node that speaks or asks: nobody is there any more.",
        "nodes that say nothing",
        "hangup: choose",
    ),
    Rule(
        "no-person",
        WARNING,
        "Whoever calls this number, or stands in this menu, can press what they like and will not reach an agent.",
        "a way to a queue node",
        'choices: {"1": end, "2": quiet}',
    ),
    Rule(
        "nobody-to-reach",
        ERROR,
        "A global key leads to a person, and no menu has a queue node.",
        "a queue node",
        'keys: {"0": person}',
    ),
    Rule(
        "deep-menu",
        WARNING,
        "Callers hear this menu only after three others: people get lost.",
        "at most 3 menus one after the other",
        "four: {type: menu",
    ),
    Rule(
        "many-choices",
        WARNING,
        "A menu offers more than people keep in mind until the last one is said.",
        "at most 5 choices",
        '"4": person, "5": person, star: welcome',
    ),
    Rule(
        "waiting-prefix",
        WARNING,
        "One choice begins another (1 and 12): whoever presses the short one waits until the time "
        "between digits is over.",
        "choices of which none begins another",
        '"1": person, "12": end',
    ),
    Rule(
        "duplicate-choice",
        ERROR,
        "The same key is there as a word and as a character.",
        "one of them",
        'star: welcome, "*": end',
    ),
    Rule(
        "key-meaning",
        WARNING,
        "A key does something else here than it does everywhere: what `keys` of site.yaml says, else 0 is a person, * "
        "is back, # is repeat and 9 is the main menu.",
        "the same meaning as everywhere",
        '"0": welcome',
    ),
    Rule(
        "key-not-a-choice",
        WARNING,
        "The words tell callers to press a key that the menu does not offer (请按3, press star).",
        "a key that is a choice, or global",
        "按星号键",
    ),
    Rule(
        "choice-not-said",
        WARNING,
        "The first words of a menu do not speak of a choice, in one of the languages; * and # need not be said.",
        "words for each choice",
        '"2": end',
    ),
    Rule(
        "late-choice",
        WARNING,
        "A menu talks for long before its first key. Counted as 4.5 Chinese characters or 2.5 English "
        "words a second, and 0.3 s for each comma or full stop.",
        "8 s at most",
        "我们始终致力于为您提供更加优质的服务",
    ),
    Rule(
        "bad-slot",
        ERROR,
        "Braces in a prompt that are no slot.",
        "{name:kind}",
        "{name",
    ),
    Rule(
        "unspeakable-slot",
        ERROR,
        "A slot cannot be spoken in this language, or not with these words behind its kind.",
        "a language with rules for values, and what docs/speech.md says of the kind",
        "{count:count 件}",
    ),
    Rule(
        "slots-differ",
        ERROR,
        "A prompt says a value in one language and not in another.",
        "slots of the same names in every language",
        'bye: {zh: "再见{order:digits}", en: Goodbye}',
    ),
    Rule(
        "wrong-slot",
        ERROR,
        "A prompt that a queue or an agent says has a slot for which there is no value there.",
        "the slot that is known there, or none",
        "greeting: hello",
    ),
    Rule(
        "unset-variable",
        ERROR,
        "A node says a variable that nothing on any way to it has set: there would be nothing to say.",
        "a collect or set node before it",
        "{type: say, prompt: welcome, next: choose}",
    ),
    Rule(
        "entry-not-said",
        WARNING,
        "A caller is to confirm an entry that the words of `confirm` do not say.",
        "a slot of the variable that the entry goes into",
        "into: order, confirm: bye",
    ),
    Rule(
        "changed-fact",
        ERROR,
        "A node sets what is known of every call and stays: caller_number, called_number, language.",
        "another name",
        "variables: {language: en}",
    ),
    Rule(
        "logged-secret",
        WARNING,
        "An entry that nobody should read later (a card, a PIN, what the words call a password) is "
        "shown in full by the records.",
        '`log: masked` or `log: "off"`',
        "into: pin",
    ),
    Rule(
        "missing-language",
        ERROR,
        "Words are not there in a language of the site: its callers would hear nothing. No language "
        "falls back to another.",
        "every language of the site",
        "bye: {zh: 再见}",
    ),
    Rule(
        "duplicate-language",
        ERROR,
        "The site lists a language twice.",
        "each language once",
        "languages: [zh, en, zh]",
    ),
)
