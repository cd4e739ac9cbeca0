# `make` lists what there is. PYTHON=... chooses the interpreter (3.11 to 3.13), ICS=... the demo's calendar file.
# Each target makes the machine ready first (infra/setup/prepare.sh): at once when it already is.
.DEFAULT_GOAL := help
.PHONY: help setup setup-python demo run test simulate soak thorough check infra-check audit bench package lock format docs clean
export PYTHON ICS EXCHANGE
SEEDS ?= 1-100
BENCH ?= reconcile first_sync startup json_path latency notifications
PYTHON_VERSION ?= 3.13
python := .venv/bin/python

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 13

setup: ## Make this machine ready: .venv and Azurite
	@sh infra/setup/prepare.sh python node

setup-python:
	@sh infra/setup/prepare.sh python

demo: setup ## The whole story, told on this machine; ICS=file.ics: your own calendar, EXCHANGE=2010: such a server
	@$(python) -m infra.local.demo $${ICS:+--ics "$$ICS"} $${EXCHANGE:+--exchange "$$EXCHANGE"}

run: setup ## The local stage, left running to play with; ICS and EXCHANGE as for the demo
	@$(python) -m infra.local.run $${ICS:+--ics "$$ICS"} $${EXCHANGE:+--exchange "$$EXCHANGE"}

test: setup ## All tests; at least 90 % of the code covered, and all of core/model and core/sync
	PYTHONHASHSEED=0 $(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term
	$(python) -m coverage report --include='core/model/*,core/sync/*' --fail-under=100

simulate: setup-python ## The engine on virtual time under every trouble; SEEDS=1-500, ARGS="--resume FILE --counts"
	@PYTHONHASHSEED=0 $(python) -m tests.simulation.runner $(SEEDS) $(ARGS)

soak: setup ## Five minutes of live edits of 50 pairs, the worker killed every few seconds; it takes ten
	@$(python) -m tests.soak.soak --seconds 300 --out benchmarks/results/soak.json

thorough: setup ## Every point at which a process can die, every Exchange release, many more examples; it takes hours
	CRASH_POINTS=all EWS_CONTRACT=all HYPOTHESIS_PROFILE=ci $(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/contract tests/properties tests/functions/test_demo.py

check: setup-python ## Style, types, the arrows between the packages, the order of the tree
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-logo
	$(python) -m infra.setup.check_tree
	$(python) -m infra.package.lock --check
	$(python) -m infra.azure

infra-check: setup-python ## The Bicep once more, by checkov in an environment of its own (.checkov); needs the package index
	@sh infra/azure/checkov.sh

audit: setup-python ## Known vulnerabilities and secrets; what cannot be asked offline is said and let through
	@sh infra/setup/audit.sh

bench: setup ## Measurements anew, into benchmarks/results, and the goals; BENCH="reconcile first_sync" chooses
	@sh benchmarks/prepare.sh
	@for one in $(BENCH); do .bench/bin/python -m benchmarks.$$one || exit 1; done
	@.bench/bin/python -m benchmarks.goals

package: setup-python ## The deployment zip, in dist/; PYTHON_VERSION=3.13 is what Azure runs, and must be on the PATH
	$(python) -m infra.package --python-version $(PYTHON_VERSION)

lock: setup-python ## Write infra/package/locks anew from requirements.txt; needs the package index
	$(python) -m infra.package.lock

format: setup-python ## Put the code into the house style
	$(python) -m ruff check --fix-only .
	$(python) -m ruff format .

docs: setup-python ## Write docs/settings.md and docs/http-api.md anew from the code
	$(python) -m core.settings --markdown > docs/settings.md.new
	mv docs/settings.md.new docs/settings.md
	$(python) -m functions.calls.page > docs/http-api.md.new
	mv docs/http-api.md.new docs/http-api.md

clean: ## Remove all that can be made again
	rm -rf .venv .audit .bench .checkov dist node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
