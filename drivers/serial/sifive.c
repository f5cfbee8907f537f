// SiFive's UART (FU540-C000 manual, chapter 13).

#include "drivers/serial/serial.h"

enum { TXDATA = 0x00, RXDATA = 0x04, TXCTRL = 0x08, RXCTRL = 0x0c, IE = 0x10 };
enum { TX_ENABLE = 1, RX_ENABLE = 1, IE_RX_WATERMARK = 2 };

#define TXDATA_FULL (1u << 31)
#define RXDATA_EMPTY (1u << 31)
#define POLLS_MAX 1000000 // a UART that never empties must not hang us

static void init(struct serial *uart)
{
	mmio_write32(&uart->regs, IE, 0);
	mmio_write32(&uart->regs, TXCTRL, mmio_read32(&uart->regs, TXCTRL) | TX_ENABLE);
	// Watermark 0: one byte is enough for an interrupt.
	mmio_write32(&uart->regs, RXCTRL, RX_ENABLE);
	uart->fifo_bytes = 1; // it says only whether there is room for one more
}

static size_t room(struct serial *uart)
{
	return mmio_read32(&uart->regs, TXDATA) & TXDATA_FULL ? 0 : uart->fifo_bytes;
}

static void write(struct serial *uart, const char *text, size_t bytes)
{
	while (bytes--) {
		for (int i = 0; i < POLLS_MAX && !room(uart); i++)
			;
		mmio_write32(&uart->regs, TXDATA, (unsigned char)*text++);
	}
}

static int read(struct serial *uart)
{
	uint32_t data = mmio_read32(&uart->regs, RXDATA);

	return data & RXDATA_EMPTY ? -1 : (int)(data & 0xff);
}

static void listen(struct serial *uart, bool on)
{
	mmio_write32(&uart->regs, IE, on ? IE_RX_WATERMARK : 0);
}

static const char *const compatible[] = { "sifive,uart0", "sifive,fu540-c000-uart0", NULL };

const struct serial_driver sifive_uart_driver = {
	.compatible = compatible,
	.init = init,
	.room = room,
	.write = write,
	.read = read,
	.listen = listen,
};
