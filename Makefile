# swimlab: every target works on a machine with Go and make alone, but for those
# that say otherwise.

GO ?= go
REPRO = $(GO) run ./cmd/repro

.PHONY: repro smoke full test bench profile lint clean verify notebooks assets paper

repro: ## regenerate every figure and table, judge every claim, write the report
	@$(REPRO) all

smoke: ## the same, in seconds, with few seeds: does everything run?
	@$(REPRO) all --profile smoke

full: ## the same, with the published repetitions
	@$(REPRO) all --profile full

verify: ## redraw what is committed from the definitions and compare the bytes
	@$(REPRO) verify

# Without the profile for the compiler: it would have everything compiled twice.
test: ## the whole test suite
	$(GO) vet ./...
	$(GO) test -pgo=off -timeout 20m ./...
	cd experiments/peer && $(GO) vet ./... && $(GO) test -timeout 20m ./...

bench: ## the benchmarks of the simulator and the coordinate update, with their alternatives
	$(GO) test -run '^$$' -bench . -benchmem ./swim ./lifeguard ./vivaldi ./experiments/sim/...
	cd experiments/peer && $(GO) test -run '^$$' -bench . -benchmem ./...

PROFILED = $(GO) test -trimpath -run '^$$' -benchtime 5s

# The compiler goes by cmd/repro/default.pgo when it builds repro. It says where the time
# went, and changes no result: make it anew after the simulator has changed much.
profile: ## profile the simulator for the compiler, on a machine that is otherwise idle
	@mkdir -p .repro/profile
	$(PROFILED) -bench 'Interval/(swim|lifeguard)$$|LossyGroup' -cpuprofile .repro/profile/sim -o .repro/profile/sim.test ./experiments/sim
	$(PROFILED) -bench Trial -cpuprofile .repro/profile/embedding -o .repro/profile/embedding.test ./experiments/sim/embedding
	$(PROFILED) -bench Trial -cpuprofile .repro/profile/coordinates -o .repro/profile/coordinates.test ./experiments/sim/coordinates
	$(GO) tool pprof -proto -output cmd/repro/default.pgo .repro/profile/sim .repro/profile/embedding .repro/profile/coordinates

lint: ## formatting and vet
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || (echo "run gofmt -w on the files above" >&2; exit 1)
	$(GO) vet ./...

notebooks: ## run every notebook and compare its outputs with those recorded
	@$(REPRO) notebooks

# The interactive charts load their script from the network; with a local copy
# the report needs none. The script comes as a package of npm.
ECHARTS = 5.6.0
assets: ## bring a local copy of the chart script (needs npm, once)
	@mkdir -p .repro/assets && cd .repro/assets && npm pack --silent echarts@$(ECHARTS) >/dev/null && tar -xzf echarts-$(ECHARTS).tgz package/dist/echarts.min.js
	@$(REPRO) assets .repro/assets/package/dist/echarts.min.js

paper: ## build paper/paper.pdf (needs typst on the PATH, or node and npm)
	@if command -v typst >/dev/null; then typst compile --root paper paper/paper.typ paper/paper.pdf; \
	else cd paper && npm ci --silent --no-audit --no-fund && node build.mjs; fi
	@echo paper/paper.pdf

clean: ## remove results, report and build products; what is committed stays
	rm -rf .repro report bin paper/paper.pdf paper/node_modules
