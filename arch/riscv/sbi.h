// Calls into the firmware (RISC-V Supervisor Binary Interface 2.0).
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SBI_EXT_LEGACY_TIMER = 0x00, SBI_EXT_LEGACY_PUTCHAR = 0x01, SBI_EXT_LEGACY_GETCHAR = 0x02,
       SBI_EXT_BASE = 0x10, SBI_EXT_TIME = 0x54494d45,
       SBI_EXT_IPI = 0x735049, SBI_EXT_RFENCE = 0x52464e43, SBI_EXT_HSM = 0x48534d,
       SBI_EXT_SRST = 0x53525354, SBI_EXT_DBCN = 0x4442434e };

bool sbi_has(long ext);                       // BASE probe_extension, §4.4
void sbi_timer_init(void);                    // once, before the next
void sbi_set_timer(uint64_t ticks);           // §6.1; UINT64_MAX: never
void sbi_send_ipi(unsigned long hartid);      // §7.1
void sbi_remote_sfence_all(void);             // §8.2, every hart, all addresses
long sbi_hart_start(unsigned long hartid, unsigned long start_pa, unsigned long opaque); // §9.1
// The firmware's console: DBCN (§12), else the legacy calls; false: there is none.
bool sbi_console_write(const char *text, unsigned long bytes);
int sbi_console_read(void);                   // a byte, or -1
void sbi_shutdown(bool failure);              // §10.1; returns if there is no SRST
