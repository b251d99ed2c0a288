# SPDX-License-Identifier: GPL-2.0-only
# weir: one Makefile for everything.  `make help` says what there is.

VERSION	:= 0.1.0-dev
B	:= build
CC	= gcc
CLANG	?= clang
BPFTOOL	?= $(or $(shell PATH=$$PATH:/usr/sbin command -v bpftool),\
	   $(lastword $(sort $(wildcard /usr/lib/linux-tools*/*/bpftool))))

WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS	?= -O2 -g
ALL_CFLAGS := -std=gnu11 $(WARN) -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' \
	   -Isrc -I$(B) -MMD -MP $(CFLAGS)
ARCH	= $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 $(WARN) -Wno-missing-prototypes \
	   -Isrc -I/usr/include/$(ARCH) -MMD -MP
# `make V=1` shows the commands.
Q	= $(if $(filter 1,$(V)),,@)
say	= $(if $(filter 1,$(V)),:,printf '  %-4s%s\n' $(1) $@)

LDLIBS	:= -lbpf -ljansson -lmd -lpcap -pthread

SRC	:= $(wildcard src/*.c src/base/*.c src/policy/*.c src/compile/*.c \
	   src/live/*.c src/show/*.c src/cmd/*.c)
OBJ	:= $(SRC:src/%.c=$(B)/%.o)
LIB	:= $(filter-out $(B)/main.o $(B)/cmd/%,$(OBJ))
BPF	:= filter flood

# Built by a rule that make takes for intermediate; keep them.
.SECONDARY:
.PHONY: all deps cost check check-kernels demo bench clean help tools
all: weir cost

help:
	@echo "make            weir, and what the verifier makes of its datapath"
	@echo "make demo       a flood and its end, in namespaces (root)"
	@echo "make check      every test (root)"
	@echo "make check-kernels  most tests on other kernels, emulated (root)"
	@echo "make bench      weir beside its alternatives (root)"
	@echo "make deps       install what these need, by apt (root)"
	@echo "make clean      remove what was built"

weir: $(OBJ)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/*/*/*.d)

# The datapath: C -> BPF object -> skeleton header.
$(B)/%.bpf.o: src/bpf/%.bpf.c
	@mkdir -p $(@D)
	@$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/%.skel.h: $(B)/%.bpf.o
	@$(call say,GEN)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new
	@mv $@.new $@

$(OBJ): | $(BPF:%=$(B)/%.skel.h)

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

# Tests.  Each prints TAP; tests/run adds them up.
TESTS	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*/test_*.c))
TEST_LIB := $(patsubst tests/%.c,$(B)/tests/%.o,\
	   $(filter-out $(wildcard tests/*/test_*.c),$(wildcard tests/*/*.c)))
LIB_UNDER_TEST := $(LIB) $(B)/cmd/options.o

$(B)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -c $< -o $@

# A test is linked with the helpers that lie beside it.
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o \
	   $(filter $(B)/tests/unit/%,$(TEST_LIB)) $(LIB_UNDER_TEST)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/tests/packet/test_%: $(B)/tests/packet/test_%.o \
	   $(filter $(B)/tests/packet/%,$(TEST_LIB)) $(LIB)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# The datapath's placeholder in a program of its own.
$(B)/match.bpf.o: tests/match.bpf.c
	@mkdir -p $(@D)
	@$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/tests/packet/matcher.o: | $(B)/match.skel.h

$(B)/flood $(B)/canonical: $(B)/%: $(B)/tests/%.o $(LIB)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/bare.bpf.o $(B)/lru.bpf.o: $(B)/%.bpf.o: bench/%.bpf.c
	@mkdir -p $(@D)
	@$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/cost.o: bench/cost.c | $(BPF:%=$(B)/%.skel.h)
	@$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(B)/cost: $(B)/cost.o $(LIB)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Alone in an initramfs, it finds no libraries.
$(B)/boot: $(B)/tests/kernels/boot.o
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^

$(B)/rules.o: bench/rules.c | $(B)/match.skel.h
	@$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -c $< -o $@

$(B)/rules: $(B)/rules.o $(B)/tests/packet/frame.o $(B)/tests/packet/matcher.o \
	   $(LIB)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

tools: $(TESTS) $(B)/flood $(B)/canonical $(B)/bare.bpf.o $(B)/cost \
	   $(B)/rules

# What the kernel's verifier makes of the datapath.
cost: $(B)/cost | weir
	@$(B)/cost

# These install what they lack; what make found out before that, a
# second make finds out again.
demo: deps-demo
	@$(MAKE) --no-print-directory run-demo
check: deps-check
	@$(MAKE) --no-print-directory run-check
check-kernels: deps-check deps-kernels
	@$(MAKE) --no-print-directory run-check-kernels
bench: deps-bench
	@$(MAKE) --no-print-directory run-bench

run-demo: weir $(B)/flood
	@demo/demo.sh
run-check: weir cost tools
	@tests/run
run-check-kernels: weir tools $(B)/boot
	@tests/kernels/run
run-bench: weir $(B)/flood $(B)/bare.bpf.o $(B)/lru.bpf.o $(B)/cost $(B)/rules
	@bench/bench.sh
	@bench/rules.sh
	@bench/limits.sh
	@bench/apply.sh
	@$(B)/rules

deps: deps-check deps-bench
deps-%:
	@dist/deps.sh $*

clean:
	rm -rf $(B) weir
