// QEMU's firmware configuration device: named files of the machine.
//
// Only the DMA interface, which every machine with a ramfb has (QEMU,
// docs/specs/fw_cfg). Transfers are done when a call returns. Thread context,
// one call at a time.
#pragma once

#include "kernel/platform.h"

struct fw_cfg {
	struct mmio regs;         // (init)
	struct fw_cfg_dma *dma;   // (init) a page the device reaches
};

struct fw_cfg_file {
	uint16_t key;
	uint32_t bytes;
};

// 0, -ENODEV if it is no fw_cfg with DMA, -ENOMEM.
int fw_cfg_init(struct fw_cfg *cfg, const struct mmio *regs);
void fw_cfg_fini(struct fw_cfg *cfg);
// 0, -ENOENT, or -EIO when the device refuses.
int fw_cfg_find(struct fw_cfg *cfg, const char *name, struct fw_cfg_file *out);
// Writes at most FW_CFG_DATA_MAX bytes to the start of a file. 0 or -EIO.
int fw_cfg_write(struct fw_cfg *cfg, uint16_t key, const void *data, size_t bytes);

#define FW_CFG_DATA_MAX 1024
