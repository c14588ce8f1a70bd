# Cluster Portal. Needs Python 3.11 or newer and make; everything else is installed into .venv.
# `make` prints the list of commands; docs/commands.md explains them.

.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh
BIN := .venv/bin
# Procfile commands and honcho look for the programs of .venv first.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1

PYTHONS := .venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python
SUITABLE := import sys, venv, ensurepip, fcntl; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for name in $(PYTHONS); do "$$name" -c '$(SUITABLE)' >/dev/null 2>&1 && { command -v "$$name"; break; }; done)

TYPED := $(wildcard catalogue/managers.py catalogue/services catalogue/listing/[dfmo]*.py catalogue/search catalogue/index catalogue/answers.py catalogue/lookups.py catalogue/map \
	catalogue/priority.py catalogue/profile/[df]* catalogue/exports catalogue/api catalogue/loading catalogue/tasks.py \
	duplicates/[finps]*.py duplicates/merging duplicates/timeline.py \
	submissions/services submissions/managers.py submissions/api submissions/tasks.py submissions/timeline.py \
	imports/services imports/eccp.py imports/tasks.py \
	quality/findings quality/freshness.py quality/retention.py quality/tasks.py quality/timeline.py questions \
	consortium/services.py consortium/loading.py outbox publicforms spreadsheets webcheck loading \
	workplace/[enrtv]*.py workplace/confirmation.py workplace/singletons.py)

define install
@python="$(PYTHON)"; \
if [ -z "$$python" ]; then \
	echo "No suitable Python was found: version 3.11 or newer with the modules venv and ensurepip is needed."; \
	echo "  Debian, Ubuntu: sudo apt-get install python3 python3-venv    macOS: brew install python"; \
	echo "  Or name one: make run PYTHON=/path/to/python3.12"; \
	exit 1; \
fi; \
"$$python" -I portal/install.py $(1)
endef

##@ Run
.PHONY: run
run: ## install, prepare and start the portal (PORT=8000 changes the port)
	$(call install,run)
	@exec $(BIN)/python -m portal.start

.PHONY: web worker mailer beat
web worker mailer beat: ## start only this process of the Procfile
	$(call install,run)
	@exec $(BIN)/honcho start $@

.PHONY: migrate
migrate: ## bring the database up to date
	$(call install,run)
	@$(BIN)/python manage.py migrate

.PHONY: load
load: ## load the real data of fixtures/ (safe to repeat)
	$(call install,run)
	@$(BIN)/python manage.py load_data

.PHONY: prepare
prepare: ## .env, database, groups, data, staff account and static files, without starting
	$(call install,run)
	@$(BIN)/python -m portal.start --prepare

.PHONY: password
password: ## give a staff account a new random password (USERNAME=admin)
	$(call install,run)
	@$(BIN)/python manage.py new_password $(USERNAME)

.PHONY: shell
shell: ## Django's shell
	$(call install,run)
	@$(BIN)/python manage.py shell

##@ Develop
.PHONY: test
test: ## all tests, on the PostgreSQL of TEST_DATABASE_URL or on SQLite
	$(call install,dev)
	@tests/run

.PHONY: test-long
test-long: ## all tests, with four times as much invented input
	$(call install,dev)
	@tests/run --hypothesis-profile=long

.PHONY: e2e
e2e: ## only the tests in a real browser
	$(call install,dev)
	@$(BIN)/pytest -m e2e

.PHONY: screenshots
screenshots: ## takes the pictures of docs/images/ again in a real browser
	$(call install,dev)
	@$(BIN)/python docs/screenshots.py

.PHONY: lint
lint: ## style, templates, missing migrations, types, order of imports
	$(call install,dev)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	ENV_FILE= TEST_ROUND=sqlite $(BIN)/python manage.py makemigrations --check --dry-run --settings portal.settings_test
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

.PHONY: bench
bench: ## measure the speed with 1,500 and 100,000 clusters (BENCH_SIZES=1500, WRITE=1)
	$(call install,run)
	@BENCH_SIZES="$(BENCH_SIZES)" WRITE="$(WRITE)" $(BIN)/python -m bench
	@$(BIN)/python -m bench.queue
	@$(BIN)/python -m bench.imports

.PHONY: search-quality
search-quality: ## ask the page and the API judged questions on both databases
	$(call install,run)
	@$(BIN)/python -m bench.quality --show-misses $(QUALITY)

.PHONY: duplicates
duplicates: ## measure how well duplicates are found among the real names
	$(call install,dev)
	@ENV_FILE= $(BIN)/python -m bench.duplicates $(DUPLICATES)

.PHONY: bench-mail
bench-mail: ## measure how fast mails are written and sent (BENCH_MAILS=2000)
	$(call install,run)
	@BENCH_MAILS="$(or $(BENCH_MAILS),2000)" $(BIN)/python -m bench.mail

.PHONY: bench-import
bench-import: ## measure the dry run of a spreadsheet of 10,000 rows
	$(call install,run)
	@$(BIN)/python -m bench.imports

.PHONY: bench-queue
bench-queue: ## measure the review queue with 5,000 submissions
	$(call install,run)
	@$(BIN)/python -m bench.queue

.PHONY: lock
lock: ## pin all packages of pyproject.toml with hashes again
	$(call install,dev)
	@for kind in run dev; do \
		[ $$kind = dev ] && extra="--extra dev" || extra=""; \
		$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links $$extra $(LOCK_OPTIONS) \
			--quiet --output-file requirements/$$kind.txt || exit 1; \
	done

.PHONY: clean
clean: ## remove .venv and all caches; data in var/ and .env stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z][a-z0-9 _-]*:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
