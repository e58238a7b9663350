# make repro   the whole graph, from conversations to the report
# make test    the tests, in as many processes as there are cores, four at most; one by one: make test WORKERS=0
# make test-fast   the tests that load no model and start no slow process: some six minutes of processor time on an AMD EPYC with AVX-512
# make check   what must hold before a change lands: formatter, linter, types, floors, dependencies, the graph, the tests
# make versions   the paper's data versions as DVC experiments: v0.5, v1.0, v1.0-large, and Tables 1 to 4 of them
# make reference   the trainings behind docs/evidence.md, hours; it goes on where it was stopped
# make frontier   what to do when it collapsed: rates, epochs, general rows and shares of the update, an hour (docs/frontier.md)
# All make .venv on their first run. Another interpreter: make repro PYTHON=python3.12

NEW_ENOUGH := import sys, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$name && break; done)
BIN := $(CURDIR)/.venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
UV ?= uv
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: repro test test-fast check versions reference frontier format lock clean

repro: $(READY)
	@$(BIN)/python -m stages.cli.repro
	@echo
	@echo "The report: metrics/report.html, and the same as text: metrics/report.md"
	@echo "All figures: .venv/bin/dvc metrics show    compared with the last commit: .venv/bin/dvc metrics diff"

WORKERS ?= logical
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

test: $(READY_DEV)
	@$(PYTEST)

test-fast: $(READY_DEV)
	@$(PYTEST) -m "not slow"

check: $(READY_DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .
	$(BIN)/dial-insight deps
	$(PYTEST)

# What they are: data/versions.yaml. As DVC experiments of the last commit; those that are there are not made again (docs/versions.md).
versions: $(READY)
	$(BIN)/dial-insight versions

# One training after the other, of the last commit; figures in metrics/reference/, tables by python -m benchmarks.reference_table --write.
reference: $(READY)
	$(BIN)/python -m benchmarks.reference

# One training after the other, in a clone with the data of a reference run; figures in metrics/frontier/, then the page's tables and its picture.
frontier: $(READY)
	$(BIN)/python -m benchmarks.frontier
	$(BIN)/python -m benchmarks.frontier_table --write

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every package by its hash; the lock is complete, so pip resolves nothing. Then torch, in the build that pip finds for this machine.
# pip would compile all 25,000 files, on one core: afterwards it is done on all cores, and without what is never or hardly imported.
# What no Python can compile pip passes over too.
INSTALL := $(BIN)/python -m pip install --quiet --no-compile
COMPILED := $(BIN)/python -m compileall -qq -j 0 -x '/tests/|/transformers/models/(?!auto/)' .venv/lib || true

$(READY): pyproject.toml requirements.lock requirements-torch.txt
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer with venv: install one (Debian: apt-get install python3.11-venv), or make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "$(PYTHON): 3.11 or newer with venv is needed" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes --no-deps --requirement requirements.lock
	$(INSTALL) --requirement requirements-torch.txt
	$(INSTALL) --no-deps --editable .
	@$(COMPILED)
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	$(INSTALL) --require-hashes --no-deps --requirement requirements-dev.lock
	@$(COMPILED)
	@touch $@

# The locks: every package with its hashes, versions kept where they still fit (all of the newest: make lock UPGRADE=--upgrade).
# requirements.lock is what a run needs, requirements-dev.lock what development adds. torch, and what only its CUDA build brings,
# stay outside: a hash would name one build of it.
COMPILE = $(UV) pip compile --quiet --no-annotate --custom-compile-command "make lock" --constraint requirements-torch.txt $(UPGRADE)
CUDA = /^(cuda|nvidia|torch|triton)[^=]*==/
LOCKED = /^[a-z0-9._-]+==/

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	@set -e; names() { awk -F== "$$1 { print \"--no-emit-package \" \$$1 }" | sort -u; }; \
	torch=$$($(COMPILE) pyproject.toml | names '$(CUDA)'); \
	$(COMPILE) --generate-hashes $$torch --output-file requirements.lock pyproject.toml; \
	$(COMPILE) --generate-hashes $$torch $$(names '$(LOCKED)' < requirements.lock) --constraint requirements.lock \
		--extra dev --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
	find stages tests -name __pycache__ -type d -prune -exec rm -rf {} +
