# Rivulet. `make help` lists what there is to do.

APP ?= fluid
ARCH ?= rv64
SMP ?= 2
MEM ?= 256M

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:

Q := $(if $(V),,@)
say = $(if $(V),@:,@echo "  $(1)")

BUILD := build
OUT := $(BUILD)/$(ARCH)

# An app outside the tree: APP_DIR=../myapp; its folder gives the name.
ifdef APP_DIR
APP := $(notdir $(abspath $(APP_DIR)))
else
APP_DIR := apps/$(APP)
endif
app_dir = $(if $(filter $(APP),$(1)),$(APP_DIR),apps/$(1))
ifeq ($(wildcard $(APP_DIR)/*.c),)
ifneq ($(filter run sim image,$(MAKECMDGOALS)),)
$(error no app: $(APP_DIR) has no C files; apps in the tree: $(notdir $(wildcard apps/*)))
endif
endif

# ---- sources ----------------------------------------------------------------
# Every C file of these folders belongs to the kernel; a new one needs no line.

KERNEL_DIRS := kernel drivers drivers/dri drivers/input drivers/virtio
GFX_DIRS := gfx apps/kit
BOARD_DIRS := boot arch/riscv drivers/serial libc
sources = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c $(d)/*.S)))

KERNEL_SRC := $(call sources,$(KERNEL_DIRS))
GFX_SRC := $(call sources,$(GFX_DIRS))
BOARD_SRC := $(call sources,$(BOARD_DIRS))
APP_SRC := $(sort $(wildcard $(APP_DIR)/*.c))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wno-unused-parameter

FONT := $(BUILD)/gen/gfx/font_data.h
CONSOLE_FONT := /usr/share/consolefonts/Lat15-Fixed16.psf.gz

$(FONT): tools/font.py | $(BUILD)/deps.stamp
	@mkdir -p $(@D)
	$(Q)python3 tools/font.py $(CONSOLE_FONT) > $@

# ---- the board: cross compiler, newlib, image ---------------------------------

CROSS := riscv64-unknown-elf-
CC_BOARD := $(CROSS)gcc
ifeq ($(ARCH),rv64)
MARCH := rv64gc
MABI := lp64d
endif
OPENSBI := /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin
FW_KERNEL_OFFSET := 2097152

NEWLIB := $(BUILD)/newlib/$(ARCH)
UAPI := $(BUILD)/uapi
BOARD_FLAGS := -march=$(MARCH) -mabi=$(MABI) -mcmodel=medany
BOARD_CPPFLAGS := -I. -Iarch/riscv -I$(BUILD)/gen -D__linux__ \
	-isystem libc/include -isystem $(NEWLIB)/include \
	-isystem $(UAPI) -isystem $(UAPI)/drm
# Frame pointers are what backtraces walk.
BOARD_CFLAGS := -std=gnu11 -g $(BOARD_FLAGS) $(BOARD_CPPFLAGS) $(WARN) -MMD -MP \
	-ffunction-sections -fdata-sections -fno-omit-frame-pointer -fno-common
BOARD_LDFLAGS := -nostdlib -static $(BOARD_FLAGS) -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -T boot/kernel.ld
BOARD_LIBS := -L$(NEWLIB)/lib -Wl,--start-group -lc -lm -lgcc -Wl,--end-group
# Pixels want speed, the rest wants to be small.
O_SMALL := -Os
O_FAST := -O3

obj = $(addprefix $(OUT)/obj/,$(addsuffix .o,$(basename $(1))))
KERNEL_OBJ := $(call obj,$(KERNEL_SRC) $(BOARD_SRC))
GFX_OBJ := $(call obj,$(GFX_SRC))
APP_OBJ := $(addprefix $(OUT)/obj/app/$(APP)/,$(patsubst %.c,%.o,$(notdir $(APP_SRC))))
BOARD_OBJ := $(KERNEL_OBJ) $(GFX_OBJ) $(APP_OBJ)

BOARD_READY := $(BUILD)/deps.stamp $(NEWLIB)/stamp $(UAPI)/stamp $(FONT)

$(BUILD)/deps.stamp: tools/packages.txt tools/deps.sh
	$(Q)tools/deps.sh $@

# The scripts decide by a hash whether there is something to do.
$(NEWLIB)/stamp: libc/newlib.sh $(wildcard libc/include/machine/*.h libc/include/sys/*.h) \
		| $(BUILD)/deps.stamp
	$(Q)libc/newlib.sh $(NEWLIB) $(MARCH) $(MABI) && touch $@

$(UAPI)/stamp: libc/uapi.sh | $(BUILD)/deps.stamp
	$(Q)libc/uapi.sh $(UAPI) && touch $@

$(OUT)/obj/%.o: %.c | $(BOARD_READY)
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_CFLAGS) $(if $(filter gfx/%,$<),$(O_FAST),$(O_SMALL)) -c -o $@ $<

$(OUT)/obj/%.o: %.S | $(BOARD_READY)
	$(call say,AS      $<)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_FLAGS) -I. -MMD -MP -c -o $@ $<

$(OUT)/obj/app/$(APP)/%.o: $(APP_DIR)/%.c | $(BOARD_READY)
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_CFLAGS) $(O_FAST) -I$(APP_DIR) -Dmain=app_main_$(APP) -c -o $@ $<

# The table of linked apps (kernel/app.h).
$(BUILD)/gen/app-$(APP).c: Makefile
	@mkdir -p $(@D)
	$(Q)printf '%s\n' '#include "kernel/app.h"' 'int app_main_$(APP)(int argc, char **argv);' \
		'const struct app apps[] = { { "$(APP)", app_main_$(APP) }, { 0, 0 } };' > $@

$(OUT)/obj/app/$(APP).o: $(BUILD)/gen/app-$(APP).c | $(BOARD_READY)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_CFLAGS) -c -o $@ $<

# Linked twice: the second time with the names of the first one's functions.
$(OUT)/obj/%.nosyms.elf: $(BOARD_OBJ) $(OUT)/obj/app/%.o boot/kernel.ld
	@mkdir -p $(@D)
	$(Q)printf '%s\n' '.section .symbols,"a"' '.globl symbol_table' \
		'symbol_table: .space 260' | \
		$(CC_BOARD) $(BOARD_FLAGS) -xassembler -c -o $(@:.elf=.o) -
	$(Q)$(CC_BOARD) $(BOARD_LDFLAGS) -o $@ $(filter %.o,$^) $(@:.elf=.o) $(BOARD_LIBS)

$(OUT)/%.elf: $(OUT)/obj/%.nosyms.elf tools/symbols.py
	$(call say,LINK    $@)
	$(Q)$(CROSS)nm --defined-only $< > $(<:.elf=.nm)
	$(Q)python3 tools/symbols.py $(<:.elf=.nm) \
		$$(awk '$$3 == "__image_start" { print $$1 }' $(<:.elf=.nm)) > $(OUT)/obj/$*.syms.s
	$(Q)$(CC_BOARD) $(BOARD_FLAGS) -c -o $(OUT)/obj/$*.syms.o $(OUT)/obj/$*.syms.s
	$(Q)$(CC_BOARD) $(BOARD_LDFLAGS) -o $@ $(BOARD_OBJ) $(OUT)/obj/app/$*.o \
		$(OUT)/obj/$*.syms.o $(BOARD_LIBS)

$(OUT)/%.bin: $(OUT)/%.elf
	$(call say,BIN     $@)
	$(Q)$(CROSS)objcopy -O binary $< $@

$(OUT)/%-fw.bin: $(OUT)/%.bin $(OPENSBI)
	$(call say,FW      $@)
	$(Q)cp $(OPENSBI) $@ && truncate -s $(FW_KERNEL_OFFSET) $@ && cat $< >> $@

image: $(OUT)/$(APP).elf $(OUT)/$(APP).bin $(OUT)/$(APP)-fw.bin ## build the image (elf, bin, fw.bin)

# ---- running -----------------------------------------------------------------

run: image ## boot APP in QEMU: a window, or without a display build/APP.png
	$(Q)APP=$(APP) ELF=$(OUT)/$(APP).elf SMP=$(SMP) MEM=$(MEM) RES='$(RES)' ARGS='$(ARGS)' \
		QEMU_ARGS='$(QEMU_ARGS)' python3 tools/run_qemu.py

deps: $(BUILD)/deps.stamp ## install what is missing

clean: ## remove everything built
	$(Q)rm -rf $(BUILD)

help: ## this list
	@echo 'make TARGET [APP=fluid|cube] [SMP=2] [RES=WxH] [ARGS="..."] [QEMU_ARGS="..."] [V=1]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: image run deps clean help

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
