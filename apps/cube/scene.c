// The scene: from a frame's number to lit triangles.
//
// See scene.h for use. Space is right-handed in 16.16: x right, y up, z towards
// the viewer; the big cube has corners at +-1. Each face is cut into tiles so
// that light computed at their corners and interpolated between looks round.
#include "scene.h"

#include <stddef.h>

enum {
	SIDE = FACE_TILES + 1, // vertices along one edge of a face
};

// The motion and the lens: rad/s about x and y, the distance of the eye from
// the middle of the cube, and half the screen's height over the distance of
// the screen.
static const uint32_t spin_x = GFX_TURN(0.7 / 60);
static const uint32_t spin_y = GFX_TURN(0.9 / 60);
static const int32_t eye_distance = GFX_FIXED(4.0);
static const int32_t focal = GFX_FIXED(1.1);

// Distances from the eye between which depth is told apart.
static const int32_t near_distance = GFX_FIXED(1.25);
static const int32_t far_distance = GFX_FIXED(6.75);

// The moon: its orbit lies tilted, so that it passes before and behind.
static const int32_t moon_size = GFX_FIXED(0.24);
static const int32_t moon_orbit = GFX_FIXED(2.1);
static const uint32_t moon_tilt = GFX_TURN(0.32);
static const uint32_t moon_speed = GFX_TURN(1.3 / 60);
static const uint32_t moon_spin = GFX_TURN(-2.1 / 60);

static const struct gfx_vector light = {
	GFX_FIXED(-2.6), GFX_FIXED(3.2), GFX_FIXED(4.2),
};
// Light that comes from everywhere, and some that the floor throws back.
static const int32_t ambient = GFX_FIXED(0.40);
static const struct gfx_vector floor_light = {
	GFX_FIXED(0.16), GFX_FIXED(-0.22), GFX_FIXED(0.20),
};
static const int32_t diffuse = GFX_FIXED(0.68);
static const int32_t gloss = GFX_FIXED(0.55);
static const int32_t dark_tile = GFX_FIXED(0.80);

// A face: its normal and two edges to the right and up, as seen from outside.
struct face {
	struct gfx_vector normal;
	struct gfx_vector right;
	struct gfx_vector up;
	uint32_t color;
};

static const struct face faces[CUBE_FACES] = {
	{ { 0, 0, GFX_ONE }, { GFX_ONE, 0, 0 }, { 0, GFX_ONE, 0 }, 0xf2545b },
	{ { 0, 0, -GFX_ONE }, { -GFX_ONE, 0, 0 }, { 0, GFX_ONE, 0 }, 0x2ec4b6 },
	{ { GFX_ONE, 0, 0 }, { 0, 0, -GFX_ONE }, { 0, GFX_ONE, 0 }, 0xffb627 },
	{ { -GFX_ONE, 0, 0 }, { 0, 0, GFX_ONE }, { 0, GFX_ONE, 0 }, 0x8f6fd6 },
	{ { 0, GFX_ONE, 0 }, { GFX_ONE, 0, 0 }, { 0, 0, -GFX_ONE }, 0x3a86ff },
	{ { 0, -GFX_ONE, 0 }, { GFX_ONE, 0, 0 }, { 0, 0, GFX_ONE }, 0x7bc950 },
};

static const uint32_t background_top = 0x0a0f24;
static const uint32_t background_bottom = 0x24365e;

// How a cube lies in space.
struct pose {
	uint32_t turn_x;
	uint32_t turn_y;
	struct gfx_vector center;
	int32_t size; // half an edge
};

struct screen {
	int width;
	int height;
};

static struct gfx_vector scaled(struct gfx_vector v, int32_t factor)
{
	return (struct gfx_vector){
		gfx_mul(v.x, factor), gfx_mul(v.y, factor), gfx_mul(v.z, factor),
	};
}

static struct gfx_vector turned(const struct pose *pose, struct gfx_vector v)
{
	return gfx_turn_x(gfx_turn_y(v, pose->turn_y), pose->turn_x);
}

static struct gfx_vector from_eye(struct gfx_vector point)
{
	point.z -= eye_distance;
	return point;
}

// Perspective: positions divide by the distance, and so does depth, which is
// what makes it linear on the screen (triangle.h).
static struct gfx_vertex project(struct gfx_vector point, struct screen screen)
{
	const int64_t distance = eye_distance - point.z;
	const int64_t scale = (int64_t)focal * screen.height * (GFX_SUBPIXELS / 2) / GFX_ONE;
	const int64_t inverse_range = ((int64_t)GFX_ONE << 16) / near_distance -
				      ((int64_t)GFX_ONE << 16) / far_distance;
	const int64_t inverse = ((int64_t)GFX_ONE << 16) / near_distance -
				((int64_t)GFX_ONE << 16) / distance;

	return (struct gfx_vertex){
		.x = screen.width * (GFX_SUBPIXELS / 2) + (int32_t)(point.x * scale / distance),
		.y = screen.height * (GFX_SUBPIXELS / 2) - (int32_t)(point.y * scale / distance),
		.z = (uint16_t)(inverse * (GFX_DEPTH_FAR - 1) / inverse_range),
	};
}

static uint32_t shade_channel(uint32_t channel, int32_t factor, int32_t highlight)
{
	int32_t value = gfx_mul((int32_t)channel, factor) + gfx_mul(255, highlight);

	return value > 255 ? 255 : (uint32_t)value;
}

static uint32_t shade_color(uint32_t color, int32_t factor, int32_t highlight)
{
	return shade_channel(color >> 16 & 0xff, factor, highlight) << 16 |
	       shade_channel(color >> 8 & 0xff, factor, highlight) << 8 |
	       shade_channel(color & 0xff, factor, highlight);
}

// Blinn and Phong: light falls off with the angle to the light, the highlight
// with the 32nd power of the one to the middle between light and eye.
static void light_point(struct gfx_vector point, struct gfx_vector normal,
			int32_t *factor, int32_t *highlight)
{
	const struct gfx_vector to_light = gfx_normalize(gfx_subtract(light, point));
	const struct gfx_vector eye = { 0, 0, eye_distance };
	const struct gfx_vector to_eye = gfx_normalize(gfx_subtract(eye, point));
	const struct gfx_vector half = gfx_normalize(gfx_add(to_light, to_eye));
	int32_t facing = gfx_dot(normal, to_light);
	int32_t shine = gfx_dot(normal, half);
	const int32_t from_floor = gfx_dot(normal, floor_light);

	*factor = ambient + (from_floor > 0 ? from_floor : 0);
	*highlight = 0;
	if (facing <= 0)
		return;
	*factor += gfx_mul(facing, diffuse);
	if (shine <= 0)
		return;
	for (int i = 0; i < 5; i++)
		shine = gfx_mul(shine, shine);
	*highlight = gfx_mul(shine, gloss);
}

static void pose_face(struct scene_cube *cube, int index, const struct pose *pose,
		      struct screen screen)
{
	const struct face *face = &faces[index];
	const struct gfx_vector normal = turned(pose, face->normal);
	const struct gfx_vector right = scaled(turned(pose, face->right), pose->size);
	const struct gfx_vector up = scaled(turned(pose, face->up), pose->size);
	const struct gfx_vector middle = gfx_add(pose->center, scaled(normal, pose->size));

	cube->visible[index] = gfx_dot(normal, from_eye(middle)) < 0;
	if (!cube->visible[index])
		return;
	for (int i = 0; i < FACE_VERTICES; i++) {
		// -1 to 1 over the face.
		const int32_t u = (i % SIDE) * 2 * GFX_ONE / FACE_TILES - GFX_ONE;
		const int32_t v = (i / SIDE) * 2 * GFX_ONE / FACE_TILES - GFX_ONE;
		const struct gfx_vector point =
			gfx_add(middle, gfx_add(scaled(right, u), scaled(up, v)));
		struct gfx_vertex *vertex = &cube->vertices[index][i];
		int32_t factor, highlight;

		*vertex = project(point, screen);
		light_point(point, normal, &factor, &highlight);
		vertex->color = shade_color(face->color, factor, highlight);
		cube->shades[index][i] =
			shade_color(face->color, gfx_mul(factor, dark_tile), highlight);
	}
}

// Around the corners of all faces seen; tiles lie between them.
static struct gfx_rect find_bounds(const struct scene_cube *cube)
{
	static const int corners[] = { 0, SIDE - 1, FACE_VERTICES - SIDE, FACE_VERTICES - 1 };
	struct gfx_rect bounds = { 0, 0, 0, 0 };

	for (int face = 0; face < CUBE_FACES; face++) {
		for (size_t i = 0; cube->visible[face] && i < 4; i++) {
			const struct gfx_vertex *v = &cube->vertices[face][corners[i]];

			bounds = gfx_rect_union(bounds, (struct gfx_rect){
				v->x / GFX_SUBPIXELS - 1, v->y / GFX_SUBPIXELS - 1, 3, 3 });
		}
	}
	return bounds;
}

static void pose_cube(struct scene_cube *cube, const struct pose *pose, struct screen screen)
{
	for (int face = 0; face < CUBE_FACES; face++)
		pose_face(cube, face, pose, screen);
	cube->bounds = find_bounds(cube);
}

void scene_pose(struct scene *scene, uint64_t frame, struct scene_turn turn,
		int width, int height)
{
	const uint32_t n = (uint32_t)frame; // angles wrap, and so may the count
	const struct screen screen = { width, height };
	const struct gfx_vector start = { moon_orbit, 0, 0 };
	const struct pose big = {
		.turn_x = n * spin_x + turn.x,
		.turn_y = n * spin_y + turn.y,
		.size = GFX_ONE,
	};
	const struct pose moon = {
		.turn_x = n * moon_spin,
		.turn_y = n * moon_speed,
		.center = gfx_turn_x(gfx_turn_y(start, n * moon_speed), moon_tilt),
		.size = moon_size,
	};

	pose_cube(&scene->cubes[0], &big, screen);
	pose_cube(&scene->cubes[1], &moon, screen);
}

// One tile, as two triangles, between the vertices at `at` and the next row's.
static void draw_tile(const struct scene_cube *cube, int face, int at, bool dark,
		      const struct gfx_target *target)
{
	static const int corners[] = { 0, 1, SIDE + 1, SIDE };
	struct gfx_vertex v[4];

	for (int i = 0; i < 4; i++) {
		v[i] = cube->vertices[face][at + corners[i]];
		if (dark)
			v[i].color = cube->shades[face][at + corners[i]];
	}
	gfx_triangle_smooth(target, v);
	v[1] = v[0];
	gfx_triangle_smooth(target, v + 1);
}

void scene_draw(const struct scene *scene, const struct gfx_target *target)
{
	for (int i = 0; i < SCENE_CUBES; i++)
		gfx_depth_clear(target, scene->cubes[i].bounds);
	for (int i = 0; i < SCENE_CUBES; i++) {
		const struct scene_cube *cube = &scene->cubes[i];

		for (int face = 0; face < CUBE_FACES; face++) {
			for (int tile = 0; cube->visible[face] &&
					   tile < FACE_TILES * FACE_TILES; tile++) {
				const int x = tile % FACE_TILES, y = tile / FACE_TILES;

				draw_tile(cube, face, y * SIDE + x, (x + y) & 1, target);
			}
		}
	}
}

static uint32_t mix_channel(uint32_t a, uint32_t b, int shift, int at, int of)
{
	const int from = a >> shift & 0xff, to = b >> shift & 0xff;

	return (uint32_t)(from + (to - from) * at / of) << shift;
}

void scene_background(const struct gfx_surface *surface, struct gfx_rect rect)
{
	rect = gfx_rect_intersect(rect, gfx_bounds(surface));
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		uint32_t color = 0xff000000;

		for (int shift = 0; shift < 24; shift += 8)
			color |= mix_channel(background_top, background_bottom, shift, y,
					     surface->height);
		gfx_fill(surface, (struct gfx_rect){ rect.x, y, rect.width, 1 }, color);
	}
}
