// Platform-level interrupt controller (RISC-V PLIC specification 1.0.0).
#pragma once

// Finds the controller and the boot hart's S-mode context in the device tree.
// 0, or -ENODEV: then irq_request() refuses everything.
int plic_init(unsigned long boot_hartid);
void plic_handle(void); // claims and serves what is pending; irq context
