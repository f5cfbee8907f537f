// The end of the road for our own bugs: says why, shows where, powers off.
#pragma once

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
