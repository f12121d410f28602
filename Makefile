PYTHON ?= python3
PORT ?= 4566
PAGE_PORT ?= 8480
XMPP_PORT ?= 5222
XMPPS_PORT ?= 5223
XMPP_WEBSOCKET_PORT ?= 5443
ENV ?= default
IMAGE ?= company-chat-bridge:latest
SEEN_AS ?= 172.17.0.1
VENV := .venv
SAM := .venv-sam
RUN := PYTHONPATH=layers/chat:. $(VENV)/bin/python
CODE := layers/chat/chat xmpp-bridge/bridge chatctl localcloud scripts bench tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Several targets install packages into one folder.
.NOTPARALLEL:

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

.PHONY: setup
setup: $(VENV)/.ready ## Make the virtual environment with pinned packages

$(VENV)/.ready: requirements/dev.txt scripts/setup.py
	@$(PYTHON) scripts/setup.py $(VENV) requirements/dev.txt

$(SAM)/.ready: requirements/sam.txt scripts/setup.py
	@$(PYTHON) scripts/setup.py $(SAM) requirements/sam.txt

$(VENV)/.browser: $(VENV)/.ready requirements/browser.txt
	@$(PYTHON) scripts/setup.py $(VENV) requirements/browser.txt .browser

$(VENV)/.dashboards: $(VENV)/.ready requirements/dashboards.txt
	@$(PYTHON) scripts/setup.py $(VENV) requirements/dashboards.txt .dashboards

.PHONY: web
web: ## Build the web page where it is not current
	@$(PYTHON) scripts/node.py --if-changed build

.PHONY: run
run: setup web ## Run page, backend and XMPP bridge (Ctrl-C stops them; PORT=4566 PAGE_PORT=8480 XMPP_PORT=5222)
	@exec env PYTHONPATH=layers/chat:. $(VENV)/bin/python -m localcloud --port $(PORT) --page-port $(PAGE_PORT) --demo-mail --xmpp \
	  --xmpp-port $(XMPP_PORT) --xmpps-port $(XMPPS_PORT) --xmpp-websocket-port $(XMPP_WEBSOCKET_PORT)

.PHONY: smoke
smoke: setup ## Log in, chat and check history against a running make run, or one of its own
	@$(VENV)/bin/chatctl smoke --start

.PHONY: test
test: lint clients web ## Everything that must pass
	@mkdir -p .local && echo "Tests of page and bridge run meanwhile; what they print comes at the end." && \
	{ $(MAKE) --no-print-directory --keep-going browser bridge > .local/beside.log 2>&1 & } ; beside=$$! ; \
	trap 'kill $$beside 2> /dev/null' INT TERM ; \
	$(MAKE) --no-print-directory --keep-going types template artifacts web-check unit integration ; others=$$? ; \
	wait $$beside ; them=$$? ; cat .local/beside.log ; exit $$((others + them))

.PHONY: clients
clients: $(VENV)/.browser ## Find or install what the tests drive: Chromium and XMPP clients
	@$(PYTHON) scripts/chromium.py
	@$(RUN) -m scripts.xmpp_clients

.PHONY: lint
lint: setup ## Style and formatting
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/hadolint xmpp-bridge/Dockerfile

.PHONY: types
types: $(VENV)/.browser ## Static types, strict
	@$(VENV)/bin/mypy $(CODE)
	@for function in functions/*/app.py; do $(VENV)/bin/mypy --no-error-summary $$function || exit 1; done

.PHONY: template
template: $(SAM)/.ready ## Check template.yaml and its parts with cfn-lint and SAM
	@$(SAM)/bin/cfn-lint template.yaml templates/*.yaml
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM)/bin/sam validate --lint --template template.yaml
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM)/bin/sam validate --template template.yaml

.PHONY: build
build: setup $(SAM)/.ready ## Build functions and layers for Lambda (arm64), into .aws-sam/build
	@MAKEFLAGS=--no-print-directory SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM)/bin/sam build --template template.yaml
	@$(RUN) -m scripts.built

.PHONY: artifacts
artifacts: build ## Look into what was built: machine, Python, modules, sizes
	@$(VENV)/bin/pytest -q tests/artifacts

.PHONY: deploy
deploy: build web ## Deploy to AWS (ENV=default of samconfig.toml, PARAMETERS="HttpDomain=… AlarmEmail=…")
	@$(RUN) -m scripts.deploy --env $(ENV) $(if $(filter without,$(BYTECODE)),--without-bytecode) $(PARAMETERS)

.PHONY: publish-page
publish-page: setup web ## Publish the page of a deployed stack (ENV=default of samconfig.toml)
	@$(RUN) -m scripts.publish_page --env $(ENV)

.PHONY: image
image: ## Build the bridge's container image for arm64 (IMAGE=company-chat-bridge:latest; needs docker)
	@docker buildx build --platform linux/arm64 --file xmpp-bridge/Dockerfile --tag $(IMAGE) --load .

.PHONY: image-steps
image-steps: setup ## Take the steps of the bridge's image without an engine, and start the bridge from what they make
	@$(RUN) -m scripts.image_steps

.PHONY: push-image
push-image: ## Build and push it (IMAGE=<account>.dkr.ecr.<region>.amazonaws.com/company-chat-bridge:<tag>)
	@docker buildx build --platform linux/arm64 --file xmpp-bridge/Dockerfile --tag $(IMAGE) --push .

# What sam build asks for by the names of the template; it says in ARTIFACTS_DIR where to put it.
build-%:
	@$(RUN) -m scripts.artifact $*

.PHONY: web-check
web-check: ## Style, types and unit tests of the web page, and style of the tests' XMPP clients
	@$(PYTHON) scripts/node.py check
	@$(PYTHON) scripts/node.py --in tests/bridge/interop lint

.PHONY: unit
unit: setup ## Unit and property tests, with coverage of the domain library
	@$(VENV)/bin/python -m slipcover --branch --source layers/chat/chat --omit '*/chat/aws/*' --skip-covered --fail-under 95 -m pytest tests/unit

.PHONY: integration
integration: setup ## Tests through WebSockets on the deployed template, IAM enforced
	@$(VENV)/bin/pytest tests/integration

.PHONY: bridge
bridge: setup clients ## Tests of the XMPP bridge with real clients, IAM enforced
	@$(VENV)/bin/pytest tests/bridge

.PHONY: browser
browser: clients web ## Tests of the page in Chromium, which is installed where that can be done
	@$(VENV)/bin/pytest tests/browser

.PHONY: bench
bench: $(VENV)/.browser web ## Measure against the references; writes .local/bench.json
	@$(RUN) -m bench

.PHONY: screenshots
screenshots: $(VENV)/.browser web ## Take pictures of every view of the page, into .local/screenshots
	@$(RUN) -m scripts.screenshots

.PHONY: dashboards
dashboards: $(VENV)/.dashboards ## Draw the CloudWatch dashboards over a local run, into docs/images
	@PYTHONPATH=layers/chat:xmpp-bridge:. $(VENV)/bin/python -m scripts.dashboards

.PHONY: events
events: setup ## Record a sample event of every function and route into tests/events
	@$(RUN) -m scripts.events

.PHONY: sam-local
sam-local: setup $(SAM)/.ready ## Prepare sam local for a running make run (SEEN_AS=172.17.0.1: this machine as containers see it)
	@$(RUN) -m scripts.sam_local --host $(SEEN_AS)

.PHONY: protocol
protocol: setup ## Record the examples and generate docs/protocol.md and its schema from the frames
	@RECORD_EXAMPLES=1 $(VENV)/bin/pytest -q tests/integration/test_protocol.py
	@$(RUN) -m scripts.protocol

.PHONY: lock
lock: setup ## Pin all dependencies again from the .in files
	@$(VENV)/bin/python -m pip install --quiet uv
	@for name in layers/dependencies/requirements layers/mail/requirements requirements/bridge requirements/dev \
	  requirements/browser requirements/dashboards requirements/sam requirements/node; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url --emit-build-options $$name.in -o $$name.txt || exit 1; done

.PHONY: clean-state
clean-state: ## Forget what the local cloud has stored
	@rm -rf .local/state .local/s3

.PHONY: clean
clean: ## Remove everything that was made
	@rm -rf .local $(VENV) $(SAM) .venv-node web/node_modules tests/bridge/interop/node_modules web/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
