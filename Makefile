# Every verb a person uses. CI and buildspecs call the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
STAGE ?= dev
DATASET ?= drawn
STATE ?=
PORT ?=
SET ?=
SUITE ?=
ONLY ?=
ARGS ?=

python := .venv/bin/python
cdk := PATH="$(CURDIR)/.venv/bin:$$PATH" npx --no-install cdk
model := build/model/model.tar.gz

# A set of packages is there when its file is, which setup/ writes last: setup/sets.py says what the sets are.
sets := .venv/.sets
node := node_modules/.installed
layer := build/layer/.installed
to_synthesize := $(node) $(sets)/synth
to_run := $(to_synthesize) $(sets)/training $(sets)/up $(sets)/operations $(layer)
everything := $(to_run) $(sets)/dev
# What SET names; with `synth` also the CDK command line, without which nothing is synthesized.
chosen := $(patsubst $(sets)/node,$(node),$(addprefix $(sets)/,$(if $(filter synth,$(SET)),node) $(SET)))

# Where AWS on loopback keeps its state, and its port: loopback.toml says, unless STATE or PORT do.
own_state = $(shell awk -F '"' '$$1 ~ /^state *= *$$/ { print $$2 }' loopback.toml)
state := $(if $(STATE),--state $(STATE))
port := $(if $(PORT),--port $(PORT))
# What is not installed does not run either, and is not installed to say so.
installed_or = [ -e $(sets)/up ] || { echo "AWS on loopback is not installed here, so it does not run: $(1)" >&2; exit $(2); }

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup check lint types emulator-types test demo bench notebook synth diff train up env leave down deploy destroy clean pins

print_path = case ":$$PATH:" in *":$(CURDIR)/.venv/bin:"*) ;; \
	*) echo 'export PATH="$(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$$PATH"' ;; esac

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(if $(SET),$(chosen),$(everything) $(sets)/notebook) ## install all that any verb needs, or SET=operations for the command `scones`

# What these print is on standard error: what `make up` prints on standard output is for the shell's `eval`.
$(sets)/synth: requirements.txt
$(sets)/training: requirements/training.txt requirements/torch.txt
$(sets)/up: requirements/up.txt
$(sets)/operations: requirements/operations.txt
$(sets)/notebook: requirements/notebook.txt
$(sets)/dev: requirements/dev.txt
$(sets)/installer: requirements/installer.txt
$(sets)/%:
	@$(PYTHON) -m setup $*

$(node): package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node with npm is needed to run the CDK command line: install Node 20 or newer" >&2; exit 1; }
	@$(PYTHON) -m setup node

$(layer): requirements/monitor.txt | $(sets)/synth
	@$(python) -m setup.layer && touch $@

check: $(everything) ## format, lint and types, without changing a file
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target lint types emulator-types

lint:
	$(python) -m ruff format --check .
	$(python) -m ruff check .

types:
	$(python) -m mypy

emulator-types:
	cd emulator && ../$(python) -m mypy

test: $(everything) ## every test, or SUITE=unit|template|local|browser|emulator; ARGS go to pytest
	$(python) -m tests $(addprefix --suite ,$(SUITE)) $(ARGS)

demo: $(to_run) ## the whole product on this machine: train, deploy, classify (DATASET=cifar100: real pictures, drivers: ten classes)
	$(python) -m demo --dataset $(DATASET) $(ARGS)

bench: $(to_run) ## measure what the project promises into build/bench/summary.json (ONLY=serving,… for some)
	$(python) -m bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

# Its token keeps others out; only this machine reaches it, whatever a person's own configuration says.
notebook: $(to_run) $(sets)/notebook ## open notebooks/workflow.ipynb in JupyterLab, on this machine only
	$(python) -m jupyterlab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$(CURDIR)" notebooks/workflow.ipynb $(ARGS)

# Real photographs are learnt better, and in less time, from pretrained weights than from nothing.
photographs := $(if $(filter cifar100,$(DATASET)),--preset photo)

train: $(sets)/training ## stage DATASET and train the model that the stacks reference
	$(python) -m training.staging $(DATASET) --out build/dataset/$(DATASET)
	$(python) -m training.train --data build/dataset/$(DATASET) --artifact $(model) $(photographs) $(ARGS)

$(model):
	@echo "No model yet ($(model)): training one"
	$(MAKE) train ARGS=

synth: $(to_synthesize) $(model) ## synthesize the templates of STAGE, validated, into cdk.out
	$(cdk) synth --quiet -c stage=$(STAGE) $(ARGS)

diff: $(to_synthesize) $(model) ## show what deploying STAGE would change
	$(cdk) diff -c stage=$(STAGE) $(ARGS)

deploy: $(to_synthesize) $(model) ## deploy every stack of STAGE with the pinned CDK command line
	$(cdk) deploy --all -c stage=$(STAGE) $(ARGS)

destroy: $(to_synthesize) ## destroy every stack of STAGE
	$(cdk) destroy --all -c stage=$(STAGE) $(ARGS)

# The shell that takes the variables also finds `scones`, the packages that are installed here, and `cdk`.
up: $(sets)/up ## start AWS on loopback, if it does not run, and print its variables: eval "$(make up)"
	@$(python) -m loopback_aws up $(state) $(port)
	@$(print_path)

env: ## print the variables of AWS on loopback again, for another shell: eval "$(make env)"
	@$(call installed_or,start it with make up,1); $(python) -m loopback_aws env $(state)
	@$(print_path)

leave: ## print what lets a shell leave AWS on loopback: eval "$(make leave)"
	@$(call installed_or,there is nothing to leave,0); $(python) -m loopback_aws env --unset

down: ## stop AWS on loopback, keeping its state
	@$(call installed_or,there is nothing to stop,0); $(python) -m loopback_aws down $(state)

pins: $(sets)/installer ## resolve all that pyproject.toml declares into files of versions and hashes (ARGS=--upgrade)
	$(python) -m setup.pins $(ARGS)

clean: ## remove everything that was made here, AWS on loopback and its state included
	@for state in $(sort $(STATE) $(own_state) build/demo/aws); do \
		if [ -e $(sets)/up ] && [ -d "$$state" ]; then $(python) -m loopback_aws down --state "$$state"; fi; \
	done
	rm -rf build cdk.out .venv node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis $(own_state)
	rm -rf emulator/.pytest_cache emulator/.mypy_cache emulator/.hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
