"""docs/language.md, sentence by sentence, each with a test: what it says is numbered in sentences/*.yaml."""
