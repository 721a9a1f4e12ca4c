# Everything a developer does here, with nothing installed but Python 3.11 (venv included) and make.
# Set-up runs again only when a pyproject.toml or the lock has changed: a stamp file inside each environment remembers.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
UV ?= uv
VENV := .venv
PY := $(VENV)/bin/python
SYNAPSE := .venvs/synapse
PLUGINS := $(sort $(patsubst plugins/%/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml)))
PROJECTS := pyproject.toml $(PLUGINS:%=plugins/%/pyproject.toml)
TYPED := parachute_core $(foreach one,$(PLUGINS),plugins/$(one)/parachute_$(one)) tests $(wildcard plugins/*/tests) tools benchmarks
OF_PAGES := $(wildcard tests/test_*docs*.py tests/*/test_*docs*.py tests/test_*page.py tests/*/test_*page.py)
PIP := -m pip --disable-pip-version-check
INSTALL := install --quiet --constraint constraints.txt

ifneq ($(filter test-plugin,$(MAKECMDGOALS)),)
ifneq ($(words $(plugin)).$(filter $(PLUGINS),$(plugin)),1.$(strip $(plugin)))
$(error make test-plugin plugin=NAME: NAME is one of $(PLUGINS)$(if $(plugin), (not "$(plugin)")))
endif
endif

.PHONY: help run test test-plugin check format wheels lock bench bench-own crash-test setup synapse

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-24s %s\n", $$1 ($$1 == "test-plugin" ? " plugin=NAME" : ""), $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.installed ## Install core and all plugins into .venv and start the bot (args="--port 4444" passes options on)
	@$(VENV)/bin/parachute-core run $(args)

setup: $(VENV)/.tools ## Prepare .venv with everything that test and check need

synapse: $(SYNAPSE)/.installed ## Install the Matrix homeserver that the tests talk to, into an environment of its own

# Whoever names a homeserver gets an error where it is missing; without, its tests are skipped.
test: $(VENV)/.tools $(SYNAPSE)/.installed ## Run every test of core and plugins, in parallel (args="-k name" passes options on)
	@PARACHUTE_SYNAPSE=$(CURDIR)/$(SYNAPSE)/bin/python $(PY) -m pytest -n auto --dist worksteal $(args)

test-plugin: $(VENV)/.tools ## Test one plugin as installed from wheels: core, that plugin, nothing else
	@$(PY) -m tools.try_plugin $(plugin)

check: $(VENV)/.tools ## Lint, types, floors, unused code, documentation, lock
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy $(TYPED)
	@$(PY) -m tools.check
	@$(PY) -m pytest --quiet $(OF_PAGES)

format: $(VENV)/.tools ## Rewrite the sources in the house format
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

wheels: $(VENV)/.tools ## Build the wheels of all seven distributions into dist/
	@rm -rf dist
	@$(PY) $(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . $(PLUGINS:%=./plugins/%)
	@ls dist

lock: $(VENV)/.installed ## Resolve dependencies anew into uv.lock and constraints.txt (fetches uv if there is none)
	@$(PY) -m tools.relock $(UV)

bench: $(VENV)/.tools ## Measure everything beside its peers and fill the tables of docs/performance.md (args="--only hooks,retry" for some tables alone)
	@$(PY) -m benchmarks --svg docs/performance $(args)
	@$(PY) -m benchmarks.page

bench-own: $(VENV)/.tools ## Measure what has no peers: connectors on top of their libraries, a backlog that drains, the owner's page
	@$(PY) -m benchmarks.connector_cost
	@$(PY) -m benchmarks.drain
	@$(PY) -m benchmarks.desk

crash-test: $(VENV)/.tools ## Kill a real bot again and again while messages flow, and count what is lost or doubled (args="--kills 300")
	@$(PY) -m parachute_core.testing.crashes $(args)

# An environment that works is kept, whichever Python made it; one that is broken or has no pip is made anew.
# The build backend goes first, so that the seven builds need no environment of their own.
$(VENV)/.installed: constraints.txt $(PROJECTS) parachute_core/_version.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try: make PYTHON=python3.11")'
	@echo "setting up $(VENV)" >&2
	@$(PY) $(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PY) $(PIP) $(INSTALL) hatchling editables
	@$(PY) $(PIP) $(INSTALL) --no-build-isolation --editable . $(PLUGINS:%=--editable ./plugins/%)
	@touch $@

$(VENV)/.tools: $(VENV)/.installed tools/group.py
	@echo "adding the development tools to $(VENV)" >&2
	@mapfile -t wanted < <($(PY) -m tools.group dev) && $(PY) $(PIP) $(INSTALL) "$${wanted[@]}"
	@touch $@

$(SYNAPSE)/.installed: constraints.txt pyproject.toml $(VENV)/.installed
	@echo "installing Synapse into $(SYNAPSE)" >&2
	@$(SYNAPSE)/bin/python $(PIP) --version >/dev/null 2>&1 || $(PY) -m venv --clear $(SYNAPSE)
	@mapfile -t wanted < <($(PY) -m tools.group homeserver) && $(SYNAPSE)/bin/python $(PIP) $(INSTALL) "$${wanted[@]}"
	@touch $@
