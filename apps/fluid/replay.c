// Replay: splats from a file, steps of 1/60 s, fields to files.
//
// velocity.f32, pressure.f32 and dye.f32 hold single floats, little-endian as
// on every machine this runs on, row by row from the bottom, channels
// interleaved, no header. display.png is the picture. A line "step N" in the
// file runs steps between splats; empty lines and lines with # are ignored.
#include "apps/fluid/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/fluid/png.h"
#include "apps/fluid/settings.h"

enum {
	LINE_MAX_BYTES = 256,
	NAME_MAX_BYTES = 512,
	STATUS_FAILED = 1,
};

static int complain(const char *what, const char *name, int error)
{
	fprintf(stderr, "fluid: %s: %s%s%s\n", name, what, error ? ": " : "",
		error ? strerror(-error) : "");
	return STATUS_FAILED;
}

static void run_steps(struct fluid *fluid, long steps)
{
	while (steps-- > 0)
		fluid_step(fluid, FLUID_DT_NS);
}

static int32_t scaled(double value, double one)
{
	const double limit = 2147483000.0;
	const double units = value * one;

	return (int32_t)(units > limit ? limit : units < -limit ? -limit :
			 units < 0 ? units - 0.5 : units + 0.5);
}

// A decimal number, as far as there is one; *end is NULL if there is none.
// (strtod would make the image ten kilobytes larger.)
static double parse_decimal(const char *text, char **end)
{
	double value = 0;
	double scale = 1;
	bool point = false;
	bool any = false;

	text += strspn(text, " \t");
	const bool negative = *text == '-';

	for (text += *text == '-' || *text == '+'; *text; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			break;
		value = value * 10 + (*text - '0');
		scale *= point ? 10 : 1;
		any = true;
	}
	value /= scale;
	if (any && (*text == 'e' || *text == 'E')) {
		char *after;

		for (long power = strtol(text + 1, &after, 10); power;
		     power += power > 0 ? -1 : 1)
			value *= power > 0 ? 10 : 0.1;
		text = after;
	}
	*end = any ? (char *)text : NULL;
	return negative ? -value : value;
}

// False: not a line of a replay.
static bool replay_line(struct fluid *fluid, char *line)
{
	char *at = line + strspn(line, " \t");
	double values[7];
	struct fluid_splat splat;

	if (*at == '#' || *at == '\n' || *at == '\0')
		return true;
	if (!strncmp(at, "step ", 5)) {
		run_steps(fluid, strtol(at + 5, NULL, 10));
		return true;
	}
	if (strncmp(at, "splat ", 6))
		return false;
	at += 6;
	for (int i = 0; i < 7; i++) {
		values[i] = parse_decimal(at, &at);
		if (!at)
			return false;
	}
	splat.x = scaled(values[0], FLUID_POSITION_ONE);
	splat.y = scaled(values[1], FLUID_POSITION_ONE);
	splat.dx = scaled(values[2], FLUID_FORCE_ONE);
	splat.dy = scaled(values[3], FLUID_FORCE_ONE);
	for (int c = 0; c < 3; c++)
		splat.colour[c] = scaled(values[4 + c], FLUID_COLOUR_ONE);
	fluid_splat(fluid, &splat, 1);
	return true;
}

static int replay_file(struct fluid *fluid, const char *name)
{
	char line[LINE_MAX_BYTES];
	FILE *stream = fopen(name, "r");
	int number = 0;
	int status = 0;

	if (!stream)
		return complain("cannot open", name, -errno);
	while (!status && fgets(line, sizeof(line), stream)) {
		number++;
		if (!replay_line(fluid, line)) {
			fprintf(stderr, "fluid: %s:%d: not a splat: %s", name,
				number, line);
			status = STATUS_FAILED;
		}
	}
	if (ferror(stream))
		status = complain("cannot read", name, -EIO);
	(void)fclose(stream); // was only read
	return status;
}

static int dump_field(struct fluid *fluid, enum fluid_field field,
		      const char *name)
{
	const struct grid grid = fluid_field_grid(fluid, field);
	const size_t floats = (size_t)(grid.width * fluid_field_channels(field));
	float *row = malloc(floats * sizeof(*row));
	FILE *stream = row ? fopen(name, "wb") : NULL;
	int error = 0;

	if (!stream) {
		error = row ? -errno : -ENOMEM;
		free(row);
		return complain("cannot write", name, error);
	}
	for (int y = 0; y < grid.height && !error; y++) {
		fluid_field_read(fluid, field, y, row);
		if (fwrite(row, sizeof(*row), floats, stream) != floats)
			error = -EIO;
	}
	free(row);
	if (fclose(stream) || error)
		return complain("cannot write", name, -EIO);
	return 0;
}

static int dump_picture(struct fluid *fluid, const char *name)
{
	const struct grid canvas = fluid_layout(fluid)->config.canvas;
	uint32_t *pixels = malloc((size_t)(canvas.width * canvas.height) * 4);
	const struct fluid_target target = { pixels, canvas.width * 4 };
	int ret;

	if (!pixels)
		return complain("cannot draw", name, -ENOMEM);
	fluid_render(fluid, &target);
	ret = png_write(name, pixels, canvas);
	free(pixels);
	return ret ? complain("cannot write", name, ret) : 0;
}

static int dump(struct fluid *fluid, const char *folder)
{
	static const struct {
		const char *name;
		enum fluid_field field;
	} files[] = {
		{ "velocity.f32", FLUID_VELOCITY },
		{ "pressure.f32", FLUID_PRESSURE },
		{ "dye.f32", FLUID_DYE },
	};
	char name[NAME_MAX_BYTES];
	int status = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", folder,
			       files[i].name);
		status |= dump_field(fluid, files[i].field, name);
	}
	(void)snprintf(name, sizeof(name), "%s/display.png", folder);
	return status | dump_picture(fluid, name);
}

static bool parse_size(const char *text, struct grid *size)
{
	char *end;

	size->width = (int)strtol(text, &end, 10);
	if (end == text || *end != 'x')
		return false;
	text = end + 1;
	size->height = (int)strtol(text, &end, 10);
	return end != text && !*end;
}

int replay_run(const struct replay *replay)
{
	struct grid canvas;
	struct fluid_config config;
	struct fluid *fluid;
	int status;
	int ret;

	if (!parse_size(replay->size, &canvas))
		return complain("not a size", replay->size, 0);
	config = settings_config(canvas);
	ret = fluid_create(&config, replay->path, &fluid);
	if (ret)
		return complain("cannot make a fluid", replay->size, ret);
	status = replay_file(fluid, replay->file);
	if (!status) {
		run_steps(fluid, replay->steps);
		if (replay->folder)
			status = dump(fluid, replay->folder);
	}
	fluid_destroy(fluid);
	return status;
}
