// The serial console: a UART of the device tree, else the firmware's.
#pragma once

// From the device tree: stdout-path, else the first UART that is known. The boot
// argument console=sbi leaves it with the firmware.
void console_init(void);
// From now on what is typed goes to the terminal (libc/tty.h). After irq_init().
void console_listen(void);
