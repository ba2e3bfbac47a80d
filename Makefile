# GNU make. `make help` lists the targets, .ci/deps says what has to be installed.

LUA     ?= lua5.4
PREFIX  ?= /usr/local
PORT    ?= 8787
# The sandbox's host: lua-http runs on Lua 5.1 and LuaJIT.
SANDBOX_LUA := $(or $(SANDBOX_LUA),$(notdir $(shell command -v lua5.1 || command -v luajit)),lua5.1)
VERSION  = $(shell sed -n 's/^\#define OE_VERSION \"\(.*\)\"/\1/p' src/base/base.h)

OUT     := .build/$(notdir $(LUA))
SO      := $(OUT)/oneentry.so
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
# Flags that harden the module against faults in it: those that the compiler has are in this file. Without optimisation the C
# library checks nothing.
HARDENING := $(OUT)/hardening
HARDEN     = @$(HARDENING) $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# nodelete: libcurl and the waker thread must survive lua_close().
LINK    = -shared -pthread -Wl,-z,nodelete -Wl,-z,relro,-z,now $(LDFLAGS)

LUA_FILES = $(shell cd src/lua && find oneentry -type f)
# Where LUA looks below PREFIX: its lib/lua/ABI, else the first other folder of its lib (Debian's LuaJIT has only one of those).
LIBDIR    = $(shell $(LUA) -e 'local own, lib, found = "$(PREFIX)/lib/lua/$(ABI)", "$(PREFIX)/lib/", nil \
  for folder in package.cpath:gmatch("([^;]+)/%?%.so") do \
    if folder == own then found = own elseif not found and folder:find(lib, 1, true) == 1 then found = folder end \
  end io.write(found or own)')
SHAREDIR  = $(PREFIX)/share/lua/$(ABI)

DEPS   = CC='$(CC)' LUA_PC='$(LUA_PC)' .ci/deps
Q     := $(if $(V),,@)

# Every program started here finds our files first, then the paths that the user has set.
unexport LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_PATH_5_5 LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4 LUA_CPATH_5_5
export LUA SANDBOX_LUA
export LUA_PATH  := $(CURDIR)/src/lua/?.lua;$(CURDIR)/src/lua/?/init.lua;$(CURDIR)/spec/?.lua;$(CURDIR)/spec/?/init.lua;$(or $(LUA_PATH),;)
export LUA_CPATH := $(CURDIR)/$(OUT)/?.so;$(or $(LUA_CPATH),;)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: help all deps generate install uninstall clean dist demo demo-openresty sandbox

## Build

help: ## this list
	@awk -F ':.*## ' '/^## / { print substr($$0, 4) } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' \
	  $(firstword $(MAKEFILE_LIST)) $(wildcard spec/checks.mk)
	@echo 'Variables: LUA=lua5.4|lua5.1|lua5.2|lua5.3|lua5.5|luajit CC CFLAGS LDFLAGS PREFIX DESTDIR LIBDIR SHAREDIR PORT BUSTED_ARGS V=1'

all: $(SO) ## build the module (.build/LUA/oneentry.so)

deps: ## install what building and the demo need (Debian, Ubuntu; elsewhere: list it)
	@$(DEPS)

generate: deps $(SO) ## write from the rows of src/api: types for editors, the README's table, the reference; CHECK=1: are they current?
	@$(LUA) .ci/generate/main.lua $(if $(CHECK),--check)

install: $(SO) ## install under PREFIX (/usr/local), where LUA looks; DESTDIR, LIBDIR and SHAREDIR are for packagers
	install -d '$(DESTDIR)$(LIBDIR)'
	install -m 755 $(SO) '$(DESTDIR)$(LIBDIR)/oneentry.so'
	@for f in $(LUA_FILES); do install -D -m 644 "src/lua/$$f" "$(DESTDIR)$(SHAREDIR)/$$f" || exit; done

uninstall: ## remove what install has installed
	rm -f '$(DESTDIR)$(LIBDIR)/oneentry.so' $(LUA_FILES:%='$(DESTDIR)$(SHAREDIR)/%')
	! [ -d '$(DESTDIR)$(SHAREDIR)/oneentry' ] || find '$(DESTDIR)$(SHAREDIR)/oneentry' -depth -type d -empty -delete

clean: ## remove everything that was built
	rm -rf .build

dist: ## write a source archive of the last commit (.build/oneentry-VERSION.tar.gz)
	@mkdir -p .build
	git archive --prefix=oneentry-$(VERSION)/ -o .build/oneentry-$(VERSION).tar.gz HEAD

## Try

demo: deps $(SO) ## pay for an order against the offline sandbox
	@spec/support/sandbox/with_sandbox.sh $(LUA) examples/order_payment.lua

demo-openresty: ## run a shop in nginx beside the sandbox, until Ctrl-C (SHOP_PORT=8080, SANDBOX_PORT=any)
	@$(MAKE) -s --no-print-directory LUA=luajit deps .build/luajit/oneentry.so
	@$(DEPS) nginx curl
	@spec/support/sandbox/with_sandbox.sh examples/openresty/start.sh --sandbox

sandbox: deps ## run the offline OneEntry in the foreground, on PORT
	@$(SANDBOX_LUA) src/lua/oneentry/sandbox/main.lua --port $(PORT)

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

DEPS_FIRST := deps generate demo demo-openresty
# Tests and checks, which are more of DEPS_FIRST and CHECKED. The module is built and installed without spec/, too.
include $(wildcard spec/checks.mk)

# These goals may have to install the compiler before it is used.
ifneq ($(filter $(DEPS_FIRST),$(MAKECMDGOALS)),)
$(HARDENING) $(OBJ) $(CHECKED): | deps
endif

-include $(OBJ:.o=.d)
