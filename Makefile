# Two commands do everything: `make demo` and `make test`. `make` alone lists the rest.

PYTHON ?= python3
# Where `make demo` writes.
OUT ?= results/demo
# Which tests `make test` runs: MARKERS='not reference and not seeds' leaves out those that take minutes.
MARKERS ?=
# Files of tests at once; tests of a file share what they have simulated.
PYTEST := pytest --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder --durations 20

# Lines of wiring and analysis that the whole suite comes by, not counting programs that it starts.
COVERAGE := --cov=eiassembly.connectivity --cov=eiassembly.analysis --cov-report=term-missing:skip-covered \
	--cov-fail-under=95

# What pip has to say is in a log; if it fails one line says why.
ENVIRONMENT := PYTHON=$(PYTHON) jobs/make_environment.sh
# An environment is made anew when the dependencies, the Python or the build of NEST change.
KEY := $(shell { cat pyproject.toml jobs/build_nest_mpi.sh; $(PYTHON) -VV; } 2>&1 | sha256sum | cut -c 1-12)
DEMO_READY := .venv/.ready-$(KEY)
DEMO_TEST_READY := .venv/.test-ready-$(KEY)
MPI_READY := .venv-mpi/.ready-$(KEY)

.DEFAULT_GOAL := help
# `make demo QUICK=1`: fewer odors. `make bench QUICK=1 ROUNDS=1`: does it work? Where its results and pages go.
QUICK ?=
ROUNDS ?=
QUICK_OUT := results/bench
BENCH_OUT := $(if $(QUICK),$(QUICK_OUT),benchmarks)
BENCH_OPTIONS := $(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS))
BRIAN2_KEY := $(shell { cat benchmarks/brian2_requirements.txt; $(PYTHON) -VV; } 2>&1 | sha256sum | cut -c 1-12)
BRIAN2_READY := .venv-brian2/.ready-$(BRIAN2_KEY)

.NOTPARALLEL:
.PHONY: help demo test test-mpi test-threads test-bare coverage lint nest-mpi bench bench-pages clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(DEMO_READY) ## Networks with four structures: build, simulate in NEST, analyse, report (OUT=DIRECTORY QUICK=1)
	.venv/bin/eiassembly demo --out $(OUT) $(if $(QUICK),--quick)
	@echo "The report: $(OUT)/report.html"

test: test-mpi test-threads lint ## The whole suite with both builds of NEST, and the checks of the code (MARKERS=...)

test-mpi: $(MPI_READY)
	@tests/slurm/sandbox.sh install
	.venv-mpi/bin/$(PYTEST) -m '$(MARKERS)'

# What depends on NEST (tests say so), with the ready-made package too; the rest is the same in both environments.
test-threads: $(DEMO_TEST_READY)
	.venv/bin/$(PYTEST) -m 'nest and not reference and not seeds' --ignore tests/mpi --ignore tests/slurm --ignore tests/benchmarks

# By itself: it costs a third of the time of the tests that it watches.
coverage: $(MPI_READY) ## Which lines of connectivity/ and analysis/ no test comes by; fails below 95 %
	.venv-mpi/bin/$(PYTEST) $(COVERAGE) -m 'not reference and not seeds' tests/connectivity tests/analysis tests/test_front_door.py

lint: $(MPI_READY) ## Style of Python and C++, types and the direction of imports
	.venv-mpi/bin/ruff check
	.venv-mpi/bin/ruff format --check
	.venv-mpi/bin/mypy
	.venv-mpi/bin/lint-imports
	.venv-mpi/bin/clang-format --dry-run --Werror $$(find model -name '*.h' -o -name '*.cpp')

bench: $(MPI_READY) $(BRIAN2_READY) ## Measure speed and memory against others, write docs/benchmarks.md and docs/scaling.md
	.venv-mpi/bin/python -m benchmarks.measure $(BENCH_OPTIONS) --out $(BENCH_OUT)/results.json
	.venv-mpi/bin/python -m benchmarks.observables_by_scale $(if $(QUICK),--quick) --out $(BENCH_OUT)/observables.json
	@$(MAKE) --no-print-directory bench-pages

bench-pages: $(MPI_READY) ## Write the pages again from the last measurements
	.venv-mpi/bin/python -m benchmarks.pages --results $(BENCH_OUT)/results.json \
		--observables $(BENCH_OUT)/observables.json --docs $(if $(QUICK),$(QUICK_OUT),docs)

test-bare: ## Installations on bare Debian systems, as root: CASES=..., EXTRA_PYTHONS=... (docs/install.md)
	jobs/bare_machines.sh run $(CASES)

nest-mpi: ## Build NEST with MPI as a wheel in the cache directory, without root
	@PYTHON=$(PYTHON) jobs/build_nest_mpi.sh

.PHONY: reference
reference: ## Fetch the authors' matrices and odors into the cache directory (about 40 MB), for the tests that compare with them
	@tests/reference/fetch.sh

clean: ## Remove the environments and caches of this folder (not results/, not the NEST in the cache directory)
	rm -rf .venv .venv-mpi .venv-brian2 build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Only the ready-made NEST will do here: building all of its models takes far longer than anybody expects.
$(DEMO_READY):
	@PYTHON=$(PYTHON) jobs/check_system.sh demo
	@$(ENVIRONMENT) new .venv --only-binary nest-simulator --editable '.[nest]'
	@touch $@

$(DEMO_TEST_READY): $(DEMO_READY)
	@$(ENVIRONMENT) add .venv --only-binary nest-simulator --editable '.[nest,test]'
	@touch $@

$(MPI_READY):
	@wheel=$$(PYTHON=$(PYTHON) jobs/build_nest_mpi.sh) && \
		$(ENVIRONMENT) new .venv-mpi "$$wheel" --editable '.[mpi,test]'
	@touch $@

$(BRIAN2_READY):
	@$(ENVIRONMENT) new .venv-brian2 --requirement benchmarks/brian2_requirements.txt
	@touch $@
