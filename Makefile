# Plain words: `make demo` on a fresh machine is all it takes.
#
#   make setup   everything that the rest needs: Debian packages, .venv, Asterisk 22 (again: done in a moment)
#   make demo    bring everything up, play the story with real phones, check it, stop
#   make run     bring the shop's hotline up and keep it up; Ctrl-C stops it
#   make test    style, types and the whole test suite, live tests included
#   make coverage   every branch of the distributor's core is taken by its own tests; ten minutes
#   make check   style, types, the shop's site and its scenarios
#   make validate   the simulated engine against queueing theory, 1.6 million calls a row; an hour
#   make soak    half an hour of random calls with everything killed in between; MINUTES=5 SEED=7 to choose
#   make bench   the numbers, side by side with app_queue and stock panoramisk
#   make docs    what is generated: state diagrams, rules of `hotline check`, schemas, the numbered sentences, the truth table
#   make conf    print the Asterisk configuration that the shop's site renders to

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo run test coverage check style types soak bench validate docs conf

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VALIDATIONS := $(wildcard tests/unit/acd/test_simulation_[cv]*.py tests/unit/acd/test_estimate_*.py)

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" asterisk-conf/setup

demo: setup
	@$(BIN)/hotline demo

run: setup
	@$(BIN)/hotline up

# Two at a time: live tests mostly wait for phones, and each of them has a hotline of its own.
test: setup style types
	$(BIN)/python -m pytest -n 2 --ignore tests/live
	$(BIN)/python -m pytest -n 2 --dist worksteal -p no:cacheprovider tests/live

coverage: setup
	$(BIN)/python -m tests.core_coverage

check: setup style types
	$(BIN)/hotline check
	$(BIN)/hotline test --coverage-min 100

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

validate: setup
	HOTLINE_VALIDATE=long $(BIN)/python -m pytest -s $(VALIDATIONS)

soak: setup
	$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

bench: setup
	$(BIN)/python -m tests.bench

docs: setup
	$(BIN)/python -m acd.diagrams > docs/states.md
	$(BIN)/python -m dialplan.rules.page > docs/checks.md
	$(BIN)/python -m dialplan.schema docs/schema
	$(BIN)/python -m tests.conformance.page > docs/conformance.md
	$(BIN)/python -m tests.conformance.truth_table page > docs/truth-table.md

conf: setup
	@$(BIN)/hotline conf
