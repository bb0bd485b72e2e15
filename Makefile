# Everything runs in .venv, made on first use. The model comes inside a wheel: nothing is downloaded from a hub.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export GRADIO_ANALYTICS_ENABLED := False

.PHONY: install run ask test lint eval release-check speed clean local-llm local-llm-serve

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

# Two files at a time (each stays in one process, for its servers are started once): the tests use one thread each.
# `make test TESTERS=0` asks one after another.
TESTERS ?= 2
test: install lint
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder

# Ask every case of the suites, write evals/runs/<date>-<git>-<book> and print the report.
# LLM=local asks with the optional local model (make local-llm), each case in its own words only; that takes long, and a
# run that was cut off goes on where it stopped.
eval: install
ifeq ($(LLM),local)
	@$(MAKE) local-llm
	@$(LLM_FILES)/beside.sh $(BIN)/python -m evals run --asked-only
else
	$(BIN)/python -m evals run
endif

# May this be released? A fresh run, held against the floors and the last release; exit code 0 or 1.
release-check: install
	$(BIN)/python -m evals run >/dev/null
	$(BIN)/python -m evals gate

speed: install
	$(BIN)/python -m evals speed

LLM_DIR := .local-llm
LLM_FILES := deploy/local-llm
LLM_MODEL := $(LLM_DIR)/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf
LLM_PIP := .venv-llm/bin/python -m pip --disable-pip-version-check

# The optional language model, in a venv of its own: engine compiled, parts joined and checked, the parts deleted.
local-llm: .venv-llm/installed $(LLM_MODEL)
	@.venv-llm/bin/python $(LLM_FILES)/join.py $(LLM_DIR)/parts $(LLM_DIR)
	@.venv-llm/bin/python -c 'import llama_cpp.server.app; print("llama-cpp-python", llama_cpp.__version__, "is ready: make local-llm-serve")'

.venv-llm/installed: $(LLM_FILES)/engine.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...")'
	@command -v g++ >/dev/null || { echo "The engine is compiled here: install gcc and g++ first"; exit 1; }
	@$(PYTHON) -m venv .venv-llm
	@echo "Compiling the engine (3 minutes on a quiet machine of two cores, 15 on a busy one)"
	CMAKE_ARGS="-DLLAVA_BUILD=OFF" $(LLM_PIP) install --require-hashes --no-deps -r $(LLM_FILES)/engine.txt
	@touch $@

# No pip cache: it would keep the gigabyte of parts for ever.
$(LLM_MODEL): | .venv-llm/installed
	$(LLM_PIP) download --no-cache-dir --require-hashes --no-deps -r $(LLM_FILES)/parts.txt -d $(LLM_DIR)/parts
	.venv-llm/bin/python $(LLM_FILES)/join.py $(LLM_DIR)/parts $(LLM_DIR)
	rm -rf $(LLM_DIR)/parts

local-llm-serve: local-llm
	@.venv-llm/bin/python $(LLM_FILES)/serve.py $(LLM_DIR)

clean:
	rm -rf .venv build dist *.egg-info
