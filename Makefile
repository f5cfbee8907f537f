# Rivulet. `make help` lists what there is to do.

APP ?= fluid
ARCH ?= rv64
SMP ?= 2
MEM ?= 256M

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# Nothing is written outside build/.
export PYTHONDONTWRITEBYTECODE := 1
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
APP_DIR := $(firstword $(wildcard apps/$(APP) tests/apps/$(APP)) apps/$(APP))
endif
# Every folder here is an app, but apps/kit, which they share; tests/apps are
# those that only tests boot.
APPS := $(sort $(APP) $(filter-out kit,$(notdir $(patsubst %/,%,$(wildcard apps/*/ tests/apps/*/)))))
app_dir = $(if $(filter $(APP),$(1)),$(APP_DIR),$(wildcard apps/$(1) tests/apps/$(1)))
# What the app's own files and its linking get besides: APP_CFLAGS, APP_LIBS.
app_cflags = $(if $(filter $(APP),$(1)),$(APP_CFLAGS))
app_libs = $(if $(filter $(APP),$(1)),$(APP_LIBS))
app_sources = $(sort $(wildcard $(call app_dir,$(1))/*.c))
# What becomes of main(): a folder's name may have characters that C's may not.
app_main = app_main_$(subst .,_,$(subst -,_,$(1)))
ifneq ($(words $(APP_DIR)),1)
$(error the path of an app has no spaces: "$(APP_DIR)")
endif
ifeq ($(abspath $(APP_DIR)),$(abspath apps/kit))
$(error apps/kit is what the apps share, not an app)
endif
ifeq ($(wildcard $(APP_DIR)/*.c),)
ifneq ($(filter run sim image disk,$(MAKECMDGOALS)),)
$(error no app: $(APP_DIR) has no C files; apps in the tree: $(filter-out kit,$(patsubst apps/%/,%,$(wildcard apps/*/))))
endif
endif

# ---- sources ----------------------------------------------------------------
# Every C file of these folders belongs to the kernel; a new one needs no line.

KERNEL_DIRS := kernel drivers drivers/dri drivers/fb drivers/input drivers/pci drivers/virtio
GFX_DIRS := gfx apps/kit
BOARD_DIRS := boot arch/riscv drivers/serial libc
sources = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c $(d)/*.S)))

KERNEL_SRC := $(call sources,$(KERNEL_DIRS))
GFX_SRC := $(call sources,$(GFX_DIRS))
BOARD_SRC := $(call sources,$(BOARD_DIRS))

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
LINK_ADDRESS := 0xffffffff80200000
LOAD_ADDRESS := 0x80200000
FW_KERNEL_OFFSET := 2097152
else ifeq ($(ARCH),rv32)
# The least there is: no floating point, no compressed instructions.
MARCH := rv32ima_zicsr_zifencei
MABI := ilp32
LINK_ADDRESS := 0xc0000000
LOAD_ADDRESS := 0x80400000
FW_KERNEL_OFFSET := 4194304
# On 32 bits the compiler calls int32_t a long, and %d means an int everywhere else.
ARCH_CPPFLAGS := -U__INT32_TYPE__ -D__INT32_TYPE__=int \
	-U__UINT32_TYPE__ '-D__UINT32_TYPE__=unsigned int'
# The compiler does not find its own library for this -march.
LIBGCC = $(shell $(CC_BOARD) -march=rv32im -mabi=ilp32 -print-libgcc-file-name)
else
$(error ARCH is rv64 or rv32, not $(ARCH))
endif
LIBGCC ?= -lgcc
# Debian has OpenSBI for 64 bits only; boot/firmware stands in for it.
SMALL_FW := $(OUT)/firmware.bin
OPENSBI := /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin
BOOT_HART := 0
STALE_START := 0
FIRMWARE := $(if $(filter rv64,$(ARCH)),$(OPENSBI),$(SMALL_FW))

NEWLIB := $(BUILD)/newlib/$(ARCH)
UAPI := $(BUILD)/uapi
# Variables up to that size lie where one instruction reaches them (boot/kernel.ld). There
# are boards that trap what is not aligned, with nobody to do it for us.
BOARD_FLAGS := -march=$(MARCH) -mabi=$(MABI) -mcmodel=medany -msmall-data-limit=600 \
	-mstrict-align
# arch/riscv comes last: it is there for <plat.h>, and its time.h is not libc's.
BOARD_CPPFLAGS := $(ARCH_CPPFLAGS) -I. -idirafter arch/riscv -I$(BUILD)/gen -D__linux__ \
	-isystem libc/include -isystem $(NEWLIB)/include \
	-isystem $(UAPI) -isystem $(UAPI)/drm
BOARD_CFLAGS := -std=gnu11 -g $(BOARD_FLAGS) $(BOARD_CPPFLAGS) $(WARN) -MMD -MP \
	-ffunction-sections -fdata-sections -fno-common
BOARD_LDFLAGS := -nostdlib -static $(BOARD_FLAGS) -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -T boot/kernel.ld \
	-Wl,--defsym=LINK_ADDRESS=$(LINK_ADDRESS) -Wl,--defsym=LOAD_ADDRESS=$(LOAD_ADDRESS)
BOARD_LIBS := -L$(NEWLIB)/lib -Wl,--start-group -lc -lm $(LIBGCC) -Wl,--end-group
# Pixels want speed, the rest wants to be small. Without vectors -O3 is larger and,
# in an emulator that translates all of it, slower than -O2.
# (A loop's first test is not worth a copy. The last three, found by trying them all,
# save a hundredth and translate no more blocks before the first picture.)
O_SMALL := -Os -fno-math-errno -fno-tree-ch -msave-restore -fno-caller-saves \
	-fno-move-loop-invariants -fno-forward-propagate
# What is called for every row or triangle saves its registers itself.
O_FAST := -O2 -fno-tree-pre -fno-math-errno -fno-trapping-math
# What no frame runs through, or, like floats, not on a board without vectors.
COLD := $(patsubst %,apps/fluid/%.c,choose fields fixed_fields fixed_path fixed_tables float_% \
	fluid grid hud latency main palette png replay settings stir) \
	apps/cube/cube.c apps/cube/scene.c

# Compiled once more, for a CPU with vector registers (apps/fluid/vector.h), which
# GCC 12 knows nothing of. Two registers at a time, but in the display: too few.
ifeq ($(ARCH),rv64)
RVV := $(patsubst %,apps/fluid/float_%.c,advect bloom display rows splat step sunrays)
endif
CC_RVV := clang-16 --target=riscv64-unknown-elf
RVV_FLAGS = -march=rv64gcv -Os -msave-restore -msmall-data-limit=0 -fno-math-errno \
	-fno-trapping-math -mllvm -riscv-v-register-bit-width-lmul=$(if $(filter %display.c,$<),1,2)

obj = $(addprefix $(OUT)/obj/,$(addsuffix .o,$(basename $(1))))
KERNEL_OBJ := $(call obj,$(KERNEL_SRC) $(BOARD_SRC))
GFX_OBJ := $(call obj,$(GFX_SRC))
app_own_objects = \
	$(patsubst $(call app_dir,$(1))/%.c,$(OUT)/obj/app/$(1)/%.o,$(call app_sources,$(1))) \
	$(patsubst $(call app_dir,$(1))/%.c,$(OUT)/obj/app/$(1)/%.rvv.o,$(filter $(call app_dir,$(1))/%,$(RVV)))
# tests/apps/twins looks at the fluid's paths, so it is linked with them.
app_objects = $(OUT)/obj/app/$(1).o $(call app_own_objects,$(1)) \
	$(if $(filter twins,$(1)),$(call app_own_objects,fluid))

BOARD_READY := $(BUILD)/deps.stamp $(NEWLIB)/stamp $(UAPI)/stamp $(FONT)

$(BUILD)/deps.stamp: tools/packages.txt tools/deps.sh
	$(Q)tools/deps.sh $@

# Not there when make starts on a fresh machine, only after that.
$(OPENSBI): | $(BUILD)/deps.stamp ;

# The scripts decide by a hash whether there is something to do.
$(NEWLIB)/stamp: libc/newlib.sh $(wildcard libc/include/machine/*.h libc/include/sys/*.h) \
		| $(BUILD)/deps.stamp
	$(Q)libc/newlib.sh $(NEWLIB) $(MARCH) $(MABI) && touch $@

$(UAPI)/stamp: libc/uapi.sh | $(BUILD)/deps.stamp
	$(Q)libc/uapi.sh $(UAPI) && touch $@

# A newlib built anew may have other structures: everything that includes it follows.
$(OUT)/obj/%.o: %.c $(NEWLIB)/stamp | $(BOARD_READY)
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_CFLAGS) -DASSERT_BRIEF $(if $(filter-out gfx/text.c,$(filter gfx/%,$<)),$(O_FAST),$(O_SMALL)) \
		-c -o $@ $<

$(OUT)/obj/%.o: %.S | $(BOARD_READY)
	$(call say,AS      $<)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_FLAGS) -I. -MMD -MP -c -o $@ $<

# The table of linked apps (kernel/app.h).
$(BUILD)/gen/app-%.c: Makefile
	@mkdir -p $(@D)
	$(Q)printf '%s\n' '#include "kernel/app.h"' 'int $(call app_main,$*)(int argc, char **argv);' \
		'const struct app apps[] = { { "$*", $(call app_main,$*) }, { 0, 0 } };' > $@

$(OUT)/obj/app/%.o: $(BUILD)/gen/app-%.c | $(BOARD_READY)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) $(BOARD_CFLAGS) -c -o $@ $<

# A table of no names.
$(OUT)/obj/no-symbols.o: Makefile | $(BOARD_READY)
	@mkdir -p $(@D)
	$(Q)printf '%s\n' '.section .symbols,"a"' '.globl symbol_table' \
		'symbol_table: .space 3' | $(CC_BOARD) $(BOARD_FLAGS) -xassembler -c -o $@ -

# NAME.from says which folder it was, and with which flags: another one is another app.
# Linked twice: the second time with the names of the first one's functions.
define app_rules
$(BUILD)/gen/$(1).from: FORCE
	@mkdir -p $$(@D)
	@echo '$(call app_dir,$(1)) $(call app_cflags,$(1))' | cmp -s - $$@ || \
		echo '$(call app_dir,$(1)) $(call app_cflags,$(1))' > $$@

$(OUT)/obj/app/$(1)/%.o: $(call app_dir,$(1))/%.c $(BUILD)/gen/$(1).from $(NEWLIB)/stamp \
		| $(BOARD_READY)
	$$(call say,CC      $$<)
	@mkdir -p $$(@D)
	$$(Q)$(CC_BOARD) $(BOARD_CFLAGS) $$(if $$(filter $(COLD),$$<),$(O_SMALL),$(O_FAST)) \
		-Wno-missing-prototypes -I$(call app_dir,$(1)) $(call app_cflags,$(1)) \
		-Dmain=$(call app_main,$(1)) -c -o $$@ $$<

$(OUT)/obj/app/$(1)/%.rvv.o: $(call app_dir,$(1))/%.c $(NEWLIB)/stamp | $(BOARD_READY)
	$$(call say,RVV     $$<)
	@mkdir -p $$(@D)
	$$(Q)$(CC_RVV) $(filter-out -mstrict-align,$(BOARD_CFLAGS)) -Wno-missing-prototypes $$(RVV_FLAGS) -c -o $$@ $$<
	$$(Q)$(CROSS)objcopy -w --keep-global-symbol='rvv_*' $$@

$(OUT)/obj/$(1).unnamed.elf: $(KERNEL_OBJ) $(GFX_OBJ) $(call app_objects,$(1)) \
		$(OUT)/obj/no-symbols.o boot/kernel.ld $(NEWLIB)/stamp
	$$(Q)$(CC_BOARD) $(BOARD_LDFLAGS) -o $$@ $$(filter %.o,$$^) $(call app_libs,$(1)) $(BOARD_LIBS) \
		$$$$(tools/printf_flags.sh $(CROSS) $(call app_objects,$(1)) $(GFX_OBJ))

$(OUT)/$(1).elf: $(OUT)/obj/$(1).unnamed.elf tools/symbols.py
	$$(call say,LINK    $$@)
	$$(Q)$(CROSS)nm --defined-only $$< | python3 tools/symbols.py > $(OUT)/obj/$(1).symbols.s
	$$(Q)$(CC_BOARD) $(BOARD_FLAGS) -c -o $(OUT)/obj/$(1).symbols.o $(OUT)/obj/$(1).symbols.s
	$$(Q)$(CC_BOARD) $(BOARD_LDFLAGS) -o $$@ $(KERNEL_OBJ) $(GFX_OBJ) \
		$(call app_objects,$(1)) $(OUT)/obj/$(1).symbols.o \
		$(call app_libs,$(1)) $(BOARD_LIBS) \
		$$$$(tools/printf_flags.sh $(CROSS) $(call app_objects,$(1)) $(GFX_OBJ))
endef
$(foreach a,$(APPS),$(eval $(call app_rules,$(a))))

$(OUT)/%.bin: $(OUT)/%.elf
	$(call say,BIN     $@)
	$(Q)$(CROSS)objcopy -O binary $< $@

$(SMALL_FW): $(wildcard boot/firmware/*) arch/riscv/asm.h | $(BUILD)/deps.stamp
	$(call say,FW      $@)
	@mkdir -p $(@D)
	$(Q)$(CC_BOARD) -march=$(ARCH)ima_zicsr_zifencei -mabi=$(if $(filter rv64,$(ARCH)),lp64,ilp32) \
		-mcmodel=medany -Os -ffreestanding $(WARN) -I. -DKERNEL_ADDRESS=$(LOAD_ADDRESS) \
		-DBOOT_HART=$(BOOT_HART) -DSTALE_START=$(STALE_START) \
		-nostdlib -static -Wl,-Ttext=0x80000000 -Wl,--build-id=none \
		-Wl,--no-warn-rwx-segments -o $@.elf $(filter %.S %.c,$^)
	$(Q)$(CROSS)objcopy -O binary $@.elf $@

$(OUT)/%-fw.bin: $(OUT)/%.bin $(FIRMWARE)
	$(call say,FW      $@)
	$(Q)cp $(FIRMWARE) $@ && truncate -s $(FW_KERNEL_OFFSET) $@ && cat $< >> $@

# One PE file with the kernel inside. Without a network at the first time there is
# none, and the script says so.
GNU_EFI := $(BUILD)/gnu-efi
$(OUT)/%.efi: $(OUT)/%.bin $(wildcard boot/efi/*)
	$(call say,EFI     $@)
	$(Q)boot/efi/build.sh $(GNU_EFI) $(NEWLIB)/include $< $@

# With the other files too, for U-Boot's booti, go and bootelf.
$(OUT)/%-efi.img: $(OUT)/%.efi $(OUT)/%.bin $(OUT)/%.elf boot/efi/disk.sh
	$(call say,DISK    $@)
	$(Q)boot/efi/disk.sh $< $@ $(OUT)/$*.bin $(OUT)/$*.elf

image_files = $(addprefix $(OUT)/$(1),.elf .bin -fw.bin $(if $(filter rv64,$(ARCH)),.efi))
image: $(call image_files,$(APP)) ## build the image (elf, bin, fw.bin, efi)

disk: $(OUT)/$(APP)-efi.img ## a disk image that UEFI firmware boots

# ---- the simulator: the same kernel and apps as one Linux process ---------------
# SAN=address, undefined or thread builds with that sanitizer, in a folder of its own.

SIM_DIRS := sim sim/model
SIM_SRC := $(call sources,$(SIM_DIRS))
SIM_OUT := $(BUILD)/sim$(if $(SAN),-$(SAN))
SIM_CC := gcc
SIM_SAN := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=undefined)
SIM_CFLAGS := -std=gnu11 -g -D_GNU_SOURCE -I. -idirafter sim -I$(BUILD)/gen \
	-isystem /usr/include/libdrm $(WARN) -MMD -MP -pthread \
	-fno-omit-frame-pointer -ffp-contract=off $(SIM_SAN)
# -rdynamic: names in the backtrace of a panic.
SIM_LDFLAGS := -pthread -rdynamic $(SIM_SAN)
SIM_LIBS := -lSDL2 -lm -ldl
# Loops over pixels become vectors only without errno and traps, and without
# partial redundancy elimination, which puts branches into them.
O_VECTOR := -O3 -fno-tree-pre -fno-math-errno -fno-trapping-math
# Where there is never a NaN (inputs are integers, velocities are clamped, nothing is
# divided by what could be 0), a clamp is two instructions.
NO_NAN := apps/fluid/float_%.c
O_NO_NAN := -ffinite-math-only -fno-signed-zeros
# The shim is called by the thread sanitizer itself before that is up: not instrumented.
# Nothing but an app's own folder is compiled for it; the rest is shared.
sim_obj = $(addprefix $(SIM_OUT)/obj/,$(addsuffix .o,$(basename $(1))))
SIM_SHARED := $(call sim_obj,$(KERNEL_SRC) $(GFX_SRC) $(SIM_SRC))
# An app finds <drm/drm.h> where kernel headers have it, and says _GNU_SOURCE itself.
SIM_APP_CFLAGS := $(filter-out -D_GNU_SOURCE,$(SIM_CFLAGS)) -isystem $(BUILD)/gen/host \
	$(O_VECTOR) -Wno-missing-prototypes
sim_app_objects = $(SIM_OUT)/obj/app/$(1).o \
	$(patsubst $(call app_dir,$(1))/%.c,$(SIM_OUT)/obj/app/$(1)/%.o,$(call app_sources,$(1)))

$(SIM_OUT)/obj/%.o: %.c | $(BUILD)/deps.stamp $(FONT)
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(SIM_CC) $(SIM_CFLAGS) $(if $(filter gfx/%,$<),$(O_VECTOR),-O2) \
		$(if $(filter sim/shim_%,$<),-fno-sanitize=thread) -c -o $@ $<

$(BUILD)/gen/host/drm: | $(BUILD)/deps.stamp
	@mkdir -p $(@D)
	$(Q)ln -sfn /usr/include/libdrm $@

$(SIM_OUT)/obj/app/%.o: $(BUILD)/gen/app-%.c | $(BUILD)/deps.stamp
	@mkdir -p $(@D)
	$(Q)$(SIM_CC) $(SIM_CFLAGS) -c -o $@ $<

define sim_rules
$(SIM_OUT)/obj/app/$(1)/%.o: $(call app_dir,$(1))/%.c $(BUILD)/gen/$(1).from | $(BUILD)/gen/host/drm $(FONT)
	$$(call say,CC      $$<)
	@mkdir -p $$(@D)
	$$(Q)$(SIM_CC) $(SIM_APP_CFLAGS) $$(if $$(filter $(NO_NAN),$$<),$(O_NO_NAN)) \
		-I$(call app_dir,$(1)) $(call app_cflags,$(1)) -Dmain=$(call app_main,$(1)) -c -o $$@ $$<

$(SIM_OUT)/$(1): $(SIM_SHARED) $(call sim_app_objects,$(1))
	$$(call say,LINK    $$@)
	$$(Q)$(SIM_CC) $(SIM_LDFLAGS) -o $$@ $$^ $(call app_libs,$(1)) $(SIM_LIBS)
endef
$(foreach a,$(APPS),$(eval $(call sim_rules,$(a))))

# For editors: how the simulator's sources are compiled.
compile_commands.json: Makefile tools/compile_commands.py | $(BUILD)/deps.stamp
	$(Q)python3 tools/compile_commands.py $(SIM_CC) $(SIM_CFLAGS) -- \
		$(KERNEL_SRC) $(GFX_SRC) $(SIM_SRC) $(call app_sources,$(APP)) > $@

sim-build: $(SIM_OUT)/$(APP) compile_commands.json

sim: sim-build ## run APP in the simulator (SIM_ARGS="--help"; SAN=address, undefined or thread)
	$(Q)$(SIM_OUT)/$(APP) $(if $(RES),--res $(RES)) $(SIM_ARGS) $(if $(ARGS),-- $(ARGS))

# ---- tests -------------------------------------------------------------------
# A unit test names what it tests: "// sources: gfx/text.c ..." in its first lines.

UNIT := $(sort $(basename $(notdir $(wildcard tests/test_*.c tests/fuzz_*.c))))
QEMU_TESTS := $(sort $(wildcard tests/qemu_*.py))
SIM_TESTS := $(sort $(wildcard tests/sim_*.py))
BENCHES := $(sort $(basename $(notdir $(wildcard tests/bench_*.c))))
HOST_CC := gcc
HOST_CFLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE -I. -Itests/host -I$(BUILD)/gen -isystem /usr/include/libdrm \
	$(WARN) -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=undefined -pthread
unit_sources = $(wildcard $(shell sed -n 's,^// sources: ,,p' tests/$(1).c))
unit_objects = $(patsubst %.c,$(BUILD)/host/%.o,tests/$(1).c $(call unit_sources,$(1)))

$(BUILD)/host/%.o: %.c | $(BUILD)/deps.stamp $(FONT)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -c -o $@ $<

define unit_rule
$(BUILD)/tests/$(1): $(call unit_objects,$(1))
	@mkdir -p $$(@D)
	$$(call say,TEST    $(1))
	$$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $$@ $$^ -lm
endef
$(foreach t,$(UNIT),$(eval $(call unit_rule,$(t))))

check-unit: $(UNIT:%=$(BUILD)/tests/%) ## the unit tests only
	$(Q)tests/run.py $(BUILD)/tests/logs $^

# A 32-bit machine with no comforts, tests/board32/board.h.
BOARD32 := $(BUILD)/tests/board32
$(BOARD32): $(call sim_obj,$(wildcard tests/board32/*.c sim/model/*.c) sim/crc.c sim/fault.c \
		sim/image.c sim/mailbox.c sim/png.c sim/trace.c)
	@mkdir -p $(@D)
	$(call say,LINK    $@)
	$(Q)$(SIM_CC) $(SIM_LDFLAGS) -o $@ $^

# What tests boot and run.
TESTED := $(foreach a,$(APPS),$(call image_files,$(a))) \
	$(BUILD)/sim/cube $(BUILD)/sim/fluid $(BOARD32)

# The 32-bit images come from a second run of this file, after the first.
RV32_TESTED := cube machine
rv32-images: $(TESTED)
	$(Q)$(foreach a,$(RV32_TESTED),$(MAKE) --no-print-directory ARCH=rv32 image APP=$(a) &&) true

check: $(UNIT:%=$(BUILD)/tests/%) $(TESTED) rv32-images ## all everyday tests
	$(Q)tests/run.py $(BUILD)/tests/logs $(UNIT:%=$(BUILD)/tests/%) $(SIM_TESTS) $(QEMU_TESTS)

# As unit tests, but built for speed.
define bench_rule
$(BUILD)/bench/$(1): tests/$(1).c $(call unit_sources,$(1)) | $(BUILD)/deps.stamp
	@mkdir -p $$(@D)
	$$(call say,BENCH   $(1))
	$$(Q)$(HOST_CC) $(SIM_CFLAGS) -O2 -MF $$@.d -o $$@ $$(filter %.c,$$^) -lm
endef
$(foreach b,$(BENCHES),$(eval $(call bench_rule,$(b))))

BENCHED := $(BENCHES:%=$(BUILD)/bench/%) $(foreach a,cube fluid,$(OUT)/$(a).bin) \
	$(foreach a,cube flip fluid limits,$(OUT)/$(a).elf $(SIM_OUT)/$(a))

bench: $(BENCHED) ## measure all there is a budget for (BENCH="boot fluid": only these tables)
	$(Q)python3 tools/bench.py $(addprefix --only ,$(BENCH))

# The other word length is another build.
check-boot: $(call image_files,cube) $(call image_files,fluid) $(OUT)/fluid-efi.img ## every way to boot; writes docs/BOOTING.md
	$(Q)$(MAKE) --no-print-directory ARCH=rv32 APP=cube image
	$(Q)tests/boot_matrix.py

# ---- running -----------------------------------------------------------------

run: image ## boot APP in QEMU: a window, or without a display build/APP.png
	$(Q)APP=$(APP) ELF=$(OUT)/$(APP).elf ARCH=$(ARCH) FIRMWARE=$(FIRMWARE) SMP=$(SMP) MEM=$(MEM) RES='$(RES)' ARGS='$(ARGS)' \
		QEMU_ARGS='$(QEMU_ARGS)' python3 tools/run_qemu.py

pictures: $(foreach a,cube fluid,$(OUT)/$(a).elf) ## take the documentation's pictures anew (PICTURES="cube paths": only these)
	$(Q)python3 tools/pictures.py $(PICTURES)

deps: $(BUILD)/deps.stamp ## install what is missing

clean: ## remove everything built
	$(Q)rm -rf $(BUILD) compile_commands.json

help: ## this list
	@echo 'make TARGET [APP=fluid|cube] [APP_DIR=../myapp] [SMP=2] [RES=WxH] [ARGS="..."] [QEMU_ARGS="..."] [V=1]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

FORCE:

.PHONY: pictures FORCE rv32-images bench check check-boot check-unit disk image run sim sim-build deps clean help

# What an app's objects were made of may be gone, as when its folder has moved.
ifneq ($(strip $(APP_DIR) $(APP_CFLAGS)),$(strip $(shell cat $(BUILD)/gen/$(APP).from 2>/dev/null)))
$(shell rm -rf $(BUILD)/*/obj/app/$(APP))
endif
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
