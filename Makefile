# Medtour. A fresh machine needs git, python3 (3.11 or newer) and make; nothing else.
#   make run    serves the site with everything it needs     make test   runs every check
PYTHON ?= python3
VENV := .venv/bin/python
STACK := $(VENV) -m medtour.devstack

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long test-fast lint format messages mutation bench shell lock clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup: ## install the locked packages into .venv
	@$(PYTHON) medtour/devstack/install.py

run: setup ## serve the site at http://127.0.0.1:8000 (PORT=...) until Ctrl-C
	@exec $(STACK) run

test: setup ## run every check but the long proofs; CI runs both
	@exec $(STACK) test -- python -m medtour.devstack.gate

test-long: setup ## run the proofs that take minutes (kill -9 at every step, every order of news)
	@exec $(STACK) test -- python -m medtour.devstack.gate --only long

test-fast: setup ## run the tests that need no browser and no race (ARGS="tests/bookings -k hold")
	@exec $(STACK) test -- pytest -q -n 2 --dist worksteal -m "not race and not browser and not slow and not long" $(ARGS)

lint: setup ## check format, style, types and templates
	@exec $(VENV) -m medtour.devstack.gate --only lint

format: setup ## put the code into the house's format
	@$(VENV) -m ruff format . && $(VENV) -m ruff check --fix .

messages: setup ## add new texts to the translation files, compile them, say what is missing
	-@$(VENV) manage.py check_translations --write
	@exec $(VENV) -m medtour.devstack.messages

mutation: setup ## change the eligibility engine line by line and see that tests notice
	@rm -rf mutants
	@$(VENV) -m mutmut run
	@exec $(VENV) -m mutmut results

bench: setup ## measure the site (docs/performance.md)
	@DEVSTACK_STATE=.devstack/bench exec $(STACK) exec -- python -m bench $(ARGS)

shell: setup ## a Python shell on the site's own data (not while make run is going)
	@exec $(STACK) exec -- python manage.py shell

lock: setup ## resolve requirements*.in into the locks with hashes
	@$(VENV) -m uv pip compile -q --no-strip-extras --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	@$(VENV) -m uv pip compile -q --no-strip-extras --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean: ## remove everything that setup, run and test made
	@rm -rf .venv .devstack mutants staticfiles .pytest_cache .ruff_cache .mypy_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete
