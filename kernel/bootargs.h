// Boot arguments: `key=value ... -- app arg arg`, from /chosen/bootargs.
//
// What precedes `--` is the kernel's, what follows is the app's argv. A bare
// word before `--` that is no key is reported and ignored.
#pragma once

#include <stddef.h>

#define BOOTARGS_MAX 1024
#define APP_ARGC_MAX 64

// Copies and splits `line`. Call once, before the others.
void bootargs_parse(const char *line);
// The value of `key`, "" for a key without one, or NULL. Marks it as known.
const char *bootarg(const char *key);
// Reports every key that nobody has asked for.
void bootargs_report_unknown(void);
// The words after `--`; argv[argc] is NULL. Owned by this module.
int bootargs_app(char ***argv);
