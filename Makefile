PYTHON ?= python3
PORT ?= 8000
SIMULATOR_PORT ?= 8765
# More options for pytest or the benchmarks: make test ARGS="-k worker -x"
ARGS ?=
# How many processes the tests use: at most four, for each has its own database.
TEST_PROCESSES ?= -n auto --maxprocesses 4

VENV = .venv/bin/python
BOOTSTRAP = command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	echo "Python 3.11 or newer is needed, and '$(PYTHON)' was not found: install it, or name it with make PYTHON=/path/to/python3." >&2; \
	exit 1; }; "$(PYTHON)" shopadmin/bootstrap.py

# Made-up values: they only let the settings load as they would in production.
PRODUCTION = DEBUG=False ALLOWED_HOSTS=shop.example.com CSRF_TRUSTED_ORIGINS=https://shop.example.com \
	SECRET_KEY=made-up-and-long-enough-for-a-check-0123456789-abcdefghijklmnopq \
	FIELD_ENCRYPTION_KEYS=made-up-0123456789-abcdefghijklmnopqrstuvwxyz

.PHONY: run test check bench chaos lanes messages
.NOTPARALLEL:

run: ## Set up and start simulator, worker and web server
	@$(BOOTSTRAP)
	@exec $(VENV) manage.py demo --port $(PORT) --simulator-port $(SIMULATOR_PORT)

test: ## Install what the tests need, and run them
	@$(BOOTSTRAP) --dev
	$(VENV) -m pytest $(TEST_PROCESSES) $(ARGS)

check: ## Lint, format, types, imports between packages, migrations, production settings
	@$(BOOTSTRAP) --dev
	$(VENV) -m ruff check
	$(VENV) -m ruff format --check
	$(VENV) -m mypy
	.venv/bin/lint-imports
	$(VENV) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(VENV) manage.py check --deploy --fail-level WARNING

bench: ## Measure
	@$(BOOTSTRAP) --dev
	$(VENV) -m tests.bench $(ARGS)

chaos: ## Let everything fail while pushes are sent, then compare WeChat's records with ours
	@$(BOOTSTRAP) --dev
	$(VENV) -m tests.chaos $(ARGS)

lanes: ## The tests on PostgreSQL, the queue's on Redis, and the pages in a browser
	@$(BOOTSTRAP) --dev
	.ci/lane postgresql
	.ci/lane redis
	.ci/lane browser

messages: ## Collect the texts to translate (needs GNU gettext)
	@$(BOOTSTRAP)
	$(VENV) manage.py makemessages --locale zh_Hans --no-wrap --add-location file --ignore .venv --ignore var
