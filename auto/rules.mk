# ---- auto/rules.mk: how everything is built and tested

SRCS  := $(filter-out $(SKIP),$(foreach d,$(DIRS),$(wildcard $(d)/*.c)))
OBJS  := $(SRCS:%.c=$(B)/%.o) $(B)/gt_modules.o $(B)/gt_html.o
HTML  := $(wildcard html/*.*)
MAIN  := $(B)/src/main.o
LIB   := $(B)/libgatun.a

UNITS := $(patsubst t/%.c,$(B)/%,$(wildcard t/unit/*/*_t.c))
TOOLS := $(patsubst t/%.c,$(B)/%,$(wildcard t/tools/*.c))
FUZZ  := $(patsubst t/%.c,$(B)/%,$(filter-out %/replay.c,$(wildcard t/fuzz/*.c)))

SECONDS = 60
TOTAL   =

.PHONY: all lib unit tools fuzzers lint man test install clean bench FORCE
.PHONY: check check-slow check-asan check-failmalloc fuzz
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/gatun
lib: $(LIB)
unit: $(UNITS)
tools: $(TOOLS)
fuzzers: $(FUZZ)

$(B)/Makefile: configure $(filter-out auto/run auto/test auto/packages \
               auto/backports auto/prove auto/embed, $(wildcard auto/* auto/lib/*))
	@echo "auto/ has changed: configuring $(B) again"
	@sh $(B)/reconfigure > $(B)/configure.log 2>&1 \
	    || { cat $(B)/configure.log; exit 1; }

# ---- objects

# make V=1 shows the commands
Q = $(if $(V),,@echo "  $@";)

COMPILE = $(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
LINK    = $(Q)$(CC) $(CFLAGS) -o $@

$(B)/src/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE)

$(B)/gt_modules.o: $(B)/gt_modules.c $(B)/flags
	$(COMPILE)

$(B)/gt_html.c: auto/embed $(HTML)
	@sh auto/embed $(HTML) > $@

$(B)/gt_html.o: $(B)/gt_html.c $(B)/flags
	$(COMPILE)

# the list changes when a source comes or goes
$(B)/objects: FORCE
	@echo '$(OBJS)' | cmp -s - $@ || echo '$(OBJS)' > $@

$(LIB): $(OBJS) $(B)/objects
	@rm -f $@
	$(Q)ar crs $@ $(OBJS)

$(B)/gatun: $(MAIN) $(LIB)
	$(LINK) $(MAIN) $(LIB) $(LDFLAGS) $(LIBS)

# ---- programs of t/

$(B)/unit/%.o: t/unit/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -It/unit

$(B)/tools/%.o: t/tools/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE)

$(B)/fuzz/%.o: t/fuzz/%.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE)

$(UNITS): %: %.o $(LIB)
	$(LINK) $< $(LIB) $(LDFLAGS) $(LIBS)

$(TOOLS): %: %.o
	$(LINK) $< $(LDFLAGS) -lpthread

# a fuzzer: libFuzzer's own main() in a fuzz build, else one that replays files
ifeq ($(FUZZING),yes)
FUZZ_MAIN = -fsanitize=fuzzer
else
FUZZ_MAIN = $(B)/fuzz/replay.o
$(FUZZ): $(FUZZ_MAIN)
endif

$(FUZZ): %: %.o $(LIB)
	$(LINK) $< $(FUZZ_MAIN) $(LIB) $(LDFLAGS) $(LIBS)

# ---- tests

ENV = GATUN_BINARY=$(abspath $(B)/gatun) GATUN_OBJS=$(abspath $(B)) \
      GATUN_ASAN=$(filter yes,$(ASAN))

lint:
	auto/check/style
	auto/check/layers
	auto/check/layers --headers
	auto/check/size

# the reference in the manual page comes out of the program's own tables
man: $(B)/gatun
	$(B)/gatun --help roff > $(B)/reference
	sed -e '/^@REFERENCE@$$/{' -e 'r $(B)/reference' -e 'd' -e '}' \
	    man/gatun.yaml.5.in > man/gatun.yaml.5

# make test TESTS=t/50-auth.t runs only that one
TESTS = $(sort $(wildcard t/*.t))

test: all unit tools fuzzers
	$(ENV) auto/prove $(TESTS)

check: lint
	@$(MAKE) -f $(B)/Makefile test

check-slow: lint
	@GATUN_SLOW=1 $(MAKE) -f $(B)/Makefile test

# builds of other kinds live beside this one; objs-asan and so on
define configure_side
	@echo "configuring $(@D)"
	@./configure --builddir=$(@D) $1 > $(B)/configure.log 2>&1 \
	    || { cat $(B)/configure.log; exit 1; }
endef

$(B)-asan/Makefile: $(B)/Makefile
	$(call configure_side,--with-asan $(SIDE))

$(B)-failmalloc/Makefile: $(B)/Makefile
	$(call configure_side,--with-asan --with-failmalloc $(SIDE))

$(B)-fuzz/Makefile: $(B)/Makefile
	$(call configure_side,--with-asan --with-fuzz $(filter --without-quic,$(SIDE)))

check-asan: $(B)-asan/Makefile
	@$(MAKE) -f $(B)-asan/Makefile test

check-failmalloc: $(B)-failmalloc/Makefile
	@GATUN_FAILMALLOC=1 $(MAKE) -f $(B)-failmalloc/Makefile test \
	    TESTS="$(wildcard t/00-unit.t t/*failmalloc*.t)"

# each fuzzer for SECONDS, or all in turns for TOTAL; see t/fuzz/run.t
fuzz: $(B)-fuzz/Makefile
	@$(MAKE) -f $(B)-fuzz/Makefile all fuzzers
	GATUN_OBJS=$(abspath $(B)-fuzz) FUZZ_SECONDS=$(SECONDS) FUZZ_TOTAL=$(TOTAL) \
	    prove --timer t/fuzz/run.t

# the figures of the README; t/bench/run says what it needs
bench: all tools
	$(ENV) t/bench/run

# ---- the rest

install: all
	install -D -m 755 $(B)/gatun $(DESTDIR)$(SBIN)
	for s in 5 8; do for f in man/*.$$s; do test ! -f $$f || \
	    install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$$s $$f; done; done
	test ! -f conf/gatun.yaml || { \
	    install -D -m 644 conf/gatun.yaml $(DESTDIR)$(CONF).default && \
	    { test -e $(DESTDIR)$(CONF) || \
	      install -D -m 644 conf/gatun.yaml $(DESTDIR)$(CONF); }; }

clean:
	rm -rf $(B) $(B)-asan $(B)-failmalloc $(B)-fuzz
	@test "$(B)" != objs || rm -f Makefile

-include $(OBJS:.o=.d) $(MAIN:.o=.d)
-include $(UNITS:=.d) $(TOOLS:=.d) $(FUZZ:=.d) $(B)/fuzz/replay.d
