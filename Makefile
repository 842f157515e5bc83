# Everything happens in .venv, which the targets make by themselves.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && { echo $$p; break; }; done)
PORT ?= 8080
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
PARALLEL := -n auto --dist worksteal
UV ?= uv
PINNED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
# on a terminal pip shows how far it is
PIP := $(BIN)/python -m pip --disable-pip-version-check $(shell test -t 2 || echo -q)

.DEFAULT_GOAL := help
.PHONY: help python setup run test test-long lint fix lock dist bench soak interop newest tour clean

help:  ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

python:
	@echo $(PYTHON)

$(VENV)/run.stamp: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.14 is needed"; exit 1; }
	@echo "installing into $(VENV); this takes a minute, and some where packages come slowly"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q core schemas adapters gateway  # pip does so for what it copies
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/dev.stamp  ## make the virtual environment, with everything for development

run: $(VENV)/run.stamp  ## serve the demo world (PORT=8080, HOST=127.0.0.1)
	$(BIN)/dragoman serve --demo --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp  ## run all tests, on all processors (ARGS='-n0 -k word' for some, one after the other)
	$(BIN)/python -m pytest -q $(PARALLEL) $(ARGS)

test-long: $(VENV)/dev.stamp  ## run what is random or endless ten times as long, with another chance each time (SEED=number)
	ROUNDS=$(or $(ROUNDS),10) SEED=$(or $(SEED),random) $(BIN)/python -m pytest -q $(PARALLEL) -m rounds $(ARGS)

lint: $(VENV)/dev.stamp  ## check format, style, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/dev.stamp  ## format, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# what the gateway needs is pinned in the one file, what its development needs besides in the other
lock:  ## pin what pyproject.toml asks for, with uv (ARGS=--upgrade for all that is newer)
	@command -v $(UV) >/dev/null || { echo "uv is needed, from wherever you like: make lock UV=path/to/uv"; exit 1; }
	$(UV) pip compile pyproject.toml --group build $(PINNED) $(ARGS) -o requirements.txt
	$(UV) pip compile pyproject.toml --group dev $(PINNED) $(ARGS) -c requirements.txt -o requirements-dev.txt \
	    $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.txt)
	@{ echo "-r requirements.txt"; cat requirements-dev.txt; } >requirements-dev.new && mv requirements-dev.new requirements-dev.txt

dist: $(VENV)/dev.stamp  ## build the wheel and the source distribution, and look at what is in them
	rm -rf dist
	$(BIN)/python -m hatchling build
	$(BIN)/python -m pytest -q tests/arch/test_packages.py

bench: $(VENV)/dev.stamp  ## measure the bars (ARGS=--quick)
	$(BIN)/python -m tests.bench.run $(ARGS)

soak: $(VENV)/dev.stamp  ## an hour of mixed traffic: is what the gateway holds still what it held? (SECONDS=60)
	$(BIN)/python -m tests.bench.soak --seconds $(or $(SECONDS),3600) $(ARGS)

interop: $(VENV)/dev.stamp  ## install what tests need besides (as root for Debian's packages) and run clients of other platforms
	PYTHON=$(BIN)/python tests/interop/install.sh
	REQUIRE_TOOLS=1 $(BIN)/python -m pytest -q $(PARALLEL) -m interop $(ARGS)

newest: $(VENV)/dev.stamp  ## try the newest clients of Camunda that there are, pinned nowhere; no change waits for it
	$(BIN)/python -m tests.interop.newest

tour: $(VENV)/run.stamp  ## follow one task through all five dialects
	DRAGOMAN_HOST=$(HOST) DRAGOMAN_PORT=$(PORT) $(BIN)/dragoman tour

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
