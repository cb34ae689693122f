# The whole developer interface. `make run` and `make test` are the only two commands a newcomer needs.
PYTHON ?= python3
# What is installed: this folder, so that changes count at once, or a wheel of it.
PACKAGE ?= .
BIN := .venv/bin

.PHONY: run test lint bench growth docs lock .venv
.DEFAULT_GOAL := run

run: .venv ## Build everything from public data and the sandbox's listeners, then open the app
	@# The app opens even where one listener failed: it shows what there is.
	-$(BIN)/segue sandbox -- $(BIN)/segue nightly
	$(BIN)/segue app

test: $(BIN)/.everything ## Run all tests, in parallel
	$(BIN)/pytest -n auto

lint: $(BIN)/.everything ## Format, lint, types, the rules of who may import whom, workflows and scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/shellcheck .ci/run .github/private
	$(BIN)/actionlint -shellcheck $(BIN)/shellcheck
	$(BIN)/zizmor --offline --quiet .github

bench: $(BIN)/.everything ## Measure against what a user would pick instead, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

growth: $(BIN)/.everything ## Measure what larger catalogs and more listeners take: hours; stopped, it goes on where it was
	$(BIN)/python -m benchmarks.growth

docs: $(BIN)/.default ## Write the command reference anew
	$(BIN)/python docs/reference.py > docs/commands.md

.venv: $(BIN)/.default ## Only set up

# uv installs the lock in seconds where pip takes minutes; compiling now spares every first start.
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --constraints requirements.txt
EDITABLE := $(if $(filter .,$(PACKAGE)),--editable)

$(BIN)/.default: pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; (3, 10) <= sys.version_info < (3, 14) or sys.exit("error: Segue needs Python 3.10 to 3.13, this is " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv || { echo 'error: cannot make .venv; on Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt uv
	$(INSTALL) $(EDITABLE) '$(PACKAGE)'
	@touch $@

$(BIN)/.everything: $(BIN)/.default
	$(INSTALL) $(EDITABLE) '$(PACKAGE)[hopsworks,dask,dev]'
	@touch $@

lock: $(BIN)/.default ## Write requirements.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --all-extras --upgrade --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements.txt pyproject.toml
