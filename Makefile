# Every target makes the environment it needs in .venv; nothing has to be installed by hand but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run serve test check bench bench-selection ground-truth faults fuzz data clean

run: data
	$(BIN)/scaling-search run studies/quickstart.yaml

serve: data
	$(BIN)/scaling-search serve

test: .venv/dev data
	$(BIN)/python -m pytest -n 2 --dist loadfile

faults: .venv/dev
	$(BIN)/pip install --quiet --editable '.[ray]'
	rm -f faults.jsonl
	SCALING_SEARCH_FAULTS=$(CURDIR)/faults.jsonl $(BIN)/python -m pytest tests/faults -m "slow or not slow"
	$(BIN)/python -m tests.faults.table faults.jsonl
	$(BIN)/python -m pytest tests/store tests/engine tests/service/test_live.py tests/browser tests/search/test_worker.py -m slow

fuzz: .venv/dev
	$(BIN)/python -m pytest tests/service/test_schema.py tests/service/test_stateful.py -m slow

# Each comparison side by side; BENCH="--section throughput --quick" for one of them, quickly.
bench: .venv/dev data
	$(BIN)/pip install --quiet --editable '.[bench]'
	$(BIN)/python -m tests.benchmarks $(BENCH)

# How well choices are made, on surfaces whose truth is known and on the measured table; about an hour on a quiet core.
bench-selection: .venv/dev
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.selection

# The table itself: 21 networks × 8 seeds, 40 minutes to an hour and a half on two cores.
ground-truth: data
	$(BIN)/scaling-search run studies/ground_truth.yaml --db ground_truth.db
	$(BIN)/scaling-search trials ground_truth --db ground_truth.db -o tests/benchmarks/selection/ground_truth.csv

check: .venv/dev
	$(BIN)/ruff check scaling_search tests
	$(BIN)/ruff format --check scaling_search tests
	$(BIN)/mypy
	$(BIN)/lint-imports

# Fashion-MNIST: by torchvision's download, or else from Debian's package where apt-get can install it.
data: .venv/run
	@$(BIN)/scaling-search data check fashion_mnist >/dev/null 2>&1 \
	|| { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq dataset-fashion-mnist; } >/dev/null 2>&1 || true
	@$(BIN)/scaling-search data check fashion_mnist

.venv/run: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/dev: .venv/run
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv build dist
