// Each says what went wrong, or NULL.
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

const char *library_opens(int flags);
const char *library_lists(void);
const char *library_reads(size_t count); // 1
