// The fixed path: for now the float path's passes, until its own are there.
#include "apps/fluid/float.h"

const struct fluid_path fluid_path_fixed = {
	.name = "fixed",
	.create = float_create,
	.destroy = float_destroy,
	.splat = float_splat,
	.pass = float_pass,
	.display = float_display,
	.read = float_read,
	.write = float_write,
};
