# make run    set up and run the sample project
# make test   set up and run the tests; make test-all adds the slow sweeps
# make check  lint, format, types, import contracts, spelling
# make bench  the figures of tests/bench/RESULTS.md   (ESPALIER_DATA=folder for those on real data)

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: run test test-all check format bench setup setup-test setup-dev clean help

help:
	@sed -n 's/^# //p' Makefile

setup:
	@VENV="$(VENV)" sh packaging/setup.sh

setup-test:
	@VENV="$(VENV)" sh packaging/setup.sh test

setup-dev:
	@VENV="$(VENV)" sh packaging/setup.sh dev

run: setup
	@$(BIN)/espalier sample

test: setup-test
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q -m "not slow"

test-all: setup-test
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/typos

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-test
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
