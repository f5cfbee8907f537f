// The contract's "stats: {json}" line, each second, with the boot argument stats=1.
#pragma once

// Starts the thread that prints it, if the boot arguments ask for it. 0, -ENOMEM.
int stats_line_start(void);
