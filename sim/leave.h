// Leaving in good order: the app is told first, then has some time.
//
// An app learns it by the power button (KEY_POWER, pressed and released) and, if
// it has a handler for SIGTERM, by that. What has not turned the power off two
// seconds later, or at a second request, is turned off, which is said.
#pragma once

struct sim_machine;

// SIGINT and SIGTERM to this process ask to leave from now on. 0 or -errno.
int sim_leave_init(struct sim_machine *machine);
// `status` is the process's if the app does not leave by itself. The first one counts.
void sim_leave_ask(int status); // any thread, signal handlers too
