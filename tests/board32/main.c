// board32: runs a 32-bit image on the machine of board.h.
//
//   board32 IMAGE DTB [--ram MIB] [--frames N] [--escape-after N] [--png FILE]
//                     [--instructions MILLIONS] [--endless-input 1]
//
// IMAGE is put at address 0, DTB a megabyte below the end of RAM. Serial output
// is standard output. Exits 0 when the guest switched off or N frames were shown,
// 2 when the instructions ran out.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/input-event-codes.h>

#include "sim/mailbox.h"
#include "sim/model/gpu.h"
#include "sim/model/input.h"
#include "sim/png.h"
#include "tests/board32/board.h"

enum { GPU = 2 };

static struct {
	struct board board;
	struct sim_mailbox mailbox;
	struct sim_input *keyboard, *mouse;
	unsigned frames;
	long frames_max, escape_after;
} run;

static void presented(void *priv, unsigned scanout)
{
	(void)priv, (void)scanout;
	run.frames++;
	if (run.escape_after && run.frames == run.escape_after) {
		sim_input_key(run.keyboard, KEY_ESC, true);
		sim_input_key(run.keyboard, KEY_ESC, false);
	}
	if (run.frames_max && run.frames == run.frames_max)
		run.board.cpu.stopped = true;
}

static bool load_file(const char *name, uint32_t at)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	if (!f) {
		perror(name);
		return false;
	}
	n = fread(run.board.ram + at, 1, run.board.ram_bytes - at, f);
	fclose(f);
	return n > 0;
}

static bool plug_devices(void)
{
	struct sim_gpu_options options = {
		.irq = BOARD_IRQ_FIRST + GPU, .scanouts = 1, .display = { 640, 480, 60, true },
		.mailboxes = &run.mailbox, .presented = presented,
	};
	struct board *b = &run.board;
	struct sim_gpu *gpu;

	sim_mailbox_init(&run.mailbox, NULL, NULL);
	run.keyboard = sim_input_create(&b->bus, SIM_KEYBOARD, BOARD_IRQ_FIRST, false);
	run.mouse = sim_input_create(&b->bus, SIM_MOUSE, BOARD_IRQ_FIRST + 1, false);
	gpu = sim_gpu_create(&b->bus, &options);
	if (!run.keyboard || !run.mouse || !gpu)
		return false;
	b->devices[0] = sim_input_vdev(run.keyboard);
	b->devices[1] = sim_input_vdev(run.mouse);
	b->devices[GPU] = sim_gpu_vdev(gpu);
	return true;
}

static void save(const char *name)
{
	struct sim_rect source;
	struct sim_image *image = sim_mailbox_peek(&run.mailbox, &source);

	if (!image || sim_png_save(name, image, source))
		fprintf(stderr, "board32: no picture for %s\n", name);
	sim_image_put(image);
}

static const char *option(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 3; i + 1 < argc; i += 2)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return fallback;
}

int main(int argc, char **argv)
{
	const char *png, *millions;
	uint32_t ram;
	bool ended;

	if (argc < 3) {
		fprintf(stderr, "usage: board32 IMAGE DTB [--ram MIB] [--frames N] "
		        "[--escape-after N] [--png FILE] [--instructions MILLIONS] "
		        "[--endless-input 1]\n");
		return 1;
	}
	ram = (uint32_t)atol(option(argc, argv, "--ram", "64")) << 20;
	run.frames_max = atol(option(argc, argv, "--frames", "0"));
	run.escape_after = atol(option(argc, argv, "--escape-after", "0"));
	png = option(argc, argv, "--png", NULL);
	if (!board_init(&run.board, ram) || !load_file(argv[1], 0) ||
	    !load_file(argv[2], ram - (1u << 20)) || !plug_devices())
		return 1;
	run.board.endless_input = *option(argc, argv, "--endless-input", "0") == '1';
	run.board.cpu.x[11] = ram - (1u << 20);
	millions = option(argc, argv, "--instructions", "2000");
	ended = board_run(&run.board, strtoull(millions, NULL, 10) * 1000000);
	if (png)
		save(png);
	fprintf(stderr, "board32: %s after %llu million instructions, %u frames, "
	        "%u stray accesses, %llu guest errors\n", ended ? "off" : "stopped",
	        (unsigned long long)run.board.cpu.instructions / 1000000, run.frames,
	        run.board.hart_faults, (unsigned long long)run.board.bus.guest_errors);
	return ended ? 0 : 2;
}
