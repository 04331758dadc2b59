# make try    set up, then check a real package: trixie's golang-1.24 for amd64
# make test   set up, then everything: static checks, all tests, coverage held
# make test-long  set up, then the tests that build whole toolchains (hours)
# make check  what to run while working: static checks, unit and property tests (a minute);
#             T=tests/unit/rules runs the tests of one place
# make bench  speed and memory, beside the floor (ARGS=--diffoscope adds the peer: slow)
# make forge  a campaign of forged packages, none of which may pass (N=1000 SEED=1)
# make oracle what the readers accept, really installed by dpkg and pacman (N=10000 SEED=1)
# make fuzz   every parser on mutated input (N=1000000 SEED=1)
# make mutants  changes in the rooms that decide, which the tests must see (N=30 SEED=1 ROOM=rules)
# make golden  what samego writes for people now, over what fixtures/golden keeps
# make package samego's own packages, from what git has: dist/ (Debian's; with makepkg also Arch's)
# make picture docs/report.png, from the page of a real report (minutes: it rebuilds)
# make sweep  upstream's own releases built in every way, against its bytes (many hours)
# make clean  remove .venv and what the tools left
#
# Whatever this machine lacks is installed by tools/setup.sh, which says so.

BIN := .venv/bin
WHAT := debian:trixie/golang-1.24:amd64
ARGS :=
SEED := 1
# The tests of one file stay together: they share what is slow to make.
# Files in their order: the slow ones come first, and no worker is left alone with one at the end.
FILES := --dist loadfile --no-loadscope-reorder
WORKERS := -n 2 $(FILES)
# One more than there are cores: of three workers one mostly waits, for a process or a server.
UNIT_WORKERS := -n 3 $(FILES)
# Unit tests write thousands of small files, which take a disk longer than the tests: they go to memory
# where that is a place with room, and may run programs. Those of tests that fail stay there.
IN_MEMORY = $(shell probe=$$(mktemp /dev/shm/samego.XXXXXX 2>/dev/null) && \
    cp /bin/true "$$probe" && chmod u+x "$$probe" && "$$probe" 2>/dev/null && \
    [ "$$(df --output=avail /dev/shm | tail -n 1)" -gt 1000000 ] && \
    echo PYTEST_DEBUG_TEMPROOT=/dev/shm PYTEST_ADDOPTS=\"-o tmp_path_retention_policy=failed\"; \
    rm -f "$$probe")
# What coverage of the core, branches included, must not fall below, in percent.
CORE_COVERAGE := 95

.PHONY: try test test-long check bench sweep golden forge oracle fuzz mutants package picture clean setup setup-unit setup-test setup-test-long static

try: setup
	@$(BIN)/samego check $(WHAT); status=$$?; \
	if [ $$status -eq 1 ]; then echo "make: samego's answer is 'differs' (exit status 1)" >&2; \
	elif [ $$status -ne 0 ]; then exit $$status; fi

test: setup-test static
	rm -f .coverage .coverage.*
	COVERAGE_FILE="$(CURDIR)/.coverage" COVERAGE_PROCESS_START="$(CURDIR)/pyproject.toml" \
	    $(BIN)/coverage run -m pytest $(WORKERS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --include='core/*' --fail-under=$(CORE_COVERAGE) --format=total

test-long: setup-test-long
	$(BIN)/pytest -m long -v

# The tests of one place go without static checks, and need servers only outside these two.
check: $(if $(filter-out tests/unit% tests/property%,$(T)),setup-test,setup-unit) $(if $(T),,static)
	$(if $(T),,$(IN_MEMORY)) $(BIN)/pytest -q $(or $(T),$(UNIT_WORKERS) tests/unit tests/property)

static:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy tests benchmarks
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/sentences.py core plugins

bench: setup-test
	PYTHONPATH=tests $(BIN)/python benchmarks/check_golang.py $(ARGS)
	PYTHONPATH=tests $(BIN)/python benchmarks/check_arch.py
	PYTHONPATH=tests $(BIN)/python benchmarks/check_all.py
	PYTHONPATH=tests $(BIN)/python benchmarks/scaling.py
	PYTHONPATH=tests $(BIN)/python benchmarks/differences.py
	PYTHONPATH=tests $(BIN)/python benchmarks/growth.py

forge: setup-test
	PYTHONPATH=tests $(BIN)/python -m forge --count $(or $(N),1000) --seed $(SEED) $(ARGS)

oracle: setup-test
	PYTHONPATH=tests $(BIN)/python -m oracle --count $(or $(N),10000) --seed $(SEED)

fuzz: setup-test
	PYTHONPATH=tests $(BIN)/python -m fuzz --count $(or $(N),1000000) --seed $(SEED) $(ARGS)

mutants: setup-test
	@$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
	    $(BIN)/python -m pip install --quiet --editable '.[mutants]'
	PYTHONPATH=tests $(BIN)/python -m mutants --count $(or $(N),30) --seed $(SEED) $(ROOM) $(ARGS)

golden: setup-test
	PYTHONPATH=tests $(BIN)/python -m golden

package:
	tools/package.sh

picture: setup-test
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && \
	    $(BIN)/samego check --rebuild --format json -o "$$work/report.json" $(WHAT) && \
	    $(BIN)/samego report "$$work/report.json" --to html -o "$$work/report.html" && \
	    PYTHONPATH=tests $(BIN)/python -m support.picture "$$work/report.html" docs/report.png

sweep: setup-test
	$(BIN)/python benchmarks/rebuild_sweep.py --table docs/rebuild-sweep.md $(ARGS)

setup:
	@tools/setup.sh

setup-unit:
	@tools/setup.sh unit

setup-test:
	@tools/setup.sh test

setup-test-long:
	@tools/setup.sh test long

clean:
	rm -rf .venv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	    .import_linter_cache build dist *.egg-info
	find core plugins tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
