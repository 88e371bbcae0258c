# Every verb a person uses. CI and buildspecs call the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export PYTHONPATH := $(CURDIR)/emulator/src
PYTHON ?= python3
STAGE ?= dev
DATASET ?= drawn
STATE ?= .local
PORT ?= 4566
ONLY ?=
ARGS ?=

python := .venv/bin/python
cdk := npx --no-install cdk
model := build/model/model.tar.gz
pins := $(wildcard requirements*.txt) constraints.txt pyproject.toml
layer := build/layer
installed := node_modules/.installed .venv/.installed $(layer)/.installed

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup check test demo bench synth train up down deploy destroy clean pins

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(installed) ## install everything inside the checkout

# Both speak on standard error: what `make up` prints on standard output is for the shell's `eval`.
# A .venv without a working pip is one whose making was interrupted.
.venv/.installed: $(pins) training/install_torch.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4) and f"Python 3.11.4 or newer is needed, {sys.executable} is {sys.version.split()[0]}: make setup PYTHON=python3.x")'
	@echo "Installing Python packages into .venv (a few minutes the first time)" >&2
	@$(python) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv >&2
	@$(python) -m pip install --quiet --constraint constraints.txt $(addprefix --requirement ,$(wildcard requirements*.txt)) >&2
	@$(python) training/install_torch.py >&2
	@$(python) -m pip install --quiet --no-deps --no-build-isolation --editable . >&2
	@touch $@

node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node with npm is needed to run the CDK command line: install Node 20 or newer" >&2; exit 1; }
	@echo "Installing the CDK command line and its Node into node_modules" >&2
	@npm ci --silent >&2
	@touch $@

# The monitoring function's packages, for its own Python and processor whatever this machine's are: wheels
# only, so that neither Docker nor a compiler is needed.
$(layer)/.installed: requirements-reports.txt | .venv/.installed
	@echo "Fetching the monitoring function's packages into $(layer)" >&2
	@rm -rf $(layer) && mkdir -p $(layer)
	@$(python) -m pip install --quiet --target $(layer)/python --requirement requirements-reports.txt --no-deps \
		--no-compile --only-binary=:all: --python-version 3.14 --platform manylinux_2_28_aarch64 >&2
	@touch $@

check: setup ## format, lint and types, without changing a file
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy

test: setup ## every test
	$(python) -m pytest $(ARGS)

demo: setup ## the whole product on this machine: train, deploy, classify (DATASET=cifar100 for real pictures)
	$(python) -m demo --dataset $(DATASET) $(ARGS)

bench: setup ## measure what the project promises into build/bench/summary.json (ONLY=serving,… for some)
	$(python) -m bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

train: setup ## stage DATASET and train the model that the stacks reference
	$(python) -m operations stage $(DATASET) --out build/dataset/$(DATASET)
	$(python) -m training.train --data build/dataset/$(DATASET) --artifact $(model) $(ARGS)

$(model):
	@echo "No model yet ($(model)): training one"
	$(MAKE) train

synth: setup $(model) ## synthesize the templates of STAGE, validated, into cdk.out
	$(cdk) synth --quiet -c stage=$(STAGE) $(ARGS)

deploy: setup $(model) ## deploy every stack of STAGE with the pinned CDK command line
	$(cdk) deploy --all -c stage=$(STAGE) $(ARGS)

destroy: setup ## destroy every stack of STAGE
	$(cdk) destroy --all -c stage=$(STAGE) $(ARGS)

up: setup ## start AWS on loopback and print the environment to use it
	@$(python) -m loopback_aws up --state $(STATE) --port $(PORT)

down: setup ## stop AWS on loopback, keeping its state
	@$(python) -m loopback_aws down --state $(STATE)

pins: setup ## write constraints.txt anew from what is installed
	{ sed '/^[^#]/,$$d' constraints.txt; $(python) -m pip freeze --exclude-editable | grep -vE '^(torch|uv)='; } > constraints.txt.new
	mv constraints.txt.new constraints.txt

clean: ## remove everything that was made here, AWS on loopback and its state included
	@for state in $(sort $(STATE) .local build/demo/aws); do \
		if [ -x $(python) ] && [ -d "$$state" ]; then $(python) -m loopback_aws down --state "$$state"; fi; \
	done
	rm -rf build cdk.out .venv node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .local
	find . -name __pycache__ -prune -exec rm -rf {} +
