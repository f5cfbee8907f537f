// Replay: splats from a file, steps of 1/60 s, fields to files.
//
// velocity.f32, pressure.f32 and dye.f32 hold single floats, little-endian as
// on every machine this runs on, row by row from the bottom, channels
// interleaved, no header. display.png is the picture. A line "step N" in the
// file runs steps between splats; empty lines and lines with # are ignored.
#include "apps/fluid/replay.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/fluid/png.h"
#include "apps/fluid/settings.h"

#define BLANKS " \t\r\n"

enum {
	LINE_MAX_BYTES = 256,
	POWER_MAX = 40,  // of ten
	STEPS_MAX = 1000000,
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

// A decimal number and what follows it; *end is NULL if the word is none.
// (strtod would make the image ten kilobytes larger.)
static double parse_decimal(const char *text, char **end)
{
	double value = 0;
	double scale = 1;
	bool point = false;
	bool any = false;

	text += strspn(text, BLANKS);
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

		const long power = strtol(text + 1, &after, 10);

		any = after > text + 1 && labs(power) <= POWER_MAX;
		for (long i = 0; any && i < labs(power); i++)
			value *= power > 0 ? 10 : 0.1;
		text = after;
	}
	*end = any && (!*text || strchr(BLANKS, *text)) ? (char *)text : NULL;
	return negative ? -value : value;
}

// What follows the word, or NULL if `at` does not begin with it.
static char *after_word(char *at, const char *word)
{
	const size_t length = strlen(word);

	return strncmp(at, word, length) || !strchr(BLANKS, at[length]) ? NULL :
									  at + length;
}

// `count` numbers and nothing else.
static bool parse_numbers(char *at, double *values, int count)
{
	for (int i = 0; i < count; i++) {
		values[i] = parse_decimal(at, &at);
		if (!at)
			return false;
	}
	return !at[strspn(at, BLANKS)];
}

// False: not a line of a replay.
static bool replay_line(struct fluid *fluid, char *line)
{
	char *at = line + strspn(line, BLANKS);
	char *words = after_word(at, "step");
	double values[7];
	struct fluid_splat splat;

	if (*at == '#' || !*at)
		return true;
	if (words) {
		if (!parse_numbers(words, values, 1) || values[0] < 0 ||
		    values[0] > STEPS_MAX || values[0] != (double)(long)values[0])
			return false;
		run_steps(fluid, (long)values[0]);
		return true;
	}
	words = after_word(at, "splat");
	if (!words || !parse_numbers(words, values, 7))
		return false;
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
		const bool cut = !strchr(line, '\n') && !feof(stream);

		number++;
		if (cut || !replay_line(fluid, line)) {
			line[strcspn(line, "\r\n")] = '\0';
			fprintf(stderr, "fluid: %s:%d: neither \"splat X Y DX DY RED GREEN "
				"BLUE\" nor \"step N\" (up to %d): %s\n", name, number,
				STEPS_MAX, line);
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

// What follows the number, which fits.
static const char *parse_side(const char *text, int *side)
{
	char *end;
	const long value = strtol(text, &end, 10);

	*side = (int)value;
	return end == text || value < 1 || value > INT_MAX ? NULL : end;
}

static bool parse_size(const char *text, struct grid *size)
{
	text = parse_side(text, &size->width);
	if (!text || *text != 'x')
		return false;
	text = parse_side(text + 1, &size->height);
	return text && !*text;
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
	if (ret == -EINVAL) {
		fprintf(stderr, "fluid: %s: sides of the picture and of its fields, which "
			"keep its shape, are from 2 to %d\n", replay->size, FLUID_SIDE_MAX);
		return STATUS_FAILED;
	}
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
