# Everything from a fresh clone: `make demo` and `make test` build their own .venv with Python 3.11 and a package index.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test doors lint types format clean

$(VENV)/.base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[eval]'
	@touch $@

# torch first, and by itself: what depends on it would otherwise choose a build with gigabytes of CUDA.
$(VENV)/.dev: $(VENV)/.base
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[eval,parquet,neural,blend,approximate,serve,dev]'
	@touch $@

demo: $(VENV)/.base
	$(BIN)/numen demo

test: $(VENV)/.dev lint types
	$(BIN)/pytest

# The doors against the real packages, which are large and bind each other's versions: in an environment of their own.
$(VENV)-doors/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)-doors
	$(VENV)-doors/bin/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(VENV)-doors/bin/pip install --quiet --disable-pip-version-check -e '.[langchain,llama-index,haystack,mteb,pyterrier,sklearn,mcp,dev]'
	@touch $@

doors: $(VENV)-doors/.done
	$(VENV)-doors/bin/pytest tests/doors -rs

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(VENV)-doors .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
