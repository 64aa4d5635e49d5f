PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run demo test install tools lint types texts pictures bench smoke soak replay clean

run: install
	$(BIN)/feedserver serve

demo: install
	$(BIN)/feedserver demo

test: $(VENV)/dev
	$(BIN)/pytest

install: $(VENV)/run

tools: .tools/node_modules

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

TEXTS := feedserver/web/translations

texts: $(VENV)/dev
	$(BIN)/pybabel --quiet extract --mapping-file=$(TEXTS)/babel.cfg --add-location=file --omit-header --width=120 \
		--output-file=$(TEXTS)/messages.pot feedserver/web
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120 \
		--input-file=$(TEXTS)/messages.pot --output-dir=$(TEXTS)
	$(BIN)/pybabel --quiet compile --directory=$(TEXTS)

pictures: $(VENV)/dev
	$(BIN)/python docs/walk.py

bench: $(VENV)/dev
	$(BIN)/python bench/select.py --write
	$(BIN)/python bench/entered.py --write
	$(BIN)/python bench/preview.py --write
	$(BIN)/python bench/pages.py --write
	$(BIN)/python bench/serve.py --write

smoke: $(VENV)/dev
	$(BIN)/python bench/select.py --smoke
	$(BIN)/python bench/serve.py --smoke
	$(BIN)/python bench/entered.py --smoke
	$(BIN)/python bench/preview.py --smoke
	$(BIN)/python bench/polling.py --smoke
	$(BIN)/python bench/replay.py --smoke
	$(BIN)/python bench/orders.py --smoke
	$(BIN)/python bench/harvest.py --smoke
	$(BIN)/python bench/pages.py --smoke

soak: $(VENV)/dev
	$(BIN)/python bench/soak.py

replay: $(VENV)/dev
	$(BIN)/python bench/replay.py
	$(BIN)/python bench/replay.py --faults
	$(BIN)/python bench/replay.py --kills 100

$(VENV)/run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev: $(VENV)/run
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

.tools/node_modules: tests/browser/package.json
	mkdir -p .tools
	cp $< .tools
	npm install --prefix .tools --ignore-scripts --no-package-lock --no-audit --no-fund --silent
	touch $@

clean:
	rm -rf $(VENV) .tools
