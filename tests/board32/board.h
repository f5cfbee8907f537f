// A machine with no comforts: one rv32ima hart, RAM from address 0, an 8250, a
// PLIC without priorities, SBI without a console, virtio-mmio with the GPU and
// input models of the simulator in strict mode. The 8250 hears nothing, or zeros
// without end, as of an emulator that takes the end of its input for data.
//
// It is what tests hold the 32-bit image against. Registers answer at their own
// width only, everything that does not exist faults, the timer interrupt is
// pending from the start, and the clock runs 19 times too slow until user code
// has run once, then in steps of 4 ms. Time is counted in instructions (100 to
// the microsecond), devices work in between: a run is the same every time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/model/bus.h"
#include "tests/board32/cpu.h"

enum { BOARD_PLIC = 0xf0000000, BOARD_UART = 0xf4000000u, BOARD_VIRTIO = 0xf4900000u,
       BOARD_VIRTIO_STEP = 0x100000, BOARD_DEVICES = 3, BOARD_UART_IRQ = 1, BOARD_IRQ_FIRST = 7 };

struct sim_vdev;

struct board {
	struct cpu cpu;
	uint8_t *ram;
	uint32_t ram_bytes;
	struct sim_bus bus;
	struct sim_vdev *devices[BOARD_DEVICES]; // at BOARD_VIRTIO + n * step; NULL: none
	bool endless_input;          // set before it runs
	uint32_t lines;              // interrupt lines that are high
	uint32_t plic_pending, plic_enabled, plic_served;
	uint64_t timer;              // ticks
	uint64_t skipped;            // ticks that went by in wfi
	uint32_t hart_faults;        // accesses that nothing answered
};

// `ram_bytes` zeroed bytes at 0. The caller fills in `devices`; the bus is not started, the
// board takes the device thread's part.
bool board_init(struct board *board, uint32_t ram_bytes);
// Runs until the guest switches off (true) or `instructions` are over.
bool board_run(struct board *board, uint64_t instructions);
