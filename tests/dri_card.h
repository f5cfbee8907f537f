// What several tests of the DRM core begin and end with: a card and a buffer object.
#pragma once

#include "tests/dri_fake.h"

static struct file *card;
static uint32_t bo; // 64x64

static void start(void)
{
	card = open_card();
	bo = make_bo(card, 64, 64);
}

static void stop(void)
{
	close_card(card);
}

__attribute__((unused))
static struct drm_mode_fb_cmd2 good_fb(void)
{
	return fb_64x64(bo);
}
