// The console's device, and input for standard input. See console.h.
//
// Until the device tree is read, and on boards whose UART we do not know, text
// goes through the firmware.

#include "arch/riscv/console.h"

#include <string.h>

#include "arch/riscv/irq.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/sbi.h"
#include "drivers/serial/serial.h"
#include "kernel/bootargs.h"
#include "kernel/fdt.h"
#include "kernel/platform.h"
#include "kernel/timer.h"
#include "libc/tty.h"

#define SBI_BURST 16
#define TYPED_BURST 64
#define FLOOD_REST_NS 4000000u

static struct {
	struct serial uart; // (console_out.c's lock)
	bool have_uart;     // (console_out.c's lock)
	int node;           // (init) of the UART
	struct timer rest;
} console;

static const struct serial_driver *const drivers[] = { &ns16550_driver, &sifive_uart_driver };
#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

// The node stdout-path names, by path or by alias, options after ':' cut off.
static int stdout_node(void)
{
	int chosen = fdt_child(0, "chosen"), aliases = fdt_child(0, "aliases"), node = 0;
	const char *path = chosen >= 0 ? fdt_string(chosen, "stdout-path") : NULL;
	char name[64];

	if (path && *path != '/' && aliases >= 0) {
		size_t n = strcspn(path, ":");

		if (n >= sizeof(name))
			return -1;
		memcpy(name, path, n);
		name[n] = '\0';
		path = fdt_string(aliases, name);
	}
	while (path && *path == '/' && node >= 0) {
		size_t n = strcspn(++path, "/:");

		if (n >= sizeof(name))
			return -1;
		memcpy(name, path, n);
		name[n] = '\0';
		node = fdt_child(node, name);
		path += n;
	}
	return path ? node : -1;
}

static const struct serial_driver *driver_of(int node)
{
	for (size_t i = 0; i < DRIVERS; i++)
		for (const char *const *c = drivers[i]->compatible; *c; c++)
			if (fdt_compatible(node, *c))
				return drivers[i];
	return NULL;
}

static int first_uart(void)
{
	for (int n = 0; n < fdt_nodes(); n++)
		if (fdt_enabled(n) && driver_of(n))
			return n;
	return -1;
}

void console_find(void)
{
	const char *wanted = bootarg("console");
	int node = stdout_node();
	struct serial *uart = &console.uart;
	uint64_t base, bytes;

	if (wanted && !strcmp(wanted, "sbi"))
		return;
	if (node < 0 || !driver_of(node))
		node = first_uart();
	if (node < 0 || !fdt_reg(node, 0, &base, &bytes) || mmio_map(base, bytes))
		return;
	uart->reg_bytes = 1;
	(void)fdt_u32(node, "reg-shift", &uart->reg_shift);
	(void)fdt_u32(node, "reg-io-width", &uart->reg_bytes);
	uart->regs.base = (void *)(uintptr_t)base;
	uart->driver = driver_of(node);
	console.node = node;
	uart->driver->init(uart);
	console.have_uart = true;
}

size_t console_room(void)
{
	return console.have_uart ? console.uart.driver->room(&console.uart) : SBI_BURST;
}

bool console_put(const char *text, size_t bytes)
{
	if (!console.have_uart)
		return sbi_console_write(text, bytes);
	console.uart.driver->write(&console.uart, text, bytes);
	return true;
}

int plat_console_read(void)
{
	return console.have_uart ? console.uart.driver->read(&console.uart) : sbi_console_read();
}

static void rested(struct timer *t)
{
	(void)t;
	console.uart.driver->listen(&console.uart, true);
}

// A line that never ends, such as an emulator's at the end of its input, must leave
// time for others.
static void typed(void *arg)
{
	char text[TYPED_BURST];
	size_t n = 0;
	int c;

	(void)arg;
	while (n < sizeof(text) && (c = plat_console_read()) >= 0)
		text[n++] = (char)c;
	console_input(text, n);
	if (n < sizeof(text))
		return;
	console.uart.driver->listen(&console.uart, false);
	timer_arm(&console.rest, time_now_ns() + FLOOD_REST_NS);
}

void console_listen(void)
{
	if (!console.have_uart ||
	    irq_request((unsigned)IRQ_OF_NODE(console.node), typed, NULL, "console"))
		return; // there is only nobody who types
	console.rest.fn = rested;
	console.uart.driver->listen(&console.uart, true);
}
