// What a UART driver gives the console. All are polled, none sets the speed:
// the firmware has done that.
#pragma once

#include <stddef.h>

#include "kernel/platform.h"

struct serial {
	const struct serial_driver *driver; // (init)
	struct mmio regs;    // (init)
	uint32_t reg_shift;  // (init) registers lie 1 << reg_shift bytes apart
	uint32_t reg_bytes;  // (init) access width: 1, 2 or 4
	uint32_t fifo_bytes; // (init) by the driver: free when it says it is empty
};

// Each may be called in any context, by one caller at a time.
struct serial_driver {
	const char *const *compatible; // NULL-terminated
	void (*init)(struct serial *uart);
	size_t (*room)(struct serial *uart);  // bytes write() takes without waiting
	void (*write)(struct serial *uart, const char *text, size_t bytes);
	int (*read)(struct serial *uart);    // a byte that has arrived, or -1
	void (*listen)(struct serial *uart, bool on); // interrupts while bytes wait
};

extern const struct serial_driver ns16550_driver, sifive_uart_driver;
