// 8250, 16450, 16550 and their like (National Semiconductor PC16550D data sheet).

#include "drivers/serial/serial.h"

enum { RBR_THR = 0, IER = 1, IIR_FCR = 2, LSR = 5 };
enum { IER_DATA_READY = 1, FCR_ENABLE = 1, IIR_FIFOS = 0xc0, LSR_DATA_READY = 0x01,
       LSR_THR_EMPTY = 0x20 };

#define FIFO_BYTES 16
#define POLLS_MAX 1000000   // a UART that never empties must not hang us

static uint32_t get(const struct serial *uart, uint32_t reg)
{
	uint32_t offset = reg << uart->reg_shift;

	if (uart->reg_bytes == 4)
		return mmio_read32(&uart->regs, offset);
	if (uart->reg_bytes == 2)
		return mmio_read16(&uart->regs, offset);
	return mmio_read8(&uart->regs, offset);
}

static void set(const struct serial *uart, uint32_t reg, uint32_t value)
{
	uint32_t offset = reg << uart->reg_shift;

	if (uart->reg_bytes == 4)
		mmio_write32(&uart->regs, offset, value);
	else if (uart->reg_bytes == 2)
		mmio_write16(&uart->regs, offset, (uint16_t)value);
	else
		mmio_write8(&uart->regs, offset, (uint8_t)value);
}

static void init(struct serial *uart)
{
	set(uart, IER, 0);
	set(uart, IIR_FCR, FCR_ENABLE);
	// An 8250 has none, and says so.
	uart->fifo_bytes = (get(uart, IIR_FCR) & IIR_FIFOS) == IIR_FIFOS ? FIFO_BYTES : 1;
}

static size_t room(struct serial *uart)
{
	return get(uart, LSR) & LSR_THR_EMPTY ? uart->fifo_bytes : 0;
}

static void write(struct serial *uart, const char *text, size_t bytes)
{
	while (bytes) {
		size_t burst = bytes < uart->fifo_bytes ? bytes : uart->fifo_bytes;

		for (int i = 0; i < POLLS_MAX && !(get(uart, LSR) & LSR_THR_EMPTY); i++)
			;
		bytes -= burst;
		while (burst--)
			set(uart, RBR_THR, (unsigned char)*text++);
	}
}

static int read(struct serial *uart)
{
	return get(uart, LSR) & LSR_DATA_READY ? (int)(get(uart, RBR_THR) & 0xff) : -1;
}

static void listen(struct serial *uart, bool on)
{
	set(uart, IER, on ? IER_DATA_READY : 0);
}

static const char *const compatible[] = {
	"ns16550a", "ns16550", "ns16450", "ns8250", "snps,dw-apb-uart", NULL,
};

const struct serial_driver ns16550_driver = {
	.compatible = compatible,
	.init = init,
	.room = room,
	.write = write,
	.read = read,
	.listen = listen,
};
