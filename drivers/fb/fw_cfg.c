// QEMU's fw_cfg over MMIO, by DMA. See fw_cfg.h; section names below are those
// of QEMU's docs/specs/fw_cfg.

#include "drivers/fb/fw_cfg.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/page.h"

// "Register Locations": the DMA address register, most significant half first.
// Reading it gives "QEMU CFG", writing the lower half starts the transfer.
enum { REG_DMA_HIGH = 16, REG_DMA_LOW = 20 };
#define SIGNATURE_HIGH 0x51454d55u // "QEMU"

enum { KEY_FILE_DIR = 0x19 };
// "Guest-side DMA Interface", the control field.
enum { CONTROL_ERROR = 1, CONTROL_READ = 2, CONTROL_SELECT = 8, CONTROL_WRITE = 16 };

enum { FILES_MAX = 1024, POLLS_MAX = 1000000, NAME_BYTES = 56 };

// All of it big-endian.
struct dir_entry {
	uint32_t bytes;
	uint16_t key;
	uint16_t reserved;
	char name[NAME_BYTES];
};
static_assert(sizeof(struct dir_entry) == 64, "fw_cfg: File Directory");

struct fw_cfg_dma {
	uint32_t control;
	uint32_t length;
	uint64_t address;
	uint8_t data[FW_CFG_DATA_MAX];
};
static_assert(offsetof(struct fw_cfg_dma, data) == 16, "fw_cfg: FWCfgDmaAccess");

static uint32_t be32(uint32_t v)
{
	return __builtin_bswap32(v);
}

static int transfer(struct fw_cfg *cfg, uint32_t control, size_t bytes)
{
	struct fw_cfg_dma *dma = cfg->dma;
	uint64_t at = dma_addr(dma);
	uint32_t state = ~0u;

	dma->control = be32(control);
	dma->length = be32((uint32_t)bytes);
	dma->address = __builtin_bswap64(at + offsetof(struct fw_cfg_dma, data));
	dma_flush(dma, sizeof(*dma));
	dma_wmb();
	mmio_write32(&cfg->regs, REG_DMA_HIGH, be32((uint32_t)(at >> 32)));
	mmio_write32(&cfg->regs, REG_DMA_LOW, be32((uint32_t)at));
	// "clears all bits except the error bit": polled, as there is no interrupt.
	for (unsigned i = 0; i < POLLS_MAX && state & ~(uint32_t)CONTROL_ERROR; i++) {
		dma_flush(dma, sizeof(*dma));
		dma_rmb();
		state = be32(*(volatile uint32_t *)&dma->control);
	}
	return state ? -EIO : 0;
}

int fw_cfg_init(struct fw_cfg *cfg, const struct mmio *regs)
{
	cfg->regs = *regs;
	if (mmio_read32(regs, REG_DMA_HIGH) != be32(SIGNATURE_HIGH))
		return -ENODEV;
	cfg->dma = page_dma_alloc(1);
	return cfg->dma ? 0 : -ENOMEM;
}

void fw_cfg_fini(struct fw_cfg *cfg)
{
	page_free(cfg->dma, 1);
}

int fw_cfg_find(struct fw_cfg *cfg, const char *name, struct fw_cfg_file *out)
{
	const struct dir_entry *entry = (const void *)cfg->dma->data;
	uint32_t count;
	int ret = transfer(cfg, KEY_FILE_DIR << 16 | CONTROL_SELECT | CONTROL_READ, 4);

	memcpy(&count, cfg->dma->data, sizeof(count));
	count = be32(count);
	for (uint32_t i = 0; !ret && i < count && i < FILES_MAX; i++) {
		ret = transfer(cfg, CONTROL_READ, sizeof(*entry)); // goes on where it stood
		if (!ret && !strncmp(entry->name, name, NAME_BYTES)) {
			out->key = __builtin_bswap16(entry->key);
			out->bytes = be32(entry->bytes);
			return 0;
		}
	}
	return ret ? ret : -ENOENT;
}

int fw_cfg_write(struct fw_cfg *cfg, uint16_t key, const void *data, size_t bytes)
{
	assert(bytes <= FW_CFG_DATA_MAX);
	memcpy(cfg->dma->data, data, bytes);
	return transfer(cfg, (uint32_t)key << 16 | CONTROL_SELECT | CONTROL_WRITE, bytes);
}
