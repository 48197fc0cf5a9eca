# Two commands for a newcomer: `make demo` and `make test`. Each sets up the environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n auto -q

.PHONY: demo test setup check lint accept schema build clean

demo: $(VENV)/.runtime
	$(BIN)/reconcile demo --out reports

test: setup
	$(PYTEST)

setup: $(VENV)/.dev

check: lint
	$(PYTEST) --cov=reconcile --cov-report=term:skip-covered

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/yamllint --strict -c .yamllint.yaml rules fixtures/demo
	$(BIN)/reconcile rules check rules
	$(BIN)/python -m pip check

# Rewrites golden and generated files from the code; read the diff before you commit it.
accept: setup
	RECONCILE_ACCEPT=1 $(PYTEST)
	$(BIN)/python tests/test_docs.py
	$(BIN)/reconcile rules schema rules/schema

schema: setup
	$(BIN)/reconcile rules schema rules/schema

build: setup
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@ $(VENV)/.runtime
