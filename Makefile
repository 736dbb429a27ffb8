# Every task of this repository; `make` alone lists them. GNU make 4.3 or newer.

PYTHON ?= python3
PORT ?= 8000
# More arguments for pytest or the benchmark: make pytest ARGS="-k handshake -x"
ARGS ?=
CORES := $(shell getconf _NPROCESSORS_ONLN)
# Processes among which the modules of tests are shared out: two more than there are cores, since many tests wait for
# servers to start or end, or for time to pass. A run of chosen tests takes none but its own: it begins at once.
WORKERS ?= $(if $(ARGS),0,$(shell expr $(CORES) + 2))
# Another folder keeps a second Python beside the first: make test PYTHON=python3.13 VENV=.venv/3.13
VENV ?= .venv

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The suites are told apart by their output. Only `test` has several targets made at once, and their outputs kept apart.
ifndef side_by_side
.NOTPARALLEL:
endif

# pyright's wheel holds pyright itself. These would make it look for, or download, another version.
unexport PYRIGHT_PYTHON_FORCE_VERSION PYRIGHT_PYTHON_PYLANCE_VERSION
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Each tool names the settings of the demo project itself.
unexport DJANGO_SETTINGS_MODULE
# Tests start hundreds of processes: each would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

python := $(VENV)/bin/python
python_ready := $(VENV)/.installed
page_ready := static/node_modules/.installed
contract_tools_ready := tests/node_modules/.installed

page_folder := chanx_asyncapi/static/chanx_asyncapi
page := $(addprefix $(page_folder)/,page.js page.css)
# Folders too: the time of a folder tells that a file has gone.
frontend := management/demo/static/demo/chat.js
frontend_sources := $(wildcard management/frontend/*) $(wildcard management/*/messages.py management/*/consumers.py) \
	$(shell find chanx_asyncapi/codegen -name '*.py' -o -name '*.ts')
page_sources := $(shell find static/src static/public) $(wildcard static/*.json static/*.ts static/*.html) \
	chanx_asyncapi/codegen/typescript/runtime/runtime.ts


##@ Use

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(python_ready) $(page_ready) $(contract_tools_ready) ## Install what development needs: .venv and both node_modules

.PHONY: demo
demo: $(python_ready) page frontend ## Serve the demo project: make demo PORT=8000
	@exec $(python) management/manage.py demo --port $(PORT)

.PHONY: frontend
frontend: $(frontend) ## Build the front end of the demo, with the client that is generated for it

.PHONY: page
page: $(page) ## Build the playground page, if its sources have changed


##@ Check

.PHONY: test
test: test-programs before-pytest pytest ## Everything that CI runs; ends with pytest's summary

# As many at once as there are cores. Each tells what it has to say when it has ended; one that fails stops no other.
.PHONY: before-pytest
before-pytest: test-programs
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=$(CORES) side_by_side=yes \
		setup page frontend pyright docs lint page-test frontend-test

.PHONY: lint
lint: ruff mypy pyright imports ## Static checks of the Python code; each of the four is a target of its own

.PHONY: ruff
ruff: $(python_ready)
	@.ci/timed 'ruff check' $(python) -m ruff check .
	@.ci/timed 'ruff format' $(python) -m ruff format --check .

.PHONY: mypy
mypy: $(python_ready)
	@.ci/timed mypy $(python) -m mypy

.PHONY: pyright
pyright: $(python_ready) node
	@.ci/timed pyright $(python) -m pyright --pythonpath $(python)

.PHONY: imports
imports: $(python_ready)
	@.ci/timed 'import contracts' $(VENV)/bin/lint-imports --no-logo

.PHONY: page-test
page-test: $(page_ready) ## Type check and unit tests of the page
	@.ci/timed 'page: types' npm --prefix static run --silent typecheck
	@.ci/timed 'page: tests' npm --prefix static run --silent test

.PHONY: frontend-test
frontend-test: frontend ## Type check of the demo's front end
	@.ci/timed 'front end: types' static/node_modules/.bin/tsc -p management/frontend

.PHONY: pytest
pytest: setup page frontend test-programs ## The Python tests alone: make pytest ARGS="-k handshake -x"
	@printf '\n=== pytest\n'
	@$(python) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# How much of each heavy suite `make test` runs, and how much the target of its own. Both always from the same seeds.
#                                 make test              in full
#   fuzz: messages                50,000, 10 s of CPU    make fuzz: 1,000,000, 3 minutes
#   race: attempts a server       150, 10 s for all six  make race: 10,000, 10 minutes
#   drain: clients of a server    30, 10 s for all six   make drain: 1,000, 1 minute
#   chaos: messages, kills        100, 4; 90 s for all   make chaos: 1,500 to 220 clients, 13 of each; 30 minutes
export FUZZ_MESSAGES ?= 50000
export RACE_ATTEMPTS ?= 150
export DRAIN_CLIENTS ?= 30
#   slow readers: servers         1, 15 s                make slow-readers: 5, 2 minutes
export CHAOS ?= short
export SLOW_READERS ?= uvicorn

.PHONY: fuzz
fuzz: FUZZ_MESSAGES = 1000000
fuzz: $(python_ready) ## A million random messages: nothing raises, no consumer ends, each answer is described
	@PYTHONPATH=.:management DJANGO_SETTINGS_MODULE=tests.contract.settings \
		$(python) -m tests.hostile.fuzz --messages $(FUZZ_MESSAGES) $(ARGS)

.PHONY: chaos
chaos: CHAOS = full
chaos: $(python_ready) test-programs ## Kill, freeze and cut off Redis and servers, and count what is delivered
	@$(python) -m pytest tests/chaos -rP $(ARGS)

.PHONY: slow-readers
slow-readers: SLOW_READERS = uvicorn uvicorn-websockets uvicorn-wsproto hypercorn granian
slow-readers: $(python_ready) ## Clients that do not read, on each server
	@$(python) -m pytest tests/hostile/test_slow_readers.py $(ARGS)

.PHONY: race
race: RACE_ATTEMPTS = 10000
race: $(python_ready) ## Ten thousand attempts on each server to be handled before authentication fails
	@$(python) -m pytest tests/hostile/test_race.py -rP $(ARGS)

.PHONY: drain
drain: DRAIN_CLIENTS = 1000
drain: $(python_ready) ## SIGTERM for servers with a thousand clients
	@$(python) -m pytest tests/hostile/test_shutdown.py -k sigterm $(ARGS)

.PHONY: bench
bench: $(python_ready) ## Run the benchmarks, or one of them: make bench ARGS="generation --quick"
	@PYTHONPATH=.:management $(python) -m tests.benchmarks.run $(ARGS)

# -E reads every page again: a page that is not read again does not repeat its warnings.
.PHONY: docs
docs: $(python_ready) ## Build the documentation into docs/_build/html; a warning is an error
	@.ci/timed docs $(python) -m sphinx -q -E -W --keep-going -b html docs docs/_build/html


##@ Change

.PHONY: format
format: $(python_ready) ## Format the Python code and repair what ruff can repair
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

.PHONY: golden
golden: setup ## Accept what the golden tests produce now; read the difference before you commit it
	@$(python) -m pytest tests/golden --accept-golden $(ARGS)
	@git --no-pager diff --stat -- tests/golden

.PHONY: clean
clean: ## Remove what was built or cached, and the demo's data; installed tools stay
	rm -rf $(page_folder) management/frontend/sdk management/demo/static management/var docs/_build build dist htmlcov .coverage
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . \( -name node_modules -o -path './$(VENV)' \) -prune -o -name __pycache__ -print0 | xargs -0 rm -rf


# What the targets above need. A file .installed says when the installer last succeeded.

$(python):
	@.ci/create-venv $(PYTHON) $(VENV)

# First pip itself, in the version that is tested: older ones cannot constrain the build of the package.
$(python_ready): pyproject.toml .ci/constraints.txt | $(python)
	@.ci/timed 'install: Python packages' sh -c '\
		$(python) -m pip install --quiet -c .ci/constraints.txt pip && \
		$(python) -m pip install --quiet -c .ci/constraints.txt --build-constraint .ci/constraints.txt -e ".[dev]"'
	@touch $@

# npm ci empties the folder first, and the file .installed with it.
static/node_modules/.installed tests/node_modules/.installed: %/node_modules/.installed: %/package.json %/package-lock.json | node
	@.ci/timed 'install: $*' npm ci --prefix $* --no-audit --no-fund --ignore-scripts
	@touch $@

$(page) &: $(page_sources) | $(page_ready)
	@.ci/timed 'build: page' npm --prefix static run --silent build
	@ls $(page) >/dev/null

$(frontend): $(frontend_sources) | $(python_ready) $(page_ready)
	@.ci/timed 'build: front end' sh -c '\
		$(python) management/manage.py generate_asyncapi --client typescript --out management/frontend/sdk && \
		static/node_modules/.bin/rolldown management/frontend/chat.ts --format=esm --minify --file=$@ >/dev/null'

.PHONY: node
node:
	@.ci/system-packages nodejs

.PHONY: test-programs
test-programs:
	@.ci/system-packages chromium redis-server
