// Grid sizes, in integers so that every machine agrees on them.
#include "apps/fluid/grid.h"

struct grid grid_for(int resolution, struct grid canvas)
{
	const int longer = canvas.width > canvas.height ? canvas.width :
							  canvas.height;
	const int shorter = canvas.width > canvas.height ? canvas.height :
							   canvas.width;
	const int high = (2 * resolution * longer + shorter) / (2 * shorter);

	if (canvas.width > canvas.height)
		return (struct grid){ high, resolution };
	return (struct grid){ resolution, high };
}
