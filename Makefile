PYTHON ?= python3
VENV ?= .venv
CHROMIUM ?= chromium
# two processes; more would want more memory than a laptop has. Who has done its half takes over some of the other's
PYTEST = $(VENV)/bin/python -m pytest -n 2 --dist worksteal

.PHONY: train serve install test test-slow test-all bench report lint clean

train: install  ## set everything up, then train a U-Net on the sample photographs
	$(VENV)/bin/python main.py --model unet

serve: install  ## a web page and an HTTP endpoint that colorize pictures with the bundled model
	$(VENV)/bin/python main.py serve

install: $(VENV)/.installed  ## only the set-up

test: $(VENV)/.installed-test  ## the test suite, without the tests marked slow
	$(PYTEST)

test-slow: $(VENV)/.installed-test  ## the tests marked slow
	$(PYTEST) -m slow

test-all: $(VENV)/.installed-test  ## every test
	$(PYTEST) -m "slow or not slow"

bench: $(VENV)/.installed-test  ## every benchmark: writes docs/benchmarks.md, in under 15 minutes
	$(VENV)/bin/python -m benchmarks

report:  ## docs/report.pdf; needs pandoc and Chromium
	pandoc docs/report.md --from gfm+tex_math_dollars --resource-path docs --standalone --embed-resources --mathml \
	  --metadata pagetitle="Colours for grey photographs" --css docs/report.css --output docs/report.html
	$(CHROMIUM) --headless --no-pdf-header-footer --print-to-pdf=docs/report.pdf docs/report.html
	rm docs/report.html

lint: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.installed-test: requirements.txt requirements-test.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet -r requirements-test.txt
	touch $@ $(VENV)/.installed

clean:  ## remove the virtual environment
	rm -rf $(VENV)
