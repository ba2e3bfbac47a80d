# Tests, checks and measurements; a part of the Makefile.

FORK_SO := $(OUT)/specfork.so
SLOW_SO := $(OUT)/slow_resolver.so
LATER_SO := $(OUT)/later_clock.so
INJECT  := $(OUT)-inject/host
ASAN_SO := $(OUT)-asan/oneentry.so
TSAN    := $(OUT)-tsan/waker
FLOOR   := .build/bench/parallel_floor
CHECKED := $(FORK_SO) $(SLOW_SO) $(LATER_SO) $(ASAN_SO) $(TSAN) $(INJECT)
DEPS_FIRST += deps-specs test test-peer test-browser test-redis asan tsan valgrind inject finalizers torture soak growth coverage

# The rows in src/api are laid out by hand.
FORMATTED = $(shell find src spec bench -name '*.[ch]' -not -path 'src/api/*')
SCRIPTS   = $(filter-out .ci/generate,$(wildcard .ci/*)) $(shell find spec bench examples -name '*.sh')

# nginx is LuaJIT: its specs run where the module is built for it.
BUSTED = $(LUA) spec/support/$(if $(IN_NGINX),nginx/in_nginx,run).lua $(if $(findstring luajit,$(LUA)),,--exclude-pattern=nginx) $(BUSTED_ARGS)
WITH_ASAN = LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 \
  LUA_CPATH='$(CURDIR)/$(dir $(ASAN_SO))?.so;$(LUA_CPATH)'
VALGRIND = valgrind --quiet --leak-check=full --error-exitcode=1
VALGRIND_SPECS = $(filter-out %/lengths_spec.lua %/logins_together_spec.lua,$(wildcard spec/request/*_spec.lua spec/session/*_spec.lua spec/shop/*_spec.lua)) \
  $(patsubst %,spec/%_spec.lua,reply/shape reply/schedule wire/at_most_once wire/lanes wire/fork \
    api/defects api/finalizers api/globals api/locale api/scenario api/values)

.PHONY: deps-specs test test-drivers test-peer test-browser check check-full lint analyze asan tsan valgrind check-lua \
  inject finalizers torture fuzz soak soak-openresty growth coverage mutants bench bench-openresty bench-parallel

## Test

deps-specs: deps
	@$(DEPS) specs

test: deps-specs $(SO) $(FORK_SO) $(SLOW_SO) $(LATER_SO) ## run the specs; narrow with BUSTED_ARGS="spec/session/hooks_spec.lua --filter=TEXT"
	@$(BUSTED)

test-drivers: ## run the specs that talk to a server under every driver, nginx included; DRIVERS="lua5.4:luv nginx:openresty"
	@DRIVERS='$(DRIVERS)' spec/drivers.sh $(BUSTED_ARGS)

test-peer: deps-specs $(SO) ## compare with the official JavaScript SDK, against the sandbox (node, npm)
	@spec/peer/run.sh

test-browser: deps-specs ## the shop of examples/openresty in headless Chromium, with and without JavaScript; SCREENSHOT=FILE: a paid order
	@$(MAKE) -s --no-print-directory LUA=luajit deps-specs .build/luajit/oneentry.so
	@$(DEPS) chromium chromedriver
	@$(LUA) spec/support/run.lua spec/browser/shop.lua $(BUSTED_ARGS)

test-redis: ## run 500 callbacks in nginx that write to a real Redis (redis-server, lua-nginx-redis)
	@$(MAKE) -s --no-print-directory LUA=luajit deps-specs .build/luajit/oneentry.so
	@$(DEPS) redis
	@$(MAKE) --no-print-directory test LUA=luajit BUSTED_ARGS='spec/redis/tokens.lua $(BUSTED_ARGS)'

check: ## what has to hold before a change lands (.ci/run): some 40 minutes on two cores
	@.ci/run

check-full: ## all Luas, sticky failures, mutants, long fuzz (SECONDS=600 each) and soak (CALLS=1000000): well over an hour
	@FUZZ_SECONDS='$(or $(SECONDS),600)' CALLS='$(or $(CALLS),1000000)' .ci/full

## Check

lint: deps ## luacheck, clang-tidy, cppcheck, clang-format, shellcheck
	@$(DEPS) luacheck clang-tidy cppcheck clang-format shellcheck
	@luacheck --quiet src/lua spec examples bench .ci/generate
	@mkdir -p .build && clang-tidy --quiet $(SRC) -- $(FLAGS) 2>.build/tidy.log || { cat .build/tidy.log; false; }
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability $(SRC)
	@clang-format --dry-run --Werror $(FORMATTED)
	@shellcheck $(SCRIPTS)

# -n 1: a crash in one source does not hide what is found in others; -P: two at a time.
analyze: deps ## gcc -fanalyzer and clang --analyze over src: no finding
	@$(DEPS) gcc clang
	@printf '%s\n' $(SRC) | xargs -n 1 -P 2 gcc $(FLAGS) -Werror -fanalyzer -c -o /dev/null
	@printf '%s\n' $(SRC) | xargs -n 1 -P 2 clang $(FLAGS) --analyze -Xclang -analyzer-werror -Xclang -analyzer-output=text -o /dev/null

asan: deps-specs $(ASAN_SO) $(FORK_SO) $(SLOW_SO) $(LATER_SO) ## run the specs under the address, leak and undefined-behaviour sanitizers
	@$(WITH_ASAN) $(BUSTED)

# The sanitizer's address layout needs setarch on kernels that scatter more.
tsan: deps $(TSAN) ## run the helper thread's harness under the thread sanitizer
	@setarch -R $(TSAN)

valgrind: deps-specs $(SO) $(FORK_SO) $(LATER_SO) ## run the demo, and specs of all layers but the drivers, under valgrind: invalid access, use of unset memory, leaks
	@$(DEPS) valgrind
	@spec/support/sandbox/with_sandbox.sh $(VALGRIND) $(LUA) examples/order_payment.lua
	@$(VALGRIND) $(BUSTED) $(if $(BUSTED_ARGS),,$(VALGRIND_SPECS))

check-lua: deps-specs ## run the specs on LUA built with its own assertions, from the package's sources (apt-get source; network)
	@lua=$$(LUA='$(LUA)' CC='$(CC)' .ci/checked-lua) && \
	  $(MAKE) --no-print-directory test LUA="$$lua" OUT=.build/checked-$(notdir $(LUA))/module

inject: deps-specs $(SO) $(INJECT) ## fail every allocation and system call in turn; INJECT_ARGS="sticky" or "once malloc"
	@$(LUA) spec/inject/run.lua $(INJECT) $(INJECT_ARGS)

finalizers: deps-specs $(SO) $(ASAN_SO) ## a finalizer that uses, cancels or closes at every allocation of a call, under the address sanitizer
	@$(WITH_ASAN) $(LUA) spec/inject/finalizers.lua $(FINALIZERS_ARGS)

torture: deps-specs $(SO) ## the same results while the collector runs all the time
	@$(LUA) spec/inject/torture.lua

fuzz: ## run the fuzz targets (clang, Lua 5.4), SECONDS=60 each
	@LUA=lua5.4 $(DEPS) specs clang libfuzzer
	@spec/fuzz/run.sh $(or $(SECONDS),60)

mutants: deps-specs ## take out one guard at a time and see its specs turn red; MUTANTS="words" narrows it, --check only looks for their places
	@$(LUA) spec/mutants/run.lua $(MUTANTS)

coverage: deps-specs ## lines and branches of src that specs, fault matrix and injection run: at least 95 % of the lines
	@spec/coverage.sh 95

soak: deps-specs $(SO) ## CALLS=50000 calls, half of them failing: memory and descriptors must not grow
	@$(LUA) spec/soak/soak.lua $(or $(CALLS),50000)

soak-openresty: ## COUNT=20000 requests through nginx, which reloads meanwhile: none lost, none mixed up, no growth
	@bench/with_nginx.sh soak.lua $(COUNT)

growth: deps-specs $(SO) ## how time and memory grow with a reply, for each shape of one; GROWTH_ARGS="words" narrows it
	@$(LUA) spec/growth/growth.lua $(GROWTH_ARGS)

## Measure

bench: ## instructions per call, beside libcurl and lua-cjson alone; BENCH_ARGS=--profile: where they go
	@bench/run.sh $(BENCH_ARGS)

bench-openresty: ## calls in one nginx worker, beside nginx's own clients; ROUNDS=7
	@$(DEPS) wrk
	@bench/with_nginx.sh openresty.lua $(ROUNDS)

bench-parallel: deps-specs $(FLOOR) ## 64 calls at once under each driver, beside other clients (node, npm); ROUNDS=15
	@bench/with_nginx.sh parallel.lua $(ROUNDS)

$(FLOOR): bench/parallel_floor.c Makefile spec/checks.mk $(HARDENING) | deps
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) $(HARDEN) -o $@ $< $(LIBS)

$(FORK_SO) $(SLOW_SO) $(LATER_SO): $(OUT)/%.so: spec/support/preload/%.c Makefile spec/checks.mk
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) $(LINK) -o $@ $<

# -fno-builtin: the stand-ins fill memory that is about to be freed. glibc only.
$(INJECT): $(wildcard spec/inject/*.c spec/inject/*.h) Makefile spec/checks.mk
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fno-builtin -fvisibility=default -rdynamic \
	  -o $@ $(wildcard spec/inject/*.c) $(shell pkg-config --libs $(LUA_PC)) -ldl

# For gcc. Its runtime is preloaded, since the interpreter itself is not instrumented; leaks are looked for
# at the end of every process, the specs' helpers included.
$(ASAN_SO): $(SRC) $(HDR) Makefile spec/checks.mk
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  $(LINK) -o $@ $(SRC) $(LIBS)

$(TSAN): $(wildcard spec/tsan/*.[ch]) src/loop/waker.c $(HDR) Makefile spec/checks.mk
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fsanitize=thread -Isrc -o $@ $(filter %.c,$^)
