# make demo     digitize sample_docs/ and show what comes of it
# make serve    the web service and its workers on this PC
# make test     the tests; sets up what they need
# make check    exactly what CI runs: format, lint, types, import directions, tests
# make lock     write the lock files again after a change of pyproject.toml
# make bench-reading | bench-accents | bench-understanding | bench-kho | bench-coverage | bench-ingest

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

.PHONY: demo serve test check format lint types imports lock setup bench clean

setup: .venv/ready

.venv/ready: requirements-dev.lock pyproject.toml
	@scripts/system-packages
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: setup
	@$(BIN)/sohoa demo

serve: setup
	@$(BIN)/sohoa serve

test: setup
	@OMP_THREAD_LIMIT=1 $(BIN)/pytest -n $(JOBS) --dist loadfile

check: format lint types imports test

format: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache | tail -n 6

bench-%: setup
	$(BIN)/python -m bench.$*

# Hashes for every platform, and no address of any index.
LOCK := uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock

clean:
	rm -rf .venv .demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache
