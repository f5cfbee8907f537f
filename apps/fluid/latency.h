// From input to photon: how long until what the user did is on the screen.
//
//	for each frame:
//		latency_shown(&latency, &kit.display);  what has been shown by now
//		latency_event(&latency, event.time_us); for each event it takes in
//		... draw, kit_frame_end ...
//		latency_drawn(&latency);
//	latency_print(&latency);
//
// A sample is a frame that took in input: from the kernel's time of its oldest
// event to the time of the flip that showed the frame, and how many flips were
// completed meanwhile, that one included. Both times are the kernel's, so the
// app's own delays cannot hide. Allocates nothing.
#pragma once

#include <stdint.h>

struct kit_display;

enum {
	LATENCY_SAMPLES = 512, // later ones are not kept
	LATENCY_FLIPS = 8,     // remembered: more than that is this many
};

struct latency {
	uint64_t waiting_us;  // oldest event of the frame being drawn, 0: none
	uint64_t drawn_us;    // the same of the frame being flipped
	uint64_t flips;       // seen so far
	uint64_t shown_us[LATENCY_FLIPS]; // of the last ones
	uint32_t length_us[LATENCY_SAMPLES];
	uint32_t frames[LATENCY_SAMPLES];
	int count;
};

void latency_shown(struct latency *latency, const struct kit_display *display);
void latency_event(struct latency *latency, uint64_t time_us);
void latency_drawn(struct latency *latency);

// The line "latency: {json}": inputs, and of frames and milliseconds the median
// and the worst. Sorts the samples.
void latency_print(struct latency *latency);
