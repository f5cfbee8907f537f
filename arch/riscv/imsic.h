// The incoming MSI controller, as the APLIC needs it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The boot hart's interrupt file; 0 or -ENODEV. `node` is an riscv,imsics of
// S-mode. *hart_index is what an APLIC's target registers call the boot hart.
int imsic_init(int node, uint32_t *hart_index);
uint64_t imsic_address(void); // where messages to it are written; 0: there is none
bool imsic_handle(void);      // serves what is pending; true if there was something
