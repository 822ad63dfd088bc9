# sfpipe: see README.md. `make`, `make check`, `make install PREFIX=/usr/local`.
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
CFLAGS  ?= -O2 -g
CXXFLAGS ?= -O2 -g
BATS    ?= bats
FUZZ_SECONDS ?= 60
CONTACTS ?= 100000
CALLS   ?= 100000
RUNS    ?= 5
comma   := ,
# Flavours: SAN=address,undefined or SAN=thread; FAULTS=1 compiles the crash points in.
BUILD   ?= build$(if $(SAN),/$(subst $(comma),-,$(SAN)))$(if $(FAULTS),/faults)

# Bottom up: a module includes only what stands before it (scripts/check-layers).
MODULES := utf8 diag fault arena buf table set \
	rfc3339 sfid sobject fold email phone decimal \
	json_bytes json json_names json_check line line_stream line_out line_edit line_chunk line_hold opt rules jobs \
	http_header http instance soql sferror secret credentials jwt login token_output auth reply refusal api_calls salesforce_options salesforce composite describe \
	fieldmap_problem fieldmap fieldmap_key fieldmap_create fieldmap_read fieldmap_rules fieldmap_check fieldmap_open fieldvalue conflict \
	plan plan_create plan_pair plan_op plan_limits plan_explain \
	invite_windows invite_zone invite_conference invite_event invite_line invite_ics_time \
	invite_ics_event invite_ics invite_value invite_google invite_graph invite_json invite_merge \
	invite \
	mailbox maildir message_mend message_address message quarantine \
	schema store_sql store described link queue_state queue queue_consumer queue_op mirror_value mirror_change mirror_sql mirror_merge mirror_record mirror_rows mirror mirror_region mirror_state local settle_wait settle settle_link settle_list \
	participant calls_read calls_change calls_merge calls queue_whole queue_pending mirror_find calls_find queue_status purge apply \
	push_key push_op push_batch push_find push_seen push_write push_strict push_check push_user push watermark pull_fields pull_object pull_setup pull_out pull_garbled pull pull_look pull_whoami pull_held pull_question pull_audit pull_count \
	people people_read people_line association keys keys_data keys_people keys_opportunity keys_load warm known \
	match match_domain match_state opportunity activity identify choose associate_input associate_keep associate reach ways affected task \
	pair_read pair_sql pair_find pair_line pair_out pair_anew pair_link pair_switch pair
NETWORK := sf-pull sf-push
TOOLS   := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
SCRIPTS := sfpipe-sync
MAN     := $(wildcard man/*.[157])
SOURCES := $(wildcard $(MODULES:%=common/%.c))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/common/phone.o

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
override CPPFLAGS += -Icommon -I$(BUILD) -D_POSIX_C_SOURCE=200809L -MMD -MP $(if $(FAULTS),-DSFPIPE_FAULTS)
override CFLAGS   += -std=c11 $(WARN) -fstack-protector-strong -pthread $(SAN:%=-fsanitize=%) $(if $(SAN),-fno-omit-frame-pointer -fno-sanitize-recover=all)
override CXXFLAGS += -std=c++17 -Wall -Wextra -fstack-protector-strong -pthread $(SAN:%=-fsanitize=%)
override LDFLAGS  += -pthread $(SAN:%=-fsanitize=%)
LDLIBS  += -Wl,--as-needed -lsqlite3 -ljansson -lidn2 -lutf8proc

all: $(TOOLS:%=$(BUILD)/%) $(SCRIPTS:%=$(BUILD)/%)

# phone.o is C++ and its library is large: linked only where a tool's modules ask for it.
PHONE   := merge-participants store-apply store-query
$(NETWORK:%=$(BUILD)/%): LDLIBS += -lcurl -lcrypto
$(BUILD)/read-invite: LDLIBS += -lical
$(PHONE:%=$(BUILD)/%): LDLIBS += -lphonenumber -lstdc++
# These alone include GMime.
GMIME_CFLAGS = $(patsubst -I%,-isystem%,$(shell pkg-config --cflags gmime-3.0))
GMIME_LIBS = $(shell pkg-config --libs gmime-3.0)
$(BUILD)/common/message.o $(BUILD)/common/message_address.o: override CPPFLAGS += $(GMIME_CFLAGS)
$(BUILD)/read-email: LDLIBS += $(GMIME_LIBS)

$(BUILD)/%: $(BUILD)/cmd/%.o $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/sfpipe-%: scripts/%
	install -m 755 $< $@
$(BUILD)/libcommon.a: $(OBJECTS)
	rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c -o $@ $<
$(BUILD)/freemail.inc: common/freemail.txt
	@mkdir -p $(@D)
	sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$$/d' -e 's/.*/"&",/' $< > $@
$(BUILD)/common/email.o: $(BUILD)/freemail.inc

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	install -m 755 $(TOOLS:%=$(BUILD)/%) $(SCRIPTS:%=$(BUILD)/%) $(DESTDIR)$(BINDIR)
	for page in $(MAN); do install -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.} || exit; done
	install -d $(DESTDIR)$(COMPDIR)
	install -m 644 scripts/completion.bash $(DESTDIR)$(COMPDIR)/sfpipe
	for tool in $(TOOLS) $(SCRIPTS); do ln -sf sfpipe $(DESTDIR)$(COMPDIR)/$$tool || exit; done
uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(BINDIR)/%) $(SCRIPTS:%=$(DESTDIR)$(BINDIR)/%)
	rm -f $(DESTDIR)$(COMPDIR)/sfpipe $(TOOLS:%=$(DESTDIR)$(COMPDIR)/%) $(SCRIPTS:%=$(DESTDIR)$(COMPDIR)/%)
	for page in $(MAN:man/%=%); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$$page; done
clean:
	rm -rf build

# These need the flavour with crash points.
CRASH_FILES := $(wildcard tests/*crash.bats)
BATS_FILES := $(filter-out $(CRASH_FILES),$(wildcard tests/*.bats))
# what has threads, and what tests them
THREADED := thread associate-call affected-calls merge-participants line
check: all
	BUILD=$(abspath $(BUILD)) $(BATS) $(BATS_FILES)
check-asan:
	$(MAKE) SAN=address,undefined CFLAGS='-O1 -g' all
	BUILD=$(abspath build/address-undefined) $(BATS) $(BATS_FILES)
check-crash:
	$(MAKE) FAULTS=1 all
	BUILD=$(abspath build/faults) $(BATS) $(CRASH_FILES) tests/credentials.bats
check-thread:
	$(MAKE) SAN=thread CFLAGS='-O1 -g' all
	BUILD=$(abspath build/thread) $(BATS) $(THREADED:%=tests/%.bats)
# An hour and more.
check-valgrind: export TOOL_PREFIX = valgrind -q --error-exitcode=99 --suppressions=$(abspath tests/valgrind.supp)
check-valgrind: all
	BUILD=$(abspath $(BUILD)) $(BATS) $(BATS_FILES)

FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
fuzz: $(FUZZERS:%=fuzz-%)
# All of them before the first one runs, so that `make -j2 fuzz` runs two at a time.
fuzz-build:
	$(MAKE) CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined BUILD=build/fuzz CFLAGS='-O1 -g' \
	    $(FUZZERS:%=build/fuzz/fuzz-%.bin)
$(FUZZERS:%=fuzz-%): fuzz-%: fuzz-build
	mkdir -p build/fuzz/corpus/$*
	G_SLICE=always-malloc build/fuzz/fuzz-$*.bin -close_fd_mask=2 -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -artifact_prefix=build/fuzz/ \
	    build/fuzz/corpus/$* $(wildcard tests/corpus/$*)
build/fuzz/fuzz-%.bin: $(BUILD)/tests/fuzz/%.o $(BUILD)/libcommon.a
	clang++ -fsanitize=fuzzer,address,undefined -pthread -o $@ $^ $(LDLIBS) -lical -lphonenumber -lcurl -lcrypto $(GMIME_LIBS)

# CONTACTS=1000000 CALLS=1000000 is the scale that sfpipe is made for; BENCH=--help for what else it takes.
bench: all
	BUILD=$(abspath $(BUILD)) python3 -B tests/bench --data build/bench \
	    --contacts $(CONTACTS) --calls $(CALLS) --runs $(RUNS) $(BENCH)

# clang-tidy one process a file: it is slow, and leaks.
lint: $(BUILD)/freemail.inc
	scripts/check-layers $(MODULES)
	mandoc -T lint -W warning $(MAN)
	clang-format --dry-run -Werror $(wildcard cmd/*.c common/*.[ch] common/*.cc tests/fuzz/*.c)
	printf '%s\n' $(wildcard cmd/*.c) $(SOURCES) | xargs -P $$(nproc) -n 1 sh -c \
	    'clang-tidy --quiet "$$1" -- -std=c11 -Icommon -I$(BUILD) $(GMIME_CFLAGS) -D_POSIX_C_SOURCE=200809L 2>/dev/null' sh
	shellcheck -x .ci/run scripts/completion.bash $(shell grep -lE '^#!.*(ba)?sh' scripts/* 2>/dev/null)

.PHONY: all install uninstall clean check check-asan check-crash check-thread check-valgrind fuzz fuzz-build bench lint
.SECONDARY:
-include $(OBJECTS:.o=.d) $(TOOLS:%=$(BUILD)/cmd/%.d) $(FUZZERS:%=$(BUILD)/tests/fuzz/%.d)
