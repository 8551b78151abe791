# Every command of the project: see README.md. Everything a target makes lies below .venv and .headroom, but for the tools' cache.
SHELL := /bin/bash
# Hundreds of Python processes are started here: none is to compile again what another one did.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HEADROOM := $(BIN)/headroom
UV := uv==0.13.8

# Where the time goes is said at the end of every long run.
SLOWEST := --durations=25 --durations-min=5

# The tests in two processes side by side, one of them what concerns the sandbox, beside a third: options of pytest; what the third runs.
define side_by_side
$(BIN)/pytest $(1) tests/sandbox & one=$$!; $(2) & two=$$!; trap "kill $$one $$two 2>/dev/null" EXIT; \
$(BIN)/pytest $(1) --ignore=tests/sandbox --ignore=tests/scenarios; three=$$?; wait $$one && wait $$two && exit $$three
endef

.PHONY: help up look test check charts down clean lock bench
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(VENV)/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 …")'
	@echo "Python environment: $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@$(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python $(UV) --editable .
	@touch $@

up: $(VENV)/installed ## everything from a fresh clone to an autoscaled model server, and a load that makes it scale (LOAD=no: without)
	@$(HEADROOM) look local
	@$(HEADROOM) sandbox build
	@$(HEADROOM) sandbox up
	@$(HEADROOM) up local
	@if [ "$(LOAD)" != no ]; then $(HEADROOM) sandbox scenario loop; fi
	@$(HEADROOM) sandbox status

look: $(VENV)/installed ## what the stack `local` asks for, findings, price, a picture: Python only
	@$(HEADROOM) look local

check: $(VENV)/installed ## the fast loop: style, types, import arrows, tests that need no tool, every stack verified
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(call side_by_side,-q -m "not tools and not thorough",$(BIN)/pyright)
	@$(HEADROOM) verify --all-stacks

test: check ## everything: tools built where they are missing, the full test suite against a real control plane
	@$(HEADROOM) tools build
	@$(call side_by_side,$(SLOWEST) -m "tools or thorough",$(BIN)/pytest $(SLOWEST) -m "tools and not alone" tests/scenarios)
	@$(BIN)/pytest $(SLOWEST) -m "tools and alone" tests/scenarios

charts: $(VENV)/installed ## fetches and checks every pinned chart into charts/, where there is a network
	@$(HEADROOM) charts

bench: $(VENV)/installed ## what import, render, preview, a no-op up and the loop cost
	@$(BIN)/python -m benchmarks

down: ## destroys the local stack and stops the sandbox
	@if [ -x $(HEADROOM) ]; then $(HEADROOM) destroy local && $(HEADROOM) sandbox down; fi

clean: down ## down, and the environment and the tools' cache too
	@if [ -x $(HEADROOM) ]; then $(HEADROOM) tools clean; fi
	@rm -rf $(VENV) .headroom

lock: $(VENV)/installed ## writes requirements*.txt anew from pyproject.toml
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --extra pulumi pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --extra pulumi --group dev pyproject.toml -o requirements-dev.txt
