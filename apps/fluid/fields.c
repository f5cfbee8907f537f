// Fields as rows of floats, whatever the path: for files, tests, and for
// carrying the picture over when the configuration changes.
#include "apps/fluid/fluid.h"

#include <errno.h>
#include <stdlib.h>

struct grid fluid_field_grid(const struct fluid *fluid, enum fluid_field field)
{
	const struct fluid_layout *layout = fluid_layout(fluid);

	switch (field) {
	case FLUID_DYE:
		return layout->dye;
	case FLUID_BLOOM:
		return layout->bloom;
	case FLUID_SUNRAYS:
		return layout->sunrays;
	default:
		return layout->sim;
	}
}

int fluid_field_channels(enum fluid_field field)
{
	switch (field) {
	case FLUID_VELOCITY:
		return 2;
	case FLUID_DYE:
	case FLUID_BLOOM:
		return 3;
	default:
		return 1;
	}
}

struct resample {
	struct grid from;
	struct grid to;
	int channels;
	float *source;  // two rows: the two that a new row lies between
	float *row;
};

static float clamp(float value, float high)
{
	return value < 0 ? 0 : value > high ? high : value;
}

// Where cell `i` of `to` lies among `from` cells, clamped to their centres.
static float position(int i, int to, int from)
{
	return clamp(((float)i + 0.5f) * (float)from / (float)to - 0.5f,
		     (float)(from - 1));
}

static float mix(float a, float b, float t)
{
	return a + (b - a) * t;
}

static void resample_row(const struct resample *r, float fraction_y)
{
	const float *high = r->source + r->channels * r->from.width;

	for (int x = 0; x < r->to.width; x++) {
		const float at = position(x, r->to.width, r->from.width);
		const int i = (int)at;
		const int next = i + 1 < r->from.width ? i + 1 : i;

		for (int c = 0; c < r->channels; c++) {
			const int a = i * r->channels + c;
			const int b = next * r->channels + c;

			r->row[x * r->channels + c] =
				mix(mix(r->source[a], r->source[b],
					at - (float)i),
				    mix(high[a], high[b], at - (float)i),
				    fraction_y);
		}
	}
}

static int copy_field(struct fluid *from, struct fluid *to,
		      enum fluid_field field)
{
	struct resample r = {
		.from = fluid_field_grid(from, field),
		.to = fluid_field_grid(to, field),
		.channels = fluid_field_channels(field),
	};
	const size_t row = (size_t)(r.from.width * r.channels);

	r.source = malloc(2 * row * sizeof(float));
	r.row = malloc((size_t)(r.to.width * r.channels) * sizeof(float));
	if (!r.source || !r.row) {
		free(r.source);
		free(r.row);
		return -ENOMEM;
	}
	for (int y = 0; y < r.to.height; y++) {
		const float at = position(y, r.to.height, r.from.height);
		const int i = (int)at;

		fluid_field_read(from, field, i, r.source);
		fluid_field_read(from, field,
				 i + 1 < r.from.height ? i + 1 : i,
				 r.source + row);
		resample_row(&r, at - (float)i);
		fluid_field_write(to, field, y, r.row);
	}
	free(r.source);
	free(r.row);
	return 0;
}

int fluid_rebuild(struct fluid **fluid, const struct fluid_config *config,
		  const struct fluid_path *path)
{
	static const enum fluid_field kept[] = { FLUID_VELOCITY, FLUID_PRESSURE,
						 FLUID_DYE };
	struct fluid *next;
	int ret = fluid_create(config, path, &next);

	for (size_t i = 0; !ret && i < sizeof(kept) / sizeof(kept[0]); i++) {
		ret = copy_field(*fluid, next, kept[i]);
		if (ret)
			fluid_destroy(next);
	}
	if (ret)
		return ret;
	fluid_set_pass_ns(next, fluid_pass_ns(*fluid));
	fluid_destroy(*fluid);
	*fluid = next;
	return 0;
}
