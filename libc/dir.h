// Open directories. What they hold is read when they are opened.
#pragma once

#include "kernel/file.h"

// `plain` is a directory (path.h). 0 or -ENOMEM.
int dir_open(const char *plain, int flags, struct file **out);
