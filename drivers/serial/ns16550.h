// 16550-compatible UART, polled; registers of any spacing and width.
#pragma once

#include "kernel/platform.h"

struct ns16550_config {
	struct mmio regs;
	uint32_t reg_shift; // registers lie 1 << reg_shift bytes apart
	uint32_t reg_bytes; // access width: 1 or 4
};

struct ns16550 {
	struct ns16550_config config; // (init)
};

// The firmware has set speed and framing; they are left as they are.
void ns16550_init(struct ns16550 *uart, const struct ns16550_config *config);
void ns16550_write(struct ns16550 *uart, const char *text, size_t bytes);
int ns16550_read(struct ns16550 *uart); // a byte that has arrived, or -1
void ns16550_listen(struct ns16550 *uart); // interrupts from now on, while bytes wait
