// --trace FILE: one JSON object a line for every virtio command and its answer.
//
//   {"us":1203,"device":"gpu","queue":"control","command":"RESOURCE_FLUSH",
//    "args":{...},"answer":"OK_NODATA","bytes":24,"took_us":3}
//
// `us` counts from the start of the trace, `bytes` is the used length; a fence
// is in args. Written by the device thread, in order of execution.
#pragma once

#include <stdint.h>

struct sim_trace;

struct sim_trace *sim_trace_open(const char *path); // NULL: see errno
void sim_trace_close(struct sim_trace *trace);      // NULL is fine
uint64_t sim_trace_now_us(const struct sim_trace *trace);

struct sim_trace_line {
	const char *device, *queue, *command;
	const char *args;           // members of a JSON object
	const char *answer;
	uint64_t start_us;          // of sim_trace_now_us()
	uint32_t written_bytes;
};

void sim_trace_write(struct sim_trace *trace, const struct sim_trace_line *line);
