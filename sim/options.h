// The simulator's command line; see sim_options_help() for what there is.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_FAULT_SPECS_MAX = 32 };

struct sim_options {
	bool headless;
	uint64_t frames;          // 0: until somebody leaves
	const char *screenshot;   // NULL: none
	bool crc;
	uint32_t width, height, hz;
	unsigned scanouts;
	const char *input;        // NULL: none
	const char *trace;        // NULL: none
	const char *faults[SIM_FAULT_SPECS_MAX];
	unsigned fault_count;
	uint64_t seed;
	uint64_t ram_bytes;
	bool strict, noncoherent, legacy;
	const char *boot;         // boot arguments for the kernel, "" if none
	char **app_args;          // what follows --, NULL-terminated
};

// 0: go on; 1: help was printed; -1: a complaint was printed.
int sim_options_parse(int argc, char **argv, struct sim_options *out);

// The kernel's boot arguments: options->boot, then ` -- ` and the app's words.
// 0, or -1 after a complaint.
int sim_options_bootargs(const struct sim_options *options, char *out, size_t bytes);
