SHELL := /bin/bash
export ONNXRUNTIME_NODE_INSTALL ?= skip
NODE := node_modules/node/bin/node

.DEFAULT_GOAL := help

##@ Use
.PHONY: deps
deps: node_modules/.package-lock.json ## Install what `npx splitlab` needs

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

##@ Develop
.PHONY: test check format
test: deps check ## Run lint, format and type check and every test, with coverage
	npm test

check: deps ## Lint, check the format and the types
	npm run --silent check

format: deps ## Format the code
	npm run --silent format

##@ Help
.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z0-9_-]+:.*##/ {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
