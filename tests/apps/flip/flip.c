// What showing a picture costs: PAGE_FLIP, and DIRTYFB of little and of all.
//
//	flip [--rounds N] [--still SECONDS]
//
// Times N flips that do not wait for the vblank, the call itself and until its
// event, then N updates of 16x16 pixels and N of everything, in turn; prints
// medians in nanoseconds as one line of JSON, and leaves the last picture for a
// while. tools/bench_flip.py runs it.
#include <drm.h>
#include <drm_mode.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/kit/card.h"
#include "apps/kit/display.h"
#include "apps/kit/kit.h"

enum {
	ROUNDS_MAX = 10000,
	WAIT_MS = 1000,
	SMALL = 16,
};

static struct {
	long rounds, still;
	struct kit_display display;
	uint32_t call_ns[ROUNDS_MAX], event_ns[ROUNDS_MAX];
	uint32_t small_ns[ROUNDS_MAX], whole_ns[ROUNDS_MAX];
} flip = { .rounds = 200 };

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned long median(uint32_t *ns)
{
	qsort(ns, (size_t)flip.rounds, sizeof(*ns), by_size);
	return ns[flip.rounds / 2];
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

// Until the display says that the flip is done.
static int wait_flip(void)
{
	struct pollfd p = { .fd = kit_display_fd(&flip.display), .events = POLLIN };

	while (flip.display.pending >= 0) {
		if (poll(&p, 1, WAIT_MS) != 1 || kit_display_dispatch(&flip.display))
			return fail("no flip event");
	}
	return 0;
}

static int time_flip(long round)
{
	int buffer = kit_display_acquire(&flip.display);
	uint64_t start = kit_now_ns();

	if (kit_display_present(&flip.display, buffer))
		return fail("PAGE_FLIP");
	flip.call_ns[round] = (uint32_t)(kit_now_ns() - start);
	if (wait_flip())
		return 1;
	flip.event_ns[round] = (uint32_t)(kit_now_ns() - start);
	return 0;
}

static int time_dirty(uint16_t width, uint16_t height, uint32_t *ns)
{
	struct drm_clip_rect clip = { .x1 = 32, .y1 = 32, .x2 = width, .y2 = height };
	struct drm_mode_fb_dirty_cmd dirty = {
		.fb_id = flip.display.buffers[flip.display.shown].fb_id,
		.num_clips = 1,
		.clips_ptr = kit_user_pointer(&clip),
	};
	uint64_t start = kit_now_ns();

	if (width == flip.display.mode.hdisplay)
		clip.x1 = clip.y1 = 0;
	if (kit_card_ioctl(kit_display_fd(&flip.display), DRM_IOCTL_MODE_DIRTYFB, &dirty))
		return fail("DIRTYFB");
	*ns = (uint32_t)(kit_now_ns() - start);
	return 0;
}

static int measure(void)
{
	const struct drm_mode_modeinfo *mode = &flip.display.mode;

	// The first sets the mode.
	if (kit_display_present(&flip.display, kit_display_acquire(&flip.display)) || wait_flip())
		return fail("SETCRTC");
	for (long i = 0; i < flip.rounds; i++) {
		if (time_flip(i))
			return 1;
	}
	for (long i = 0; i < flip.rounds; i++) {
		if (time_dirty(32 + SMALL, 32 + SMALL, &flip.small_ns[i]) ||
		    time_dirty(mode->hdisplay, mode->vdisplay, &flip.whole_ns[i]))
			return 1;
	}
	printf("flip: {\"width\":%d,\"height\":%d,\"rounds\":%ld,\"call\":%lu,\"event\":%lu,"
	       "\"small\":%lu,\"whole\":%lu}\n", mode->hdisplay, mode->vdisplay, flip.rounds,
	       median(flip.call_ns), median(flip.event_ns), median(flip.small_ns),
	       median(flip.whole_ns));
	return 0;
}

int main(int argc, char **argv)
{
	const struct kit_option options[] = {
		{ .name = "rounds", .type = KIT_OPTION_NUMBER, .value = &flip.rounds, .min = 1,
		  .max = ROUNDS_MAX, .help = "how often each (200)" },
		{ .name = "still", .type = KIT_OPTION_NUMBER, .value = &flip.still,
		  .min = 0, .max = 3600, .help = "seconds to stay afterwards (0)" },
	};
	const struct kit_program program = {
		.name = "flip", .summary = "times flips and updates",
		.options = options, .option_count = sizeof(options) / sizeof(options[0]),
	};
	struct kit_options common = { 0 };
	int status;

	if (!kit_options_parse(&program, argc, argv, &common, &status))
		return status;
	if (kit_display_init(&flip.display, 2, true))
		return 1;
	status = measure();
	if (!status && flip.still) {
		printf("flip: still\n");
		sleep((unsigned)flip.still);
	}
	kit_display_fini(&flip.display);
	return status;
}
