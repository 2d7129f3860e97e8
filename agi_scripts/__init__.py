"""The shop's self-service dialogues: one short synchronous script each."""
