// Building, running and taking apart the machine. See machine.h.

#include "sim/machine.h"

#include <inttypes.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/device.h"
#include "kernel/main.h"
#include "sim/fault.h"
#include "sim/leave.h"
#include "sim/model/vdev.h"
#include "sim/options.h"
#include "sim/platform.h"
#include "sim/png.h"
#include "sim/script.h"
#include "sim/trace.h"

enum {
	// Input before the GPU: what the user did by a frame is there when the app
	// hears that the frame is shown, so that --input is the same each time.
	IRQ_INPUT = 1,       // and the following
	IRQ_GPU = IRQ_INPUT + SIM_INPUT_KINDS,
	REGISTERS_BYTES = 0x200,
};

static struct sim_machine *found; // what plat_find_devices() reports

// ---- what happens at a presented frame

static void plug(struct sim_machine *machine, bool plugged)
{
	struct sim_display d = sim_gpu_display(machine->gpu, 0);

	d.enabled = plugged;
	sim_gpu_set_display(machine->gpu, 0, &d);
}

// Keys and motion, each key let go again.
static void flood(struct sim_machine *machine, uint64_t events)
{
	for (uint64_t i = 0; i < events; i++) {
		uint16_t key = (uint16_t)(KEY_A + i / 2 % 9);

		sim_input_key(machine->inputs[SIM_KEYBOARD], key, !(i & 1));
		sim_input_position(machine->inputs[SIM_TABLET],
				   (int32_t)(i * 97 % SIM_TABLET_MAX),
				   (int32_t)(i * 57 % SIM_TABLET_MAX));
		sim_input_motion(machine->inputs[SIM_MOUSE], i & 1 ? 3 : -3, 1);
	}
}

static void frame_faults(struct sim_machine *machine)
{
	if (sim_fault_hit(machine->faults, SIM_FAULT_UNPLUG))
		plug(machine, false);
	if (sim_fault_hit(machine->faults, SIM_FAULT_PLUG))
		plug(machine, true);
	if (sim_fault_hit(machine->faults, SIM_FAULT_FLOOD))
		flood(machine, sim_fault_value(machine->faults, SIM_FAULT_FLOOD));
	if (sim_fault_hit(machine->faults, SIM_FAULT_RESET))
		sim_vdev_break(sim_gpu_vdev(machine->gpu), "fault: reset");
}

static void act(struct sim_machine *machine, const struct sim_action *action)
{
	struct sim_input *input = machine->inputs[action->device];

	switch (action->kind) {
	case SIM_ACTION_KEY:
		sim_input_key(input, (uint16_t)action->a, action->b);
		break;
	case SIM_ACTION_POSITION:
		sim_input_position(input, action->a, action->b);
		break;
	case SIM_ACTION_MOTION:
		sim_input_motion(input, action->a, action->b);
		break;
	}
	// At once, or the next one would be merged with it.
	while (sim_vdev_step(sim_input_vdev(input)))
		;
}

static void print_crc(struct sim_machine *machine, unsigned scanout)
{
	struct sim_rect source;
	struct sim_image *image = sim_mailbox_peek(&machine->mailboxes[scanout], &source);

	if (image)
		printf("crc: %u %" PRIu64 " %08x\n", scanout, machine->frames,
		       sim_image_crc(image, source));
	sim_image_put(image);
}

static void presented(void *priv, unsigned scanout)
{
	struct sim_machine *machine = priv;
	const struct sim_options *o = machine->options;
	struct sim_action action;

	if (o->frames && machine->frames == o->frames)
		return;
	machine->frames++;
	if (o->crc)
		print_crc(machine, scanout);
	frame_faults(machine);
	while (sim_script_next(machine->script, machine->frames, &action))
		act(machine, &action);
	if (machine->frames == o->frames) {
		if (o->screenshot)
			machine->screenshot_missed =
				!sim_machine_screenshot(machine, scanout, o->screenshot);
		sim_leave_ask(0);
	}
}

// ---- pictures

// Takes the reference to `image`, which may be NULL.
static bool save(struct sim_image *image, struct sim_rect source, unsigned scanout,
		 const char *path)
{
	int ret;

	if (!image) {
		fprintf(stderr, "sim: scanout %u shows nothing: no %s\n", scanout, path);
		return false;
	}
	ret = sim_png_save(path, image, source);
	sim_image_put(image);
	if (ret)
		fprintf(stderr, "sim: %s: %s\n", path, strerror(-ret));
	return ret == 0;
}

bool sim_machine_screenshot(struct sim_machine *machine, unsigned scanout, const char *path)
{
	struct sim_rect source;
	struct sim_image *image = sim_mailbox_peek(&machine->mailboxes[scanout], &source);

	return save(image, source, scanout, path);
}

// ---- life

static bool create_faults(struct sim_machine *machine)
{
	char error[384];

	machine->faults = sim_faults_create(machine->options->seed);
	if (!machine->faults)
		return false;
	for (unsigned i = 0; i < machine->options->fault_count; i++) {
		const char *spec = machine->options->faults[i];

		if (sim_faults_add(machine->faults, spec, error, sizeof(error))) {
			fprintf(stderr, "sim: --fault %s: %s\n", spec, error);
			return false;
		}
	}
	return true;
}

static bool read_script(struct sim_machine *machine)
{
	const char *path = machine->options->input;
	char error[384];

	if (!path)
		return true;
	machine->script = sim_script_read(path, error, sizeof(error));
	if (!machine->script)
		fprintf(stderr, "sim: --input %s: %s\n", path, error);
	return machine->script;
}

static bool create_devices(struct sim_machine *machine)
{
	const struct sim_options *o = machine->options;
	const struct sim_gpu_options gpu = {
		.irq = IRQ_GPU,
		.legacy = o->legacy,
		.scanouts = o->scanouts,
		.display = { o->width, o->height, o->hz, true },
		.mailboxes = machine->mailboxes,
		.trace = machine->trace,
		.presented = presented,
		.priv = machine,
	};

	machine->gpu = sim_gpu_create(&machine->bus, &gpu);
	if (!machine->gpu)
		return false;
	for (unsigned kind = 0; kind < SIM_INPUT_KINDS; kind++) {
		machine->inputs[kind] = sim_input_create(&machine->bus, (enum sim_input_kind)kind,
							 IRQ_INPUT + kind, o->legacy);
		if (!machine->inputs[kind])
			return false;
	}
	return true;
}

static bool create_ram(struct sim_machine *machine)
{
	int ret = sim_ram_create(machine->options->ram_bytes,
				 machine->options->noncoherent);

	if (ret)
		fprintf(stderr, "sim: no memory for --ram: %s\n", strerror(-ret));
	machine->bus.memory = (struct sim_memory){ sim_ram_of_devices(), sim_ram_bus_address(),
						   sim_ram_bytes() };
	return ret == 0;
}

bool sim_machine_start(struct sim_machine *machine, const struct sim_options *options,
		       void (*notify)(void *priv), void *priv)
{
	memset(machine, 0, sizeof(*machine));
	machine->options = options;
	if (!create_faults(machine) || !read_script(machine) || !create_ram(machine))
		return false;
	if (options->trace) {
		machine->trace = sim_trace_open(options->trace);
		if (!machine->trace) {
			perror(options->trace);
			return false;
		}
	}
	for (unsigned i = 0; i < options->scanouts; i++)
		sim_mailbox_init(&machine->mailboxes[i], notify, priv);
	machine->bus.faults = machine->faults;
	machine->bus.strict = options->strict;
	machine->bus.irq = sim_irq_line;
	sim_bus_init(&machine->bus);
	if (!create_devices(machine) || sim_bus_start(&machine->bus)) {
		fprintf(stderr, "sim: no memory for the devices\n");
		return false;
	}
	found = machine;
	return true;
}

bool sim_machine_stop(struct sim_machine *machine)
{
	const struct sim_options *o = machine->options;

	sim_bus_stop(&machine->bus);
	if (o->screenshot && (!o->frames || machine->frames < o->frames)) {
		struct sim_rect source;
		// The app may have turned the screen off on its way out.
		struct sim_image *image = sim_mailbox_last(&machine->mailboxes[0], &source);

		machine->screenshot_missed = !save(image, source, 0, o->screenshot);
	}
	sim_trace_close(machine->trace);
	machine->trace = NULL;
	return !machine->screenshot_missed;
}

// ---- the kernel's question (kernel/main.h)

void plat_find_devices(void)
{
	for (unsigned i = 0; i < found->bus.device_count; i++) {
		struct sim_vdev *v = found->bus.devices[i];
		struct device dev = {
			.compatible = "virtio,mmio",
			.regs = { .device = v },
			.regs_bytes = REGISTERS_BYTES,
			.irq = (int)v->irq,
			.fdt_node = -1,
		};

		(void)snprintf(dev.name, sizeof(dev.name), "virtio_mmio@%u", i);
		device_add(&dev);
	}
}

void plat_irq_start(void)
{
	// They come from the beginning.
}

void plat_start_rest(void)
{
	// A process has all it needs.
}
