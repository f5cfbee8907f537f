// The descriptor table: small numbers for open files.
//
// fd_install() and fd_file() are declared in kernel/file.h; this adds what the
// calls of <unistd.h> and <fcntl.h> need. Negative errno on failure.
#pragma once

#include "kernel/file.h"

#define FD_MAX 256

int fd_close(int fd);
// The lowest free descriptor from `lowest` on, for the same file. flags: O_CLOEXEC.
int fd_dup(int fd, int lowest, int flags);
// Makes `to` refer to the file of `from`, closing what it was. flags as above.
int fd_dup_to(int from, int to, int flags);
int fd_flags(int fd);                // FD_CLOEXEC or 0
int fd_set_flags(int fd, int flags);
