// Console: log lines with a level and a time stamp, one line per call.
//
//   pr_info("virtio%u: %s", index, name);    ->  [    0.001234] virtio0: gpu
//
// console_printf() prints without a stamp, for the contract's output lines
// ("boot: ...", "stats: ..."). Formats: %s %c %% %d %i %u %x %p with 0-padding,
// width, l, ll, z; no libc stdio underneath, so any context may call.
#pragma once

#include <stdarg.h>
#include <stddef.h>

enum log_level { LOG_ERR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

void console_set_level(enum log_level level); // lines above it are dropped
void klog(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void console_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Also appends what console_printf() prints to out[size], NUL-terminated and cut
// when it is full; NULL ends that. For panics: one hart, no locks.
void console_tee(char *out, size_t size);
// Like vsnprintf, with the formats above.
int kvsnprintf(char *out, size_t size, const char *format, va_list args);
int ksnprintf(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
// `n` and a NUL; returns where the NUL is. For names made before the first picture:
// an emulator takes longer to translate the formatter than to make a mode list.
char *kdecimal(char *out, unsigned n);
// The decimal number at *text, which moves behind it; 0 if there is none, ULONG_MAX for
// one that is too large.
unsigned long kparse_decimal(const char **text);

#define pr_err(...) klog(LOG_ERR, __VA_ARGS__)
#define pr_warn(...) klog(LOG_WARN, __VA_ARGS__)
#define pr_info(...) klog(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) klog(LOG_DEBUG, __VA_ARGS__)
