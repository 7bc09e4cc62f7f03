SHELL := /bin/bash
# CUDA libraries are not on the package registry; an image for GPUs sets cuda12.
export ONNXRUNTIME_NODE_INSTALL ?= skip
NODE := node_modules/node/bin/node
SPLITLAB := bin/splitlab

.DEFAULT_GOAL := help

##@ Use
.PHONY: deps demo demo-traces demo-3gpp
deps: node_modules/.package-lock.json ## Install what `npx splitlab` needs
	@$(NODE) cli/nats-server/ensure.ts

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

demo: deps ## Measure where to cut a trained network, over two emulated links
	$(SPLITLAB) run examples/quickstart.yaml

demo-traces: deps ## The same beside a real Jaeger, and its slowest inference there; the first time builds it, for 1 to 2 minutes
	$(NODE) cli/jaeger/demo.ts

demo-3gpp: deps ## The cuts of the 3GPP testbed: VGG16 and ResNet50, JSON against binary codecs
	$(SPLITLAB) run examples/3gpp-vgg16.yaml
	$(SPLITLAB) run examples/3gpp-resnet50.yaml

##@ Develop
.PHONY: test test-full test-e2e test-faults check format bench clean
test: deps check ## Lint, check the types and run the tests, with coverage
	npm test --silent

test-full: deps check ## The same with the whole model corpus, all fuzzing and many kills
	SPLITLAB_TEST_FULL=1 npm test --silent

test-e2e: deps ## Only what goes through the whole: runs by the command, experiments on a cluster (root on Linux)
	PATH="$(CURDIR)/node_modules/.bin:$$PATH" $(NODE) --test 'test/e2e/**/*.test.ts'

test-faults: deps ## All that is broken on purpose, often: killed processes, resumed runs, lost nodes; for half an hour
	SPLITLAB_TEST_FULL=1 PATH="$(CURDIR)/node_modules/.bin:$$PATH" $(NODE) --test 'test/faults/**/*.test.ts'

check: deps ## Lint, check the format and the types
	npm run --silent check

format: deps ## Format the code
	npm run --silent format

bench: deps ## Measure speed and memory on a quiet machine; writes bench/RESULTS.md
	$(NODE) bench/run.ts

clean: ## Remove what was installed and measured here
	rm -rf node_modules coverage splitlab-results

##@ A cluster to try things in
.PHONY: cluster-up cluster-down cluster-kubectl
CLUSTER := $(NODE) test/cluster/main.ts

cluster-up: deps ## Start a control plane and two real nodes (root on Linux); the first time builds them, for 10 minutes
	@$(CLUSTER) up

cluster-down: deps ## Stop that cluster, and remove what killed tests left
	@$(CLUSTER) down

cluster-kubectl: deps ## Talk to it: make cluster-kubectl ARGS='get nodes'
	@$(CLUSTER) kubectl $(ARGS)

##@ Help
.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z0-9_-]+:.*##/ {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
