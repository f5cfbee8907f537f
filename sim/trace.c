// JSON lines of what the devices did. See trace.h.

#include "sim/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct sim_trace {
	FILE *file;
	struct timespec start;
};

struct sim_trace *sim_trace_open(const char *path)
{
	struct sim_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->file = fopen(path, "we");
	if (!trace->file) {
		free(trace);
		return NULL;
	}
	clock_gettime(CLOCK_MONOTONIC, &trace->start);
	return trace;
}

void sim_trace_close(struct sim_trace *trace)
{
	if (!trace)
		return;
	if (fclose(trace->file))
		perror("sim: trace");
	free(trace);
}

uint64_t sim_trace_now_us(const struct sim_trace *trace)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - trace->start.tv_sec) * 1000000 +
			  (now.tv_nsec - trace->start.tv_nsec) / 1000);
}

void sim_trace_write(struct sim_trace *trace, const struct sim_trace_line *line)
{
	fprintf(trace->file,
		"{\"us\":%" PRIu64 ",\"device\":\"%s\",\"queue\":\"%s\",\"command\":\"%s\","
		"\"args\":{%s},\"answer\":\"%s\",\"bytes\":%" PRIu32 ",\"took_us\":%" PRIu64 "}\n",
		line->start_us, line->device, line->queue, line->command, line->args,
		line->answer, line->written_bytes, sim_trace_now_us(trace) - line->start_us);
}
