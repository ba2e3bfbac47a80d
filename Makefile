# GNU make. `make help` lists the targets, .ci/deps says what has to be installed.

LUA     ?= lua5.4
PREFIX  ?= /usr/local
PORT    ?= 8787
# The sandbox's host: lua-http runs on Lua 5.1 and LuaJIT.
SANDBOX_LUA := $(or $(SANDBOX_LUA),$(notdir $(shell command -v lua5.1 || command -v luajit)),lua5.1)
VERSION  = $(shell sed -n 's/^\#define OE_VERSION \"\(.*\)\"/\1/p' src/base/base.h)

OUT     := .build/$(notdir $(LUA))
SO      := $(OUT)/oneentry.so
FORK_SO := $(OUT)/specfork.so
SLOW_SO := $(OUT)/slow_resolver.so
INJECT  := $(OUT)-inject/host
ASAN_SO := $(OUT)-asan/oneentry.so
TSAN    := $(OUT)-tsan/waker
FLOOR   := .build/bench/parallel_floor
SRC     := $(wildcard src/*.c src/*/*.c)
HDR     := $(wildcard src/*/*.h)
OBJ     := $(SRC:src/%.c=$(OUT)/%.o)

# Recursive (=) where the answer may only be there once deps has run.
ABI    = $(shell $(LUA) -e 'io.write((_VERSION:gsub("Lua ", "")))' 2>/dev/null)
# Debian's plain lua.pc can be of any version: the version decides.
LUA_PC = $(if $(ABI),$(shell for p in $(if $(findstring luajit,$(LUA)),luajit,lua$(ABI) lua-$(ABI) lua$(subst .,,$(ABI)) lua); do \
           case $$(pkg-config --modversion $$p 2>/dev/null) in \
           ($(if $(findstring luajit,$(LUA)),?*,$(ABI).*)) echo $$p; break ;; esac; done))
# -isystem: other people's headers are not measured by our warnings.
# LUA_INCDIR, CURL_INCDIR and CURL_LIBDIR: as LuaRocks names the folders, which may be where no pkg-config looks.
SYSTEM = $(patsubst -I%,-isystem %,$(if $(LUA_INCDIR),-I$(LUA_INCDIR) $(CURL_INCDIR:%=-I%),$(shell pkg-config --cflags \
           $(or $(LUA_PC),$(error no headers for $(LUA) that pkg-config finds: "make deps LUA=$(LUA)" installs them, where this system has a package)) libcurl)))
LIBS   = $(if $(LUA_INCDIR),$(CURL_LIBDIR:%=-L%) -lcurl,$(shell pkg-config --libs libcurl))

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Werror=implicit-function-declaration \
        $(if $(filter true,$(CI)),-Werror)
# CFLAGS, CPPFLAGS and LDFLAGS are the user's; they come last.
FLAGS   = -std=c11 -O2 -g -fPIC -fvisibility=hidden -pthread -D_GNU_SOURCE $(WARN) $(SYSTEM) -Isrc $(CPPFLAGS) $(CFLAGS)
COMPILE = $(CC) $(FLAGS)
# What hardens the module against faults in it: the flags of this file are those that the compiler has. Without optimisation the
# C library's checks are none.
HARDENING := $(OUT)/hardening
HARDEN     = @$(HARDENING) $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# nodelete: libcurl and the waker thread must survive lua_close().
LINK    = -shared -pthread -Wl,-z,nodelete -Wl,-z,relro,-z,now $(LDFLAGS)

# The rows in src/api are laid out by hand.
FORMATTED = $(shell find src spec bench -name '*.[ch]' -not -path 'src/api/*')
SCRIPTS   = $(filter-out .ci/generate,$(wildcard .ci/*)) $(shell find spec bench examples -name '*.sh')
LUA_FILES = $(shell cd src/lua && find oneentry -type f)
# Where LUA looks below PREFIX: its lib/lua/ABI, else the first other folder of its lib (Debian's LuaJIT has only one of those).
LIBDIR    = $(shell $(LUA) -e 'local own, lib, found = "$(PREFIX)/lib/lua/$(ABI)", "$(PREFIX)/lib/", nil \
  for folder in package.cpath:gmatch("([^;]+)/%?%.so") do \
    if folder == own then found = own elseif not found and folder:find(lib, 1, true) == 1 then found = folder end \
  end io.write(found or own)')
SHAREDIR  = $(PREFIX)/share/lua/$(ABI)

DEPS   = CC='$(CC)' LUA_PC='$(LUA_PC)' .ci/deps
# nginx is LuaJIT: its specs run where the module is built for it.
BUSTED = $(LUA) spec/support/$(if $(IN_NGINX),nginx/in_nginx,run).lua $(if $(findstring luajit,$(LUA)),,--exclude-pattern=nginx) $(BUSTED_ARGS)
WITH_ASAN = LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 \
  LUA_CPATH='$(CURDIR)/$(dir $(ASAN_SO))?.so;$(LUA_CPATH)'
VALGRIND = valgrind --quiet --leak-check=full --error-exitcode=1
VALGRIND_SPECS = $(filter-out %/lengths_spec.lua %/logins_together_spec.lua,$(wildcard spec/request/*_spec.lua spec/session/*_spec.lua spec/shop/*_spec.lua)) \
  $(patsubst %,spec/%_spec.lua,reply/shape reply/schedule wire/at_most_once wire/lanes wire/fork \
    api/defects api/finalizers api/globals api/locale api/scenario api/values)
Q     := $(if $(V),,@)

# What every program started here finds: our files first, then what the user has set.
unexport LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_PATH_5_5 LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4 LUA_CPATH_5_5
export LUA SANDBOX_LUA
export LUA_PATH  := $(CURDIR)/src/lua/?.lua;$(CURDIR)/src/lua/?/init.lua;$(CURDIR)/spec/?.lua;$(CURDIR)/spec/?/init.lua;$(or $(LUA_PATH),;)
export LUA_CPATH := $(CURDIR)/$(OUT)/?.so;$(or $(LUA_CPATH),;)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: help all deps deps-specs test test-drivers test-peer test-browser demo demo-openresty sandbox generate lint analyze asan tsan valgrind \
  inject finalizers torture fuzz soak soak-openresty growth coverage mutants check check-lua check-full bench bench-openresty bench-parallel \
  install uninstall clean dist

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'Variables: LUA=lua5.4|lua5.1|lua5.2|lua5.3|lua5.5|luajit CC CFLAGS LDFLAGS PREFIX DESTDIR LIBDIR SHAREDIR PORT BUSTED_ARGS V=1'

all: $(SO) ## build the module (.build/LUA/oneentry.so)

deps: ## install what building and the demo need (Debian, Ubuntu; elsewhere: list it)
	@$(DEPS)

deps-specs: deps
	@$(DEPS) specs

test: deps-specs $(SO) $(FORK_SO) $(SLOW_SO) ## run the specs; narrow with BUSTED_ARGS="spec/session/hooks_spec.lua --filter=TEXT"
	@$(BUSTED)

test-drivers: ## run the specs that talk to a server under every driver, nginx included; DRIVERS="lua5.4:luv nginx:openresty"
	@DRIVERS='$(DRIVERS)' spec/drivers.sh $(BUSTED_ARGS)

test-peer: deps-specs $(SO) ## compare with the official JavaScript SDK, against the sandbox (node, npm)
	@spec/peer/run.sh

test-browser: deps-specs ## the shop of examples/openresty in headless Chromium, with and without JavaScript; SCREENSHOT=FILE: a paid order
	@$(MAKE) -s --no-print-directory LUA=luajit deps-specs .build/luajit/oneentry.so
	@$(DEPS) chromium chromedriver
	@$(LUA) spec/support/run.lua spec/browser/shop.lua $(BUSTED_ARGS)

inject: deps-specs $(SO) $(INJECT) ## fail every allocation and system call in turn; INJECT_ARGS="sticky" or "once malloc"
	@$(LUA) spec/inject/run.lua $(INJECT) $(INJECT_ARGS)

finalizers: deps-specs $(SO) $(ASAN_SO) ## a finalizer that uses, cancels or closes at every allocation of a call, under the address sanitizer
	@$(WITH_ASAN) $(LUA) spec/inject/finalizers.lua $(FINALIZERS_ARGS)

torture: deps-specs $(SO) ## the same results while the collector runs all the time
	@$(LUA) spec/inject/torture.lua

fuzz: ## run the fuzz targets (clang, Lua 5.4), SECONDS=60 each
	@LUA=lua5.4 $(DEPS) clang libfuzzer
	@spec/fuzz/run.sh $(or $(SECONDS),60)

soak: deps-specs $(SO) ## CALLS=50000 calls, half of them failing: memory and descriptors must not grow
	@$(LUA) spec/soak/soak.lua $(or $(CALLS),50000)

growth: deps-specs $(SO) ## how time and memory grow with a reply, for each shape of one; GROWTH_ARGS="words" narrows it
	@$(LUA) spec/growth/growth.lua $(GROWTH_ARGS)

coverage: deps-specs ## lines and branches of src that specs, fault matrix and injection run: at least 95 % of the lines
	@spec/coverage.sh 95

soak-openresty: ## COUNT=20000 requests through nginx, which reloads meanwhile: none lost, none mixed up, no growth
	@bench/with_nginx.sh soak.lua $(COUNT)

mutants: deps-specs ## take out one guard at a time and see its specs turn red; MUTANTS="words" narrows it, --check only looks for their places
	@$(LUA) spec/mutants/run.lua $(MUTANTS)

bench: ## instructions per call, beside libcurl and lua-cjson alone; BENCH_ARGS=--profile: where they go
	@bench/run.sh $(BENCH_ARGS)

bench-openresty: ## calls in one nginx worker, beside nginx's own clients; ROUNDS=7
	@$(DEPS) wrk
	@bench/with_nginx.sh openresty.lua $(ROUNDS)

bench-parallel: deps-specs $(FLOOR) ## 64 calls at once under each driver, beside other clients (node, npm); ROUNDS=15
	@bench/with_nginx.sh parallel.lua $(ROUNDS)

demo: deps $(SO) ## pay for an order against the offline sandbox
	@spec/support/sandbox/with_sandbox.sh $(LUA) examples/order_payment.lua

demo-openresty: ## run a shop in nginx beside the sandbox, until Ctrl-C (SHOP_PORT=8080, SANDBOX_PORT=any)
	@$(MAKE) -s --no-print-directory LUA=luajit deps .build/luajit/oneentry.so
	@$(DEPS) nginx curl
	@spec/support/sandbox/with_sandbox.sh examples/openresty/start.sh --sandbox

sandbox: deps ## run the offline OneEntry in the foreground, on PORT
	@$(SANDBOX_LUA) src/lua/oneentry/sandbox/main.lua --port $(PORT)

generate: deps $(SO) ## write from the rows of src/api: types for editors, the README's table, the reference; CHECK=1: are they current?
	@$(LUA) .ci/generate/main.lua $(if $(CHECK),--check)

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

check: ## what has to hold before a change lands (.ci/run): some 20 minutes on two cores
	@.ci/run

check-full: ## all Luas, sticky failures, mutants, long fuzz (SECONDS=600 each) and soak (CALLS=1000000): some 80 minutes
	@FUZZ_SECONDS='$(or $(SECONDS),600)' CALLS='$(or $(CALLS),1000000)' .ci/full

check-lua: deps-specs ## run the specs on LUA built with its own assertions, from the package's sources (apt-get source; network)
	@lua=$$(LUA='$(LUA)' CC='$(CC)' .ci/checked-lua) && \
	  $(MAKE) --no-print-directory test LUA="$$lua" OUT=.build/checked-$(notdir $(LUA))/module

asan: deps-specs $(ASAN_SO) $(FORK_SO) $(SLOW_SO) ## run the specs under the address, leak and undefined-behaviour sanitizers
	@$(WITH_ASAN) $(BUSTED)

# The sanitizer's address layout needs setarch on kernels that scatter more.
tsan: deps $(TSAN) ## run the helper thread's harness under the thread sanitizer
	@setarch -R $(TSAN)

valgrind: deps-specs $(SO) $(FORK_SO) ## run demo, scenario and session specs under valgrind: invalid access, use of unset memory, leaks
	@$(DEPS) valgrind
	@spec/support/sandbox/with_sandbox.sh $(VALGRIND) $(LUA) examples/order_payment.lua
	@$(VALGRIND) $(BUSTED) $(if $(BUSTED_ARGS),,$(VALGRIND_SPECS))

install: $(SO) ## install under PREFIX (/usr/local), where LUA looks; DESTDIR, LIBDIR and SHAREDIR are for packagers
	install -d '$(DESTDIR)$(LIBDIR)'
	install -m 755 $(SO) '$(DESTDIR)$(LIBDIR)/oneentry.so'
	@for f in $(LUA_FILES); do install -D -m 644 "src/lua/$$f" "$(DESTDIR)$(SHAREDIR)/$$f" || exit; done

uninstall: ## remove what install has installed
	rm -f '$(DESTDIR)$(LIBDIR)/oneentry.so' $(LUA_FILES:%='$(DESTDIR)$(SHAREDIR)/%')
	! [ -d '$(DESTDIR)$(SHAREDIR)/oneentry' ] || find '$(DESTDIR)$(SHAREDIR)/oneentry' -depth -type d -empty -delete

clean: ## remove everything that was built
	rm -rf .build

dist: ## source archive of the last commit (.build/oneentry-VERSION.tar.gz)
	@mkdir -p .build
	git archive --prefix=oneentry-$(VERSION)/ -o .build/oneentry-$(VERSION).tar.gz HEAD

$(SO): $(OBJ)
	@echo 'LINK $@'
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS)

$(OBJ): $(OUT)/%.o: src/%.c Makefile $(HARDENING)
	@mkdir -p $(@D) && echo 'CC $<'
	$(Q)$(COMPILE) $(HARDEN) -MMD -MP -c -o $@ $<

$(HARDENING): Makefile
	@mkdir -p $(@D)
	@for flag in -fstack-protector-strong -fstack-clash-protection -fcf-protection; do \
	  if echo 'int x;' | $(CC) $$flag -Werror -x c -c -o /dev/null - 2>/dev/null; then echo "$$flag"; fi; done >$@

$(FLOOR): bench/parallel_floor.c Makefile $(HARDENING) | deps
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) $(HARDEN) -o $@ $< $(LIBS)

$(FORK_SO) $(SLOW_SO): $(OUT)/%.so: spec/support/preload/%.c Makefile
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) $(LINK) -o $@ $<

# -fno-builtin: the stand-ins fill memory that is about to be freed. glibc only.
$(INJECT): $(wildcard spec/inject/*.c spec/inject/*.h) Makefile
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fno-builtin -fvisibility=default -rdynamic \
	  -o $@ $(wildcard spec/inject/*.c) $(shell pkg-config --libs $(LUA_PC)) -ldl

# For gcc. Its runtime is preloaded, since the interpreter itself is not instrumented; leaks are looked for
# at the end of every process, the specs' helpers included.
$(ASAN_SO): $(SRC) $(HDR) Makefile
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  $(LINK) -o $@ $(SRC) $(LIBS)

$(TSAN): $(wildcard spec/tsan/*.[ch]) src/loop/waker.c $(HDR) Makefile
	@mkdir -p $(@D) && echo 'CC $@'
	$(Q)$(COMPILE) -O1 -fno-omit-frame-pointer -fsanitize=thread -Isrc -o $@ $(filter %.c,$^)

# These goals may have to install the compiler before it is used.
ifneq ($(filter deps deps-specs test generate test-peer test-browser demo demo-openresty asan tsan valgrind inject finalizers torture soak growth coverage,$(MAKECMDGOALS)),)
$(HARDENING) $(OBJ) $(FORK_SO) $(SLOW_SO) $(ASAN_SO) $(TSAN) $(INJECT): | deps
endif

-include $(OBJ:.o=.d)
