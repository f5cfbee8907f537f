// 16550 UART (National Semiconductor PC16550D data sheet). See ns16550.h.

#include "drivers/serial/ns16550.h"

enum { RBR_THR = 0, IER = 1, FCR = 2, LSR = 5 };
enum { IER_DATA_READY = 1, FCR_ENABLE = 1, LSR_DATA_READY = 0x01, LSR_THR_EMPTY = 0x20 };

#define FIFO_BYTES 16       // free when THR is empty and FIFOs are on
#define POLLS_MAX 1000000   // a UART that never empties must not hang us

static uint32_t get(struct ns16550 *uart, uint32_t reg)
{
	uint32_t offset = reg << uart->config.reg_shift;

	if (uart->config.reg_bytes == 4)
		return mmio_read32(&uart->config.regs, offset);
	return mmio_read8(&uart->config.regs, offset);
}

static void set(struct ns16550 *uart, uint32_t reg, uint32_t value)
{
	uint32_t offset = reg << uart->config.reg_shift;

	if (uart->config.reg_bytes == 4)
		mmio_write32(&uart->config.regs, offset, value);
	else
		mmio_write8(&uart->config.regs, offset, (uint8_t)value);
}

void ns16550_init(struct ns16550 *uart, const struct ns16550_config *config)
{
	uart->config = *config;
	set(uart, IER, 0);
	set(uart, FCR, FCR_ENABLE);
}

void ns16550_write(struct ns16550 *uart, const char *text, size_t bytes)
{
	while (bytes) {
		size_t burst = bytes < FIFO_BYTES ? bytes : FIFO_BYTES;

		for (int i = 0; i < POLLS_MAX && !(get(uart, LSR) & LSR_THR_EMPTY); i++)
			;
		bytes -= burst;
		while (burst--)
			set(uart, RBR_THR, (unsigned char)*text++);
	}
}

void ns16550_listen(struct ns16550 *uart)
{
	set(uart, IER, IER_DATA_READY);
}

int ns16550_read(struct ns16550 *uart)
{
	return get(uart, LSR) & LSR_DATA_READY ? (int)get(uart, RBR_THR) : -1;
}
