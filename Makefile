# Two commands need nothing but Python 3.11: `make demo` and `make test`.
# ARGS reaches the command behind a target: make demo ARGS="--seed 7 --people 400"

PYTEST := .venv/bin/python -m pytest
WORKERS ?= 2    # each has a database, a broker or a browser beside it; three are quicker yet

.PHONY: demo test check bench faults screenshots coverage wheel reference lock runtime dev servers

demo: runtime                ## a finished talk with its replay, and a live one, in your browser
	@exec .venv/bin/hearhear demo $(ARGS)

test: dev servers            ## every test; what needs a missing program is skipped and named
	@$(PYTEST) -n $(strip $(WORKERS)) --dist loadfile --no-loadscope-reorder $(ARGS)

check: dev                   ## format, lint, types, import directions
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

bench: dev servers           ## how fast all is, beside peers: BENCH_PEERS names their folder
	@.venv/bin/python tests/load/bench.py $(ARGS)

faults: dev servers          ## kills and freezes of every process, many seeds
	@$(PYTEST) -m faults $(ARGS)

screenshots: dev servers     ## pictures of every page, in screenshots/
	@PYTHONPATH=.:tests .venv/bin/python scripts/screenshots.py $(ARGS)

coverage: dev servers        ## branches that no test takes
	@.venv/bin/coverage run -m pytest $(ARGS)
	@.venv/bin/coverage report

wheel: dev                   ## dist/hearhear-*.whl
	@rm -rf dist
	@.venv/bin/hatchling build -t wheel

reference: dev               ## docs/reference anew, from the code
	@PYTHONPATH=. .venv/bin/python scripts/reference.py

lock:                        ## both locks anew, from pyproject.toml (needs uv)
	@scripts/lock.sh $(ARGS)

runtime dev:
	@scripts/setup.sh $@

servers:
	@scripts/servers.sh
