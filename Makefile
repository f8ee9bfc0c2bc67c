# Every target sets up what it needs. PYTHON=/path/to/python3.12 chooses the interpreter (3.11 or newer).
PYTHON ?=
VENV := .venv/bin
INSTALLED := .venv/.installed

.PHONY: setup demo test check bench gui translations install-desktop

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" .ci/setup
	@touch $@

# A small library of made-up sounds and pictures in demo-library/, indexed and searched in four ways. Waiting threads of
# torch sleep rather than spin, as in the command line program: on a busy machine that is ten times faster.
demo: setup
	@OMP_WAIT_POLICY=passive $(VENV)/python examples/demo.py

# Torch's waiting threads sleep rather than spin: the processes that tests start want the cores, too.
test: setup check
	@OMP_WAIT_POLICY=passive $(VENV)/python -m pytest

check: setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports

bench: setup
	@set -e; for benchmark in benchmarks/[!_]*.py; do echo "$$benchmark"; $(VENV)/python "$$benchmark"; done

gui: setup
	$(VENV)/python -m gui

# New texts of the app go to gui/translations/*.ts, for translators (Qt Linguist opens them); then they are compiled.
translations: setup
	$(VENV)/pyside6-lupdate $$(git ls-files 'gui/*.py') -no-obsolete -locations none -ts gui/translations/*.ts
	$(VENV)/pyside6-lrelease gui/translations/*.ts

# The app in the desktop's menu, for this user.
install-desktop: setup
	packaging/install-desktop $(VENV)/audioclip-search
