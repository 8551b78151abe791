# Every command of the project: see README.md. Everything a target makes lies below .venv and .headroom, but for the tools' cache.
SHELL := /bin/bash
# Hundreds of Python processes are started here: none is to compile again what another one did.
unexport PYTHONDONTWRITEBYTECODE
# In the C locale Python can neither write nor read the path of a clone that is not ASCII.
ifneq ($(filter C POSIX,$(LC_ALL)),)
export LC_ALL := C.UTF-8
endif
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HEADROOM := $(BIN)/headroom
UV := uv==0.13.8
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url

# Where the time goes is said at the end of every long run.
SLOWEST := --durations=25 --durations-min=5

# So many processes keep two cores busy, each with a sandbox of its own. The tests of one sandbox stay together (tests/company.py).
SIDE_BY_SIDE := -n 4 --dist loadscope --no-loadscope-reorder
# What counts real seconds leaves much of the machine idle; what fills it yields to that. It has a process group of its own, so that an
# interrupt reaches it when the rest has ended, and its words come last.
IN_REAL_TIME := -n 2 --dist loadscope --no-loadscope-reorder

# What the jobs of CI leave for each other, and the stacks that they are about: all of this repository where none is named.
REPORT := .headroom/report
STACKS ?= --all-stacks
WRITTEN := --markdown $(REPORT)/comment.md --html $(REPORT)/report.html

.PHONY: help up look test check charts down clean lock bench preview compare comment summary plan deploy drift findings runner
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

# A path instead of setuptools' finder: every one of the many Python processes starts in half the time.
$(VENV)/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 …")'
	@echo "Python environment: $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@$(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python $(UV) --editable . --config-settings editable_mode=compat
	@touch $@

# What tests of the clouds' pools need: a gigabyte, which nobody waits for who only looks.
$(VENV)/clouds: $(VENV)/installed requirements-clouds.txt
	@echo "SDKs and clients of the clouds, a gigabyte: $(VENV)"
	@$(BIN)/uv pip install --quiet --require-hashes --no-deps --python $(BIN)/python -r requirements-clouds.txt
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

# Reading the clouds' SDKs is half of what pyright does: only `make test` reads what imports them, beside the quick tests.
CLOUDS := $(addprefix components/cluster/,aks eks gke)
TYPED := headroom policy tests benchmarks __main__.py \
	$(filter-out $(CLOUDS) components/cluster %/__pycache__,$(wildcard components/* components/cluster/*))

# Pyright makes much that it soon drops: with room for it, it takes an eighth less.
check: $(VENV)/clouds ## the fast loop: style, types, import arrows, the quick tests that need no tool, every stack verified
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@NODE_OPTIONS=--max-semi-space-size=128 $(BIN)/pyright $(TYPED) & types=$$!; trap "kill $$types 2>/dev/null" EXIT; \
	$(BIN)/pytest -q -m "not tools and not thorough" --ignore=tests/scenarios; tests=$$?; wait $$types && exit $$tests
	@$(HEADROOM) verify --all-stacks --allow-unknown # of a stack whose platform is another stack, some cannot be told

test: TYPED += $(CLOUDS)
test: check ## everything: tools built where they are missing, the full test suite against a real control plane
	@$(HEADROOM) tools build
	@mkdir -p .headroom; set -m; \
	$(BIN)/pytest $(SLOWEST) $(IN_REAL_TIME) -m "tools and real_time" tests/scenarios > .headroom/real-time.log 2>&1 & \
	beside=$$!; set +m; trap "kill -INT -$$beside 2>/dev/null" EXIT; \
	nice $(BIN)/pytest $(SLOWEST) $(SIDE_BY_SIDE) -m "(tools or thorough) and not real_time"; here=$$?; \
	if [ $$here -ne 2 ]; then wait $$beside; there=$$?; cat .headroom/real-time.log; exit $$((here ? here : there)); fi; exit 2

charts: $(VENV)/installed ## fetches and checks every pinned chart into charts/, where there is a network
	@$(HEADROOM) charts

bench: $(VENV)/clouds ## what import, render, a preview of every stack, a no-op up and the loop cost
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.previews

# The steps of .github/workflows, which docs/ci.md explains. Each exits as the command that it calls.

preview: $(VENV)/clouds ## CI: what `up` would change in STACKS, judged and priced, as comment and page in .headroom/report
	@$(HEADROOM) preview $(STACKS) $(WRITTEN)

compare: $(VENV)/installed ## CI: the same without any credential: what is asked for here beside what the commit BASE asks for
	@$(HEADROOM) compare $(BASE) $(WRITTEN)

comment: $(VENV)/installed ## CI: puts the comment on the pull request of the job, where there is one
	@if [ -f $(REPORT)/comment.md ]; then $(HEADROOM) comment $(REPORT)/comment.md; else echo "no comment was left"; fi

summary: ## CI: shows the comment on the page of the run too
	@if [ -f $(REPORT)/comment.md ]; then cat $(REPORT)/comment.md >> "$${GITHUB_STEP_SUMMARY:-/dev/stdout}"; fi

plan: $(VENV)/clouds ## CI: previews STACKS and keeps what would be done
	@$(HEADROOM) preview $(STACKS) $(WRITTEN) --save-plan $(REPORT)/plans

deploy: $(VENV)/clouds ## CI: brings STACKS to what was planned, and to nothing else
	@$(HEADROOM) up $(STACKS) $(WRITTEN) --plan $(REPORT)/plans --yes

drift: $(VENV)/clouds ## CI: whether what is there is what was left; exits with 4 or 5 where it is not
	@$(HEADROOM) drift $(STACKS) $(WRITTEN) --exit-code

findings: $(VENV)/installed ## CI: the verifier's findings on every stack, for a code host; `make check` is what fails because of them
	@mkdir -p $(REPORT)
	@$(HEADROOM) verify --all-stacks --security --allow-unknown --sarif > $(REPORT)/findings.sarif || [ $$? -eq 1 ]

runner: ## CI: lets a runner of GitHub's start a sandbox, which needs user namespaces without root
	@sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0

# A stack whose file cannot be read is not destroyed; the next `up` knows by the new sandbox that what the state tells of is gone.
down: ## destroys the local stack and stops the sandbox
	@if [ -x $(HEADROOM) ]; then trap 'exit 130' INT; \
	$(HEADROOM) destroy local || echo "The stack local was not destroyed: what it has in the sandbox goes with the sandbox."; \
	$(HEADROOM) sandbox down; fi

clean: down ## down, and the environment and the tools' cache too
	@if [ -x $(HEADROOM) ]; then $(HEADROOM) tools clean --all; fi
	@rm -rf $(VENV) .headroom

lock: $(VENV)/installed ## writes requirements*.txt anew from pyproject.toml: one resolution, and what of it each file needs
	@$(COMPILE) --extra pulumi --extra eks --extra gke --extra aks --group dev --group clouds pyproject.toml -o requirements-clouds.txt
	@$(COMPILE) -c requirements-clouds.txt --extra pulumi pyproject.toml -o requirements.txt
	@$(COMPILE) -c requirements-clouds.txt --extra pulumi --group dev pyproject.toml -o requirements-dev.txt
