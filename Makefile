# One command per need; `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := .ci/requirements.lock
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK)

.DEFAULT_GOAL := help
.PHONY: help demo dev test test-fast check evals bench lock clean

help:  ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runtime  ## Install, load the sample community, open the desk
	@$(BIN)/huiyin demo

dev: $(VENV)/.dev  ## Web and worker in one process, restarted when code changes
	@$(BIN)/huiyin serve --reload

test: $(VENV)/.dev  ## The whole test suite
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.dev  ## What is quick enough for every save
	@$(BIN)/pytest -m "not slow" -q

check: $(VENV)/.dev  ## Lint, format, types, import contracts, compose and Docker files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@POSTGRES_PASSWORD=- HUIYIN_SECRET_KEY=- HUIYIN_INBOUND_SECRET=- HUIYIN_DELIVERY_SECRET=- \
	  $(BIN)/docker-compose --profile llm config -q
	@$(BIN)/hadolint Dockerfile

evals: $(VENV)/.runtime  ## Score the engines on the golden cases and gate on the baseline
	@$(BIN)/python -m evals all

bench: $(VENV)/.bench  ## Speed and quality beside a peer in the same run (DATA=folder for public sets)
	@$(BIN)/python -m evals bench speed $(if $(DATA),--data $(DATA))
	@$(BIN)/python -m evals bench understanding $(if $(DATA),--data $(DATA))
	@$(BIN)/python -m evals bench themes $(if $(DATA),--data $(DATA))
	@$(BIN)/python -m evals bench radar $(if $(DATA),--data $(DATA))

lock: $(VENV)/.dev  ## Write the exact versions now installed to the lock
	@$(BIN)/python .ci/lock.py > $(LOCK).new && mv $(LOCK).new $(LOCK)

clean:  ## Remove the environment and the embedded data of this folder
	@rm -rf $(VENV) .huiyin

$(BIN)/python:
	@echo "Creating the environment in $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Huiyin needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml $(LOCK) | $(BIN)/python
	@echo "Installing the service (about two minutes the first time) …"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(LOCK) | $(BIN)/python
	@echo "Installing the service and its test tools …"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV)/.bench: $(VENV)/.dev
	@echo "Installing the peers of the benchmarks …"
	@$(PIP) --editable '.[dev,bench]'
	@touch $@
