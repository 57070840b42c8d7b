# `make run` starts everything on this machine; `make test` passes everything.
.DEFAULT_GOAL := help
.PHONY: help run test long torture fuzz bench venv judges audit sbom lock fonts lint messages pictures

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What mkdocs-material tells of its successor at each build.
export NO_MKDOCS_2_WARNING := 1
# The tests start hundreds of processes: each would compile the program for itself.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

venv: $(VENV)/.ready ## make the environment, with the signer command in it

$(VENV)/.ready: pyproject.toml requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version)'
	@echo "Installing the packages into $(VENV): once, and for a minute or two ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/development.txt
	@# What setuptools warns of in every editable installation is no news to a newcomer.
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: venv ## start the site, the service and example parents on this machine
	@$(BIN)/signer demo $(DEMO)

# One more than there are processors, since tests also wait: for a server, a lock, a mail.
# Four more took as long, for the processors are busy all the while.
WORKERS := $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")

test: venv ## check everything: code, documents, site, service, browser
	tests/install-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal

LONG := tests/workflows/backup/test_damaged.py tests/workflows/declarations/test_seal.py tests/cli/commands/test_release_killed.py tests/declaration/verify/test_flips.py tests/web/signing/test_mail_sandbox.py tests/browser/test_mail_sandbox.py tests/year tests/browser/desk/year

long: venv ## run in full the tests that `make test` runs in a short form
	LONG_FORM=1 $(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal $(LONG)

torture: venv ## kill production 500 times on each database, and look what was lost
	$(BIN)/python -m tests.production.torture $(TORTURE)

fuzz: venv ## send 10,000 generated requests to every address, on each database
	GENERATED_REQUESTS=10000 $(BIN)/pytest tests/web/generated/test_requests.py

bench: venv ## measure everything, in fifteen minutes (writes bench/results/ and README.md)
	@$(BIN)/python -m bench $(BENCH)

judges: venv ## have DSS, veraPDF, PDFBox and pdf.js judge sealed files (writes docs/guides/judges.md)
	tests/install-tools judges
	$(BIN)/python -m tests.judges

lint: venv ## fix what a machine can fix in the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: venv ## look for known weaknesses in the packages (asks the internet)
	@for part in service site; do \
	  echo "requirements/$$part.txt:"; \
	  $(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off --timeout 30 \
	    --requirement requirements/$$part.txt || { \
	    echo "NOT AUDITED, or weaknesses found: read the lines above. Without the internet it cannot tell." >&2; exit 1; }; \
	done

sbom: venv ## list the packages for programs (CycloneDX, in build/)
	@mkdir -p build
	@for part in service site; do \
	  $(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements/$$part.txt --pyproject pyproject.toml \
	    --output-reproducible --output-format JSON --output-file build/sbom-$$part.json --validate || exit 1; \
	  echo "build/sbom-$$part.json"; \
	done

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: venv ## take newer versions of the packages (writes requirements/)
	$(LOCK) --upgrade --output-file requirements/development.txt --extra site --extra service --extra hsm --extra dev pyproject.toml
	$(LOCK) --output-file requirements/service.txt --constraint requirements/development.txt --extra service pyproject.toml
	$(LOCK) --output-file requirements/hsm.txt --constraint requirements/development.txt --extra service --extra hsm pyproject.toml
	$(LOCK) --output-file requirements/site.txt --constraint requirements/development.txt --extra site pyproject.toml

messages: venv ## collect the sentences that can be translated (signer/locale/)
	$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keywords "lazy_gettext lazy_pgettext:1c,2" --add-location file --sort-by-file --no-wrap --project Signer --version "" --copyright-holder "" --output-file signer/locale/messages.pot .

fonts: venv ## make the self-hosted fonts again
	$(BIN)/python signer/theme/make-fonts

pictures: venv ## make the pictures of the guides again, and take one of every page in every state
	$(BIN)/python -m tests.browser.pictures
	$(BIN)/python -m tests.browser.desk.pictures
	$(BIN)/python -m tests.browser.gallery
