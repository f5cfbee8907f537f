// Faults on demand: what --fault SPEC asks the device model to do wrong.
//
// SPEC is one or more faults with commas between; --fault may be repeated.
// NAME, then what it needs, then when:
//
//   answer:COMMAND=ERROR   answers COMMAND with ERROR, without doing it
//                          (answer:TRANSFER_TO_HOST_2D=OUT_OF_MEMORY@5)
//   no-answer:COMMAND      does it and never answers; COMMAND may be `any`
//   short-used             tells the driver half of the bytes written
//   lost-irq               forgets an interrupt
//   dup-irq                raises an interrupt twice
//   delay=MICROSECONDS     takes at least so long for every command
//   memory=BYTES           has no more for resources (K and M may follow)
//   reset                  breaks down (NEEDS_RESET) at frame n
//   unplug, plug           takes the display away, gives it back at frame n
//   flood=EVENTS           sends so many input events at frame n
//   edid=KIND              zero, absurd, checksum, short or none
//
// When: @N the Nth time, @N-M from the Nth to the Mth, @N+ from the Nth on,
// @P% with that probability (--seed decides which). A time is a command, an
// interrupt or a presented frame, as the fault has it, from 1. Without a when:
// every time, and for what happens at a frame, @1.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_fault_kind {
	SIM_FAULT_ANSWER,
	SIM_FAULT_NO_ANSWER,
	SIM_FAULT_SHORT_USED,
	SIM_FAULT_LOST_IRQ,
	SIM_FAULT_DUP_IRQ,
	SIM_FAULT_DELAY,
	SIM_FAULT_MEMORY,
	SIM_FAULT_RESET,
	SIM_FAULT_UNPLUG,
	SIM_FAULT_PLUG,
	SIM_FAULT_FLOOD,
	SIM_FAULT_EDID,
	SIM_FAULT_KINDS,
};

enum sim_fault_edid {
	SIM_EDID_FINE,
	SIM_EDID_ZERO,     // 128 bytes of nothing
	SIM_EDID_ABSURD,   // right checksum, impossible timings
	SIM_EDID_CHECKSUM, // right but for the checksum
	SIM_EDID_SHORT,    // the answer says 0 bytes
	SIM_EDID_NONE,     // the feature is not offered
};

struct sim_faults;

// Both questions below accept NULL for "no faults".
struct sim_faults *sim_faults_create(uint64_t seed); // NULL: no memory
void sim_faults_destroy(struct sim_faults *faults);
// Parses SPEC and adds what it says: 0, or -EINVAL with a reason in `error`.
int sim_faults_add(struct sim_faults *faults, const char *spec, char *error, size_t bytes);

// ---- asked by the model, on the device thread; each question is one "time"

// The answer that must be given to this command instead, or 0.
uint32_t sim_fault_answer(struct sim_faults *faults, uint32_t command);
bool sim_fault_no_answer(struct sim_faults *faults, uint32_t command);
// For SHORT_USED, LOST_IRQ, DUP_IRQ and, once per frame, RESET, UNPLUG, PLUG, FLOOD.
bool sim_fault_hit(struct sim_faults *faults, enum sim_fault_kind kind);
// The value of a kind that has one, 0 without such a fault. Any thread.
uint64_t sim_fault_value(const struct sim_faults *faults, enum sim_fault_kind kind);
