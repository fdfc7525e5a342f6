# Needs Python 3.11 or later and make; uses uv when it is there. `make` alone lists what can be made.
.DEFAULT_GOAL := help
.PHONY: help run test check format simulate bench aws-local lock clean

export PYTHON
SEEDS ?= 0..2000
CLOUD_SEEDS ?= 0..300
ARGS ?=

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\): ## /  make \1\t/p' Makefile | expand -t 18

run: ## set up, then run a sample campaign to its end on an accelerated clock
	@.ci/setup run
	@.venv/bin/disparo demo

test: ## set up, then run every test (ARGS="-k hours" for some of them)
	@.ci/setup dev
	@.venv/bin/python -m pytest -q -n auto --dist worksteal $(ARGS)

check: ## style, types, layers, dependencies, security
	@.ci/setup dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/deptry src
	.venv/bin/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml src

format: ## put the code into its style
	@.ci/setup dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

simulate: ## play many seeds of the simulated world (SEEDS=0..2000, on AWS CLOUD_SEEDS=0..300)
	@.ci/setup dev
	.venv/bin/python -m disparo.simulation --seeds $(SEEDS)
	.venv/bin/python -m disparo.simulation --family dynamo --seeds $(CLOUD_SEEDS)
	.venv/bin/python -m disparo.simulation --family lambda --seeds $(CLOUD_SEEDS)

aws-local: ## AWS on this machine: emulator, Terraform when it is there, the functions, and a campaign through them
	@.ci/setup dev
	@.venv/bin/python -m aws_local $(ARGS)

bench: ## measure throughput, claim cost and import next to the bare limits of this machine
	@.ci/setup dev
	.venv/bin/python -m bench $(ARGS)

lock: ## choose newest versions again (needs uv)
	uv pip compile pyproject.toml --group build --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--output-file requirements.lock
	uv pip compile pyproject.toml --group build --group dev --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate --constraints requirements.lock --output-file requirements-dev.lock
	uv pip compile requirements-aws.in --quiet --universal --generate-hashes --no-header --no-annotate \
		--constraints requirements-dev.lock --output-file requirements-aws.lock

clean: ## remove .venv and everything made by tools; campaign data stays
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench examples -name __pycache__ -type d -prune -exec rm -rf {} +
