// The incoming MSI controller, as the APLIC needs it.
#pragma once

#include <stdint.h>

// The boot hart's interrupt file; 0 or -ENODEV. `node` is an riscv,imsics of
// S-mode. *hart_index is what an APLIC's target registers call the boot hart.
int imsic_init(int node, unsigned long boot_hartid, uint32_t *hart_index);
// Serves what is pending; `served` (may be NULL) hears of each number afterwards.
void imsic_handle(void (*served)(unsigned irq));
// Numbers up to `last` are the APLIC's: never given to message().
void imsic_reserve(unsigned last);
int imsic_message(uint64_t *address, uint32_t *data);
