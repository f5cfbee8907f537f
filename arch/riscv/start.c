// From the first C function to kernel_main(): what must stand, in what order.

#include <string.h>

#include "arch/riscv/console.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/dma.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/irq.h"
#include "arch/riscv/memory.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/power.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/time.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/device.h"
#include "kernel/fdt.h"
#include "kernel/main.h"
#include "kernel/panic.h"
#include "kernel/phase.h"
#include "libc/nodes.h"

static struct thread first_idle;

_Noreturn void arch_start(unsigned long hartid, uintptr_t fdt_address, uint64_t start_ticks);

// boot/entry.S runs on it before .bss is clear.
__asm__(".pushsection .noinit, \"aw\", @nobits\n"
        ".balign 16\n"
        ".globl boot_stack, boot_stack_top\n"
        "boot_stack: .skip 16384\n"
        "boot_stack_top:\n"
        ".popsection");

static const char *chosen_bootargs(void)
{
	int chosen = fdt_child(0, "chosen");
	const char *args = chosen >= 0 ? fdt_string(chosen, "bootargs") : NULL;

	return args ? args : "";
}

static uint32_t timebase_hz(void)
{
	int cpus = fdt_child(0, "cpus");
	uint32_t hz = 0;

	if (cpus >= 0)
		(void)fdt_u32(cpus, "timebase-frequency", &hz);
	return hz;
}

// Of those that we have a driver for.
static bool has_noncoherent_device(void)
{
	for (const struct driver *const *d = drivers; *d; d++)
		for (const char *const *c = (*d)->compatible; *c; c++)
			for (int n = -1; (n = fdt_find_compatible(*c, n)) >= 0; )
				if (dma_is_noncoherent(n))
					return true;
	return false;
}

void arch_start(unsigned long hartid, uintptr_t fdt_address, uint64_t start_ticks)
{
	hart_adopt_boot(hartid);
	threads_init();
	clock_init(start_ticks, 0);
	if (fdt_open((const void *)fdt_address))
		panic("no device tree at 0x%lx (the firmware passes its address in a1)",
		      (unsigned long)fdt_address);
	// First of all: OpenSBI 1.1 lets a hart that is not started spin, and on an
	// emulator with fewer processors than harts it takes our time.
	harts_call(hartid);
	clock_init(start_ticks, timebase_hz()); // times before that were of a guess
	phase_end("entry");
	if (memory_init(fdt_address))
		panic("the device tree describes no usable memory");
	paging_init();
	if (fdt_any_noncoherent() && has_noncoherent_device())
		dma_init();
	phase_end("memory");
	bootargs_parse(chosen_bootargs());
	kernel_set_log_level();
	console_early();
	power_init();
	phase_end("arguments");
	if (thread_idle_init(&harts[0], &first_idle))
		panic("no memory for the first thread");
	timer_choose();
	timer_hart_init();
	csr_write(sie, SIE_SSIE | SIE_STIE);
	csr_set(sstatus, SSTATUS_SIE);
	phase_end("timer");
	if (libc_start())
		panic("no memory for the first descriptors");
	phase_end("libc");
	kernel_main();
}

int mmio_open(struct mmio *out, uint64_t address, size_t bytes)
{
	int ret = mmio_map(address, bytes);

	if (!ret)
		out->base = (void *)(uintptr_t)address;
	return ret;
}

// False if it cannot be used.
static bool reachable(int node, const char *compatible, uint64_t base, uint64_t bytes)
{
	if (dma_is_hopeless() && dma_is_noncoherent(node)) {
		pr_err("%s: not used: its DMA goes past the caches, and the CPU offers neither "
		       "Svpbmt nor Zicbom", fdt_name(node));
		return false;
	}
	return !(strcmp(compatible, "simple-framebuffer") ? mmio_map(base, bytes)
	                                                  : picture_map(base, bytes));
}

static void add_device(int node, const char *compatible)
{
	struct device dev = { .compatible = compatible, .fdt_node = node };
	uint64_t base, bytes;

	if (!fdt_reg(node, 0, &base, &bytes) || !reachable(node, compatible, base, bytes))
		return;
	dev.irq = IRQ_OF_NODE(node);
	dev.regs.base = (void *)(uintptr_t)base;
	dev.regs_bytes = (size_t)bytes;
	strncpy(dev.name, fdt_name(node), sizeof(dev.name) - 1);
	device_add(&dev);
}

void plat_find_devices(void)
{
	dma_report();
	for (const struct driver *const *d = drivers; *d; d++)
		for (const char *const *c = (*d)->compatible; *c; c++)
			for (int n = -1; (n = fdt_find_compatible(*c, n)) >= 0; )
				add_device(n, *c);
}

void plat_irq_start(void)
{
	irq_start();
}

void plat_start_rest(void)
{
	console_start();
	irq_start();
	harts_start();
	console_listen();
	if (libc_start_rest())
		panic("no memory for /tmp");
}
