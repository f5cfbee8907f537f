// The kernel's boot order, the same everywhere once the platform stands.
#pragma once

// Needs: pages, threads, time, console, boot arguments parsed. Brings devices
// up, starts the app on a thread of its own, and never returns. Thread context.
_Noreturn void kernel_main(void);

// For a driver whose screen can be used: the app starts at the first one, and what
// is left of the boot waits for its picture (late.h). Called from a probe.
void kernel_screen_ready(void);

// From the boot argument; kernel_main() does it too, for platforms with nothing to
// say before. Boot arguments parsed.
void kernel_set_log_level(void);

// Platform: calls device_add() for each device it knows of, best those first whose
// driver is first in drivers[].
void plat_find_devices(void);

// Platform: starts what the first picture does without, such as the other harts;
// waits for none of it.
void plat_start_rest(void);
