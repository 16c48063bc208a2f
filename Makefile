# Set-up is tools/setup.py's: each goal first asks it for the level it needs (base, dev or full).
# SYSTEM=no leaves out the system packages, and the tests that need them.

PYTHON ?= python3
JOBS ?= 2

SETUP = @$(PYTHON) tools/setup.py
BIN = .venv/bin
each = @for program in $(1); do echo $$program; $(BIN)/python $$program || exit 1; done

.DEFAULT_GOAL = help
.PHONY: help setup demo check test test-fast acceptance corpus bench docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## set everything up, as `make test` would
	$(SETUP) full

demo: ## set up and show what lightship does, on an image made here
	$(SETUP) base
	$(BIN)/lightship demo

check: ## format, lint, types, floors of the house, and every tools/check_*.py
	$(SETUP) dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(call each, $(wildcard tools/check_*.py))

test: ## every test but the acceptance runs
	$(SETUP) full
	$(BIN)/pytest -n $(JOBS) -m "not acceptance"

test-fast: ## the quick tests: no engines, no servers
	$(SETUP) dev
	$(BIN)/pytest -n $(JOBS) -m "not slow and not system and not acceptance"

acceptance: ## the large runs: corpora, hundreds of builds, a clean room
	$(SETUP) full
	$(BIN)/pytest -m acceptance

corpus: ## read, lint and fix every Dockerfile below DIR; PAGE=FILE writes the results
	$(SETUP) dev
	PYTHONPATH=tools $(BIN)/python -m corpus "$(or $(DIR),$(error make corpus DIR=...))" $(if $(PAGE),--page "$(PAGE)")

bench: ## the same work side by side with other tools
	$(SETUP) full
	$(BIN)/python -m bench

docs: ## write the generated pages: every tools/write_*.py
	$(SETUP) dev
	$(call each, $(wildcard tools/write_*.py))

clean: ## throw away what was set up and built here
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find src tests tools bench -name __pycache__ -prune -exec rm -rf {} +
