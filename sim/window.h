// The windows: one per scanout, kept by the main thread with SDL.
//
// They take pictures out of the mailboxes and hand mouse, keys and new sizes to
// the devices; they never touch the state of either side.
#pragma once

#include <stdbool.h>

struct sim_machine;
struct sim_options;

// Main thread, before the machine runs. False: there is no display to open one on.
bool sim_window_open(struct sim_machine *machine, const struct sim_options *options);
// A mailbox has news. Any thread.
void sim_window_news(void *unused);
// Until the power goes off; its status. Main thread.
int sim_window_run(void);
void sim_window_close(void);
