# Two commands for a newcomer: `make demo` and `make test`. Each sets up the environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
AUDIT ?= yes
PYTEST := $(BIN)/python -m pytest -n auto -q

.PHONY: demo test setup check lint accept audit schema docs build clean

demo: $(VENV)/.runtime
	$(BIN)/reconcile demo --out reports

test: setup
	$(PYTEST)

setup: $(VENV)/.dev

check: lint
	$(PYTEST) --cov=reconcile --cov-report=term:skip-covered
ifeq ($(AUDIT),no)
	@echo "NOT AUDITED: AUDIT=no was given. Known weaknesses of dependencies were not looked for."
else
	$(MAKE) audit
endif

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/yamllint --strict -c .yamllint.yaml rules fixtures/demo
	$(BIN)/reconcile rules check rules
	$(BIN)/python -m pip check

# Asks the advisory service about every pinned package. Exit code 2: it could not be asked about all of them, which is no pass.
audit: $(VENV)/.audit
	$(VENV)/audit/bin/python .ci/audit.py $(VENV)/audit/bin/pip-audit constraints.txt

# Rewrites golden and generated files from the code; read the diff before you commit it.
accept: setup
	RECONCILE_ACCEPT=1 $(PYTEST)
	$(BIN)/python tests/test_docs.py
	$(BIN)/reconcile rules schema rules/schema

schema: setup
	$(BIN)/reconcile rules schema rules/schema

# The documentation as a site, in build/docs.
docs: setup
	$(BIN)/mkdocs build --strict

build: setup
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# What audits stays apart from what is audited.
$(VENV)/.audit: | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet "pip-audit>=2.7"
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@ $(VENV)/.runtime
