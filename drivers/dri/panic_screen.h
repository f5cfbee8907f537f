// A panic's text over the picture that is on the screen.
#pragma once

struct dri_device;

// From now on panics are shown on the first CRTC of `dev` that is on.
void dri_panic_screen_init(struct dri_device *dev);
