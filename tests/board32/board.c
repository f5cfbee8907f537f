// Devices, firmware and clock around the hart. See board.h.

#include "tests/board32/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/vdev.h"

#define HZ 65000000u
#define TICKS(instructions) ((instructions) * 65 / 100)
#define CLOCK_STEP 260000u // 4 ms
#define CLOCK_SLOWNESS 19
#define CONFIG 0x100       // of a virtio device: its own to judge the width
#define SLICE 500          // instructions between looks at the interrupt lines

enum { A0 = 10, A1, A6 = 16, A7 };
enum { SBI_NOT_SUPPORTED = -2 };

// ---- clock ------------------------------------------------------------------

static uint64_t exact_time(const struct board *b)
{
	return TICKS(b->cpu.instructions) + b->skipped;
}

static uint64_t board_time(void *priv)
{
	struct board *b = priv;

	if (!b->cpu.user_has_run)
		return exact_time(b) / CLOCK_SLOWNESS;
	return exact_time(b) / CLOCK_STEP * CLOCK_STEP;
}

// ---- interrupt controller: word registers, no priorities --------------------

static void plic_update(struct board *b)
{
	b->plic_pending |= b->lines & ~b->plic_served;
	b->plic_served |= b->lines;
	if (b->plic_pending & b->plic_enabled)
		b->cpu.sip |= CPU_IRQ_EXTERNAL;
	else
		b->cpu.sip &= ~(uint32_t)CPU_IRQ_EXTERNAL;
}

static bool plic_load(struct board *b, uint32_t offset, uint32_t *value)
{
	uint32_t ready = b->plic_pending & b->plic_enabled;

	*value = 0;
	switch (offset) {
	case 0x1000:
		*value = b->plic_pending;
		return true;
	case 0x2000:
		*value = b->plic_enabled;
		return true;
	case 0x200004:
		if (ready) {
			*value = 31 - (uint32_t)__builtin_clz(ready);
			b->plic_pending &= ~(1u << *value);
		}
		plic_update(b);
		return true;
	default:
		return offset == 0x200000 || (offset >= 4 && offset < 128);
	}
}

static bool plic_store(struct board *b, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case 0x2000:
		b->plic_enabled = value & ~1u;
		break;
	case 0x200004:
		if (value < 32)
			b->plic_served &= ~(1u << value);
		break;
	default:
		return offset == 0x200000 || (offset >= 4 && offset < 128);
	}
	plic_update(b);
	return true;
}

static void set_line(void *priv, unsigned irq, bool level)
{
	struct board *b = priv;

	if (level)
		b->lines |= 1u << irq;
	else
		b->lines &= ~(1u << irq);
}

// ---- bus --------------------------------------------------------------------

static uint8_t *ram_page(void *priv, uint32_t address)
{
	struct board *b = priv;

	return address < b->ram_bytes ? b->ram + (address & ~4095u) : NULL;
}

static struct sim_vdev *device_at(struct board *b, uint32_t address, uint32_t *offset)
{
	uint32_t n = (address - BOARD_VIRTIO) / BOARD_VIRTIO_STEP;

	*offset = (address - BOARD_VIRTIO) % BOARD_VIRTIO_STEP;
	return address >= BOARD_VIRTIO && n < BOARD_DEVICES && *offset < 0x200 ?
	       b->devices[n] : NULL;
}

static bool wrong_width(unsigned bytes, unsigned want, bool *misaligned)
{
	*misaligned = bytes != want;
	return *misaligned;
}

static bool bus_load(void *priv, uint32_t address, unsigned bytes, uint32_t *value,
                     bool *misaligned)
{
	struct board *b = priv;
	struct sim_vdev *dev;
	uint32_t offset;

	dev = device_at(b, address, &offset);
	if (address >= BOARD_UART && address < BOARD_UART + 8) {
		*value = address == BOARD_UART + 5 ? 0x60 | b->endless_input : 0;
		return !wrong_width(bytes, 1, misaligned);
	}
	if (dev && offset >= CONFIG) {
		*value = sim_vdev_read(dev, offset, bytes);
		return true;
	}
	if (wrong_width(bytes, 4, misaligned))
		return false;
	if (dev) {
		*value = sim_vdev_read(dev, offset, 4);
		return true;
	}
	if (address >= BOARD_PLIC && address < BOARD_PLIC + 0x4000000 &&
	    plic_load(b, address - BOARD_PLIC, value))
		return true;
	b->hart_faults++;
	return false;
}

static bool bus_store(void *priv, uint32_t address, unsigned bytes, uint32_t value,
                      bool *misaligned)
{
	struct board *b = priv;
	struct sim_vdev *dev;
	uint32_t offset;

	dev = device_at(b, address, &offset);
	if (address >= BOARD_UART && address < BOARD_UART + 8) {
		if (wrong_width(bytes, 1, misaligned))
			return false;
		if (address == BOARD_UART)
			putchar((int)(value & 0xff));
		if (address == BOARD_UART + 1)
			set_line(b, BOARD_UART_IRQ, b->endless_input && value & 1);
		return true;
	}
	if (dev && offset >= CONFIG) {
		sim_vdev_write(dev, offset, value, bytes);
		return true;
	}
	if (wrong_width(bytes, 4, misaligned))
		return false;
	if (dev) {
		sim_vdev_write(dev, offset, value, 4);
		return true;
	}
	if (address >= BOARD_PLIC && address < BOARD_PLIC + 0x4000000 &&
	    plic_store(b, address - BOARD_PLIC, value))
		return true;
	b->hart_faults++;
	return false;
}

// ---- firmware: BASE, TIME, IPI, RFENCE, HSM, SRST of SBI 2.0 ------------------

static void board_sbi(void *priv, struct cpu *cpu)
{
	struct board *b = priv;
	uint32_t *x = cpu->x, fid = x[A6], arg = x[A0];

	x[A0] = 0;
	switch (x[A7]) {
	case 0x10:
		x[A1] = fid == 0 ? 2u << 24 : fid == 1 ? 0x999 : 0;
		if (fid == 3)
			x[A1] = arg == 0x10 || arg == 0x54494d45 || arg == 0x735049 ||
			        arg == 0x52464e43 || arg == 0x48534d || arg == 0x53525354;
		break;
	case 0x54494d45:
		b->timer = (uint64_t)x[A1] << 32 | arg;
		break;
	case 0x52464e43:
		cpu_flush_tlb(cpu);
		break;
	case 0x735049:
		cpu->sip |= CPU_IRQ_SOFT;
		break;
	case 0x48534d:
		x[A0] = (uint32_t)-3; // there is no other hart
		break;
	case 0x53525354:
		cpu->stopped = true;
		break;
	default:
		x[A0] = (uint32_t)SBI_NOT_SUPPORTED;
	}
}

// ---- the machine ------------------------------------------------------------

bool board_init(struct board *b, uint32_t ram_bytes)
{
	static const struct cpu_bus bus = {
		.ram_page = ram_page, .load = bus_load, .store = bus_store, .sbi = board_sbi,
		.time = board_time,
	};

	memset(b, 0, sizeof(*b));
	b->ram = calloc(1, ram_bytes);
	b->ram_bytes = ram_bytes;
	cpu_init(&b->cpu, &bus, b, 0);
	b->bus = (struct sim_bus){
		.memory = { .base = b->ram, .address = 0, .bytes = ram_bytes },
		.strict = true, .irq = set_line, .irq_priv = b,
	};
	sim_bus_init(&b->bus);
	return b->ram;
}

// The devices work here, between two looks at the hart: every run is the same.
static void serve_devices(struct board *b)
{
	pthread_mutex_lock(&b->bus.work);
	for (unsigned i = 0; i < BOARD_DEVICES; i++)
		while (b->devices[i] && sim_vdev_step(b->devices[i]))
			;
	pthread_mutex_unlock(&b->bus.work);
}

// In wfi time jumps to the timer. Devices have nothing to do by then: without a
// timer nothing would ever happen again.
static void idle(struct board *b)
{
	serve_devices(b);
	plic_update(b);
	if (b->cpu.sip & b->cpu.sie)
		return;
	if (b->timer == UINT64_MAX)
		b->cpu.stopped = true;
	else if (b->timer > board_time(b))
		b->skipped += b->timer - board_time(b);
}

bool board_run(struct board *b, uint64_t instructions)
{
	while (!b->cpu.stopped && b->cpu.instructions < instructions) {
		serve_devices(b);
		plic_update(b);
		if (board_time(b) >= b->timer)
			b->cpu.sip |= CPU_IRQ_TIMER;
		else
			b->cpu.sip &= ~(uint32_t)CPU_IRQ_TIMER;
		cpu_run(&b->cpu, SLICE);
		if (b->cpu.waiting && !(b->cpu.sip & b->cpu.sie))
			idle(b);
	}
	fflush(stdout);
	return b->cpu.stopped;
}
