PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test research-test docs notebook lint oldest audit licences clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.light: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -m compileall -q ecgclip
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	$(BIN)/python -m compileall -q ecgclip
	touch $@ $(VENV)/.light

demo: $(VENV)/.light
	$(BIN)/ecgclip demo

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 2

# what answered a question once (research/README.md)
research-test: lint
	$(BIN)/python -m pytest -n 2 research

# the documentation as pages in site/; warnings are errors
docs: $(VENV)/.test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# examples/tour.ipynb, run anew with its outputs
notebook: $(VENV)/.test
	PYTHONPATH=$(CURDIR) $(BIN)/python -m nbconvert --to notebook --execute --inplace examples/tour.ipynb

# the tests once more, with the oldest libraries that pyproject.toml allows
oldest:
	$(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)-oldest/bin/uv pip install --quiet --python $(VENV)-oldest --resolution lowest-direct -e '.[test]'
	$(VENV)-oldest/bin/python -m pytest -n 2 -W default -p no:cacheprovider

# what people install, without the tests' packages: known weaknesses (asks PyPI), and licences that bind users
AUDITED := $(VENV)-audit/bin

$(VENV)-audit/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-audit
	$(AUDITED)/python -m pip install --quiet --disable-pip-version-check '.[heic,excel,edf,dicom]' pip-audit pip-licenses
	touch $@

audit: $(VENV)-audit/.installed
	$(AUDITED)/python -m pip list --disable-pip-version-check --format=freeze --exclude ecgclip > $(VENV)-audit/packages.txt
	$(AUDITED)/pip-audit --strict --no-deps --disable-pip -r $(VENV)-audit/packages.txt

licences: $(VENV)-audit/.installed
	$(AUDITED)/pip-licenses --from=mixed --partial-match \
		--fail-on='GNU General Public;GNU Affero;GPL-2;GPL-3;AGPL;SSPL;UNKNOWN'

clean:
	rm -rf $(VENV) $(VENV)-oldest $(VENV)-audit build dist site *.egg-info
