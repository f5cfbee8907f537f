// The kernel's boot order, the same everywhere once the platform stands.
#pragma once

// Needs: pages, threads, time, console, boot arguments parsed. Brings devices
// up, starts the app on a thread of its own, and never returns. Thread context.
_Noreturn void kernel_main(void);

// From the boot argument; kernel_main() does it too, for platforms with nothing to
// say before. Boot arguments parsed.
void kernel_set_log_level(void);

// Platform: calls device_add() for each device it knows of.
void plat_find_devices(void);
