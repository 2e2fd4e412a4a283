# Every target sets up what it needs first, asks nothing, and is quick the second time.
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm
ARGS ?=
TEST_PROCESSES ?= 3

.PHONY: run test lint bench screenshots setup setup-dev lock clean web worker beat up

run: setup
	@$(PY) manage.py run_paper_bot $(if $(filter --background,$(ARGS)),,--dashboard) $(ARGS)

test: setup-dev
	$(PY) -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile $(ARGS)

lint: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports

web: setup
	@.venv/bin/daphne -v 0 --bind 127.0.0.1 --port 8000 $(ARGS) dexproject.asgi:application

worker: setup
	@.venv/bin/celery -A dexproject worker -Q paper_trading,risk.normal,execution.critical --loglevel=info $(ARGS)

beat: setup
	@.venv/bin/celery -A dexproject beat --loglevel=info $(ARGS)

up:
	docker compose up --build $(if $(RPC_URL),--scale chain=0) $(ARGS)

bench: setup-dev
	$(PY) -m benchmarks $(ARGS)

screenshots: setup-dev
	$(PY) -m docs.screenshots

setup: .venv/installed node_modules/installed
	@$(PY) manage.py prepare_database

setup-dev: .venv/installed-dev node_modules/installed-dev setup

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dexproject needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing the Python packages ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing the tools for development ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.venv/node: requirements-node.txt | .venv/bin/python
	@command -v npm >/dev/null || { echo "Installing Node ..."; $(PIP) install --require-hashes -r requirements-node.txt; }
	@touch $@

node_modules/installed: package-lock.json .venv/node
	@echo "Installing the local chain and the Uniswap contracts ..."
	@$(NPM) ci --omit=dev --loglevel=error >/dev/null
	@touch $@

node_modules/installed-dev: package-lock.json .venv/node
	@$(NPM) ci --loglevel=error >/dev/null
	@touch node_modules/installed $@

lock: .venv/bin/python
	$(PIP) install uv
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-node.in -o requirements-node.txt
	# A registry that lacks the binaries of other platforms drops them from the lock: put those entries back by hand.
	npm install --package-lock-only --loglevel=error

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
