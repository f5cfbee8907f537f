// The serial console: a UART of the device tree, else the firmware's.
#pragma once

void console_init(void); // from the device tree: stdout-path, else the first UART
// From now on what is typed goes to the terminal (libc/tty.h). After irq_init().
void console_listen(void);
