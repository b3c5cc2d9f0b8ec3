# Every target makes the environment it needs in .venv; nothing has to be installed by hand but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run serve test check faults fuzz bench data clean

run: data
	$(BIN)/scaling-search run studies/quickstart.yaml

serve: data
	$(BIN)/scaling-search serve

test: .venv/dev data
	$(BIN)/python -m pytest

faults: .venv/dev
	$(BIN)/python -m pytest tests/faults -m slow

fuzz: .venv/dev
	$(BIN)/python -m pytest tests/service/test_schema.py -m slow

bench: .venv/dev
	$(BIN)/pip install --quiet optuna-dashboard
	$(BIN)/python tests/benchmarks/service.py

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
