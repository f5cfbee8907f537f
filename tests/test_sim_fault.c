// The grammar of --fault and when faults strike (sim/fault.h).
//
// sources: sim/fault.c sim/model/names.c

#include "tests/test.h"

#include <errno.h>
#include <linux/virtio_gpu.h>

#include "sim/fault.h"

static struct sim_faults *parsed(const char *spec)
{
	struct sim_faults *faults = sim_faults_create(1);
	char error[128] = "";

	if (!CHECK_EQ(sim_faults_add(faults, spec, error, sizeof(error)), 0))
		printf("%s: %s\n", spec, error);
	return faults;
}

// "..X." for four times of which the third one strikes.
static const char *strikes(struct sim_faults *faults, enum sim_fault_kind kind)
{
	static char text[9];

	for (unsigned i = 0; i < 8; i++)
		text[i] = sim_fault_hit(faults, kind) ? 'X' : '.';
	return text;
}

static void test_when(void)
{
	static const struct {
		const char *spec, *strikes;
	} rows[] = {
		{ "lost-irq", "XXXXXXXX" },     { "lost-irq@3", "..X....." },
		{ "lost-irq@3-5", "..XXX..." }, { "lost-irq@6+", ".....XXX" },
		{ "lost-irq@1", "X......." },   { "lost-irq@100%", "XXXXXXXX" },
		{ "lost-irq@2,lost-irq@4", ".X.X...." }, { "dup-irq", "........" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim_faults *faults = parsed(rows[i].spec);

		test_note("%s", rows[i].spec);
		CHECK_STR(strikes(faults, SIM_FAULT_LOST_IRQ), rows[i].strikes);
		sim_faults_destroy(faults);
	}
}

static void test_faults_of_a_frame_strike_once(void)
{
	struct sim_faults *faults = parsed("unplug,reset@4,flood=12@2");

	CHECK_STR(strikes(faults, SIM_FAULT_UNPLUG), "X.......");
	CHECK_STR(strikes(faults, SIM_FAULT_RESET), "...X....");
	CHECK_STR(strikes(faults, SIM_FAULT_FLOOD), ".X......");
	CHECK_EQ(sim_fault_value(faults, SIM_FAULT_FLOOD), 12);
	sim_faults_destroy(faults);
}

static void test_answers_are_counted_per_command(void)
{
	struct sim_faults *faults =
		parsed("answer:RESOURCE_FLUSH=ERR_UNSPEC@2,answer:SET_SCANOUT=OUT_OF_MEMORY");

	CHECK_EQ(sim_fault_answer(faults, VIRTIO_GPU_CMD_RESOURCE_FLUSH), 0);
	CHECK_EQ(sim_fault_answer(faults, VIRTIO_GPU_CMD_GET_EDID), 0);
	CHECK_EQ(sim_fault_answer(faults, VIRTIO_GPU_CMD_RESOURCE_FLUSH),
		 VIRTIO_GPU_RESP_ERR_UNSPEC);
	CHECK_EQ(sim_fault_answer(faults, VIRTIO_GPU_CMD_RESOURCE_FLUSH), 0);
	CHECK_EQ(sim_fault_answer(faults, VIRTIO_GPU_CMD_SET_SCANOUT),
		 VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY);
	sim_faults_destroy(faults);

	faults = parsed("no-answer:any@2");
	CHECK(!sim_fault_no_answer(faults, VIRTIO_GPU_CMD_GET_EDID));
	CHECK(sim_fault_no_answer(faults, VIRTIO_GPU_CMD_RESOURCE_FLUSH));
	sim_faults_destroy(faults);
}

static void test_values(void)
{
	struct sim_faults *faults = parsed("delay=250,memory=3M,edid=absurd");

	CHECK_EQ(sim_fault_value(faults, SIM_FAULT_DELAY), 250);
	CHECK_EQ(sim_fault_value(faults, SIM_FAULT_MEMORY), 3 << 20);
	CHECK_EQ(sim_fault_value(faults, SIM_FAULT_EDID), SIM_EDID_ABSURD);
	CHECK_EQ(sim_fault_value(faults, SIM_FAULT_FLOOD), 0);
	CHECK_EQ(sim_fault_value(NULL, SIM_FAULT_DELAY), 0);
	CHECK(!sim_fault_hit(NULL, SIM_FAULT_RESET));
	sim_faults_destroy(faults);
}

static void test_chance_is_seeded(void)
{
	unsigned hits = 0;
	bool same = true;
	char error[80];

	for (unsigned run = 0; run < 2; run++) {
		struct sim_faults *a = sim_faults_create(5), *b = sim_faults_create(5);

		CHECK_EQ(sim_faults_add(a, "lost-irq@25%", error, sizeof(error)), 0);
		CHECK_EQ(sim_faults_add(b, "lost-irq@25%", error, sizeof(error)), 0);
		for (unsigned i = 0; i < 4000; i++) {
			bool hit = sim_fault_hit(a, SIM_FAULT_LOST_IRQ);

			same &= hit == sim_fault_hit(b, SIM_FAULT_LOST_IRQ);
			hits += hit;
		}
		sim_faults_destroy(a);
		sim_faults_destroy(b);
	}
	CHECK(same);
	CHECK(hits > 1800 && hits < 2200);
}

static void test_nonsense_is_refused_with_a_reason(void)
{
	static const char *const rows[] = {
		"", ",", "nothing", "lost-irq@", "lost-irq@0", "lost-irq@x", "lost-irq@5-2",
		"lost-irq@1-", "lost-irq@0%", "lost-irq@101%", "lost-irq@3x", "lost-irq=1",
		"lost-irq:GET_EDID", "answer", "answer:GET_EDID", "answer:GET_EDID=",
		"answer:GET_EDID=NO_SUCH", "answer:NO_SUCH=UNSPEC", "answer=UNSPEC",
		"answer:any=UNSPEC", "no-answer", "no-answer:NO_SUCH", "no-answer:any=1",
		"delay", "delay=", "delay=0", "delay=-1", "delay=1x", "memory=12G", "edid",
		"edid=odd", "edid=fine", "flood", "reset=3", "lost-irq,", "delay=5,,reset",
		"delay=99999999999999999999999",
		"a-name-that-is-much-longer-than-any-fault-could-ever-be-and-so-does-not-even-fit-"
		"into-the-space-for-it",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim_faults *faults = sim_faults_create(1);
		char error[128] = "";

		test_note("\"%s\"", rows[i]);
		CHECK_EQ(sim_faults_add(faults, rows[i], error, sizeof(error)), -EINVAL);
		CHECK(error[0] != '\0');
		sim_faults_destroy(faults);
	}
}

int main(void)
{
	RUN(test_when);
	RUN(test_faults_of_a_frame_strike_once);
	RUN(test_answers_are_counted_per_command);
	RUN(test_values);
	RUN(test_chance_is_seeded);
	RUN(test_nonsense_is_refused_with_a_reason);
	return test_finish();
}
