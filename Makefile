# SPDX-License-Identifier: GPL-2.0-only
# weir: one Makefile for everything.  `make help` says what there is.

VERSION	:= 0.1.0-dev
B	:= build
CC	?= gcc
CLANG	?= clang
BPFTOOL	?= $(or $(shell PATH=$$PATH:/usr/sbin command -v bpftool),\
	   $(lastword $(sort $(wildcard /usr/lib/linux-tools*/*/bpftool))))

WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS	?= -O2 -g
ALL_CFLAGS := -std=gnu11 $(WARN) -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' \
	   -Isrc -I$(B) -MMD -MP $(CFLAGS)
ARCH	:= $(shell $(CC) -print-multiarch)
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 $(WARN) -Wno-missing-prototypes \
	   -Isrc -I/usr/include/$(ARCH) -MMD -MP
LDLIBS	:= -lbpf -ljansson

SRC	:= $(wildcard src/*.c src/base/*.c src/policy/*.c src/live/*.c \
	   src/show/*.c src/cmd/*.c)
OBJ	:= $(SRC:src/%.c=$(B)/%.o)
LIB	:= $(filter-out $(B)/main.o $(B)/cmd/%,$(OBJ))
BPF	:= filter flood

# Built by a rule that make takes for intermediate; keep them.
.SECONDARY:
.PHONY: all deps cost check demo bench clean help tools
all: weir cost

weir: $(OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

-include $(wildcard $(B)/*.d $(B)/*/*.d)

# The datapath: C -> BPF object -> skeleton header.
$(B)/%.bpf.o: src/bpf/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/%.skel.h: $(B)/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new
	@mv $@.new $@

$(OBJ): | $(BPF:%=$(B)/%.skel.h)

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

# Tests.  Each prints TAP; tests/run adds them up.
TESTS	:= $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*/test_*.c))
TEST_LIB := $(patsubst tests/%.c,$(B)/tests/%.o,\
	   $(filter-out $(wildcard tests/*/test_*.c),$(wildcard tests/*/*.c)))

$(B)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests -c $< -o $@

$(TESTS): %: %.o $(TEST_LIB) $(LIB) $(filter $(B)/cmd/options.o,$(OBJ))
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/flood: $(B)/tests/flood.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/bare.bpf.o: bench/bare.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/cost.o: bench/cost.c | $(BPF:%=$(B)/%.skel.h)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(B)/cost: $(B)/cost.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

tools: $(TESTS) $(B)/flood $(B)/bare.bpf.o $(B)/cost

# What the kernel's verifier makes of the datapath.
cost: $(B)/cost
	@$(B)/cost

bench: weir tools
	bench/bench.sh

demo: weir $(B)/flood
	demo/demo.sh

check: weir tools
	tests/run

clean:
	rm -rf $(B) weir
