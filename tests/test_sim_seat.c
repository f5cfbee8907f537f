// Grabbing and letting go (sim/seat.h): nothing sticks, nothing leaks.
//
// sources: sim/seat.c

#include "tests/test.h"

#include <linux/input-event-codes.h>

#include "sim/seat.h"

// What the seat did, as words, in order.
static char said[512];

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	size_t n = strlen(said);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said + n, sizeof(said) - n, format, args);
	va_end(args);
}

static void on_key(void *priv, enum sim_input_kind device, uint16_t code, bool pressed)
{
	(void)priv;
	say("%c%s%u ", "kmt"[device], pressed ? "+" : "-", code);
}

static void on_motion(void *priv, int32_t dx, int32_t dy)
{
	(void)priv;
	say("rel %d,%d ", dx, dy);
}

static void on_position(void *priv, int32_t x, int32_t y)
{
	(void)priv;
	say("abs %d,%d ", x, y);
}

static void on_wheel(void *priv, enum sim_input_kind device, int32_t x, int32_t y)
{
	(void)priv;
	say("%cwheel %d,%d ", "kmt"[device], x, y);
}

static void on_release_all(void *priv, enum sim_input_kind device)
{
	(void)priv;
	say("%c-all ", "kmt"[device]);
}

static void on_grab(void *priv, bool grabbed)
{
	(void)priv;
	say("%s ", grabbed ? "grab" : "ungrab");
}

static void on_screenshot(void *priv)
{
	(void)priv;
	say("shot ");
}

static const struct sim_seat_ops ops = {
	.key = on_key, .motion = on_motion, .position = on_position, .wheel = on_wheel,
	.release_all = on_release_all, .grab = on_grab, .screenshot = on_screenshot,
};

static void expect(const char *words)
{
	CHECK_STR(said, words);
	said[0] = '\0';
}

static void press_combination(struct sim_seat *s)
{
	sim_seat_key(s, KEY_LEFTCTRL, true);
	sim_seat_key(s, KEY_RIGHTALT, true);
	expect("k+29 k+100 ");
	sim_seat_key(s, KEY_G, true);
	sim_seat_key(s, KEY_G, false);
}

static void release_combination(struct sim_seat *s)
{
	sim_seat_key(s, KEY_RIGHTALT, false);
	sim_seat_key(s, KEY_LEFTCTRL, false);
	expect("k-100 k-29 ");
}

static void test_the_pointer_is_absolute_at_first(void)
{
	struct sim_seat s;

	sim_seat_init(&s, &ops, NULL);
	sim_seat_pointer(&s, 5, 6, 100, 200);
	sim_seat_button(&s, BTN_LEFT, true);
	sim_seat_button(&s, BTN_LEFT, false);
	sim_seat_wheel(&s, 0, -1);
	expect("abs 100,200 t+272 t-272 twheel 0,-1 ");
}

static void test_the_combination_grabs_and_lets_go(void)
{
	struct sim_seat s;

	sim_seat_init(&s, &ops, NULL);
	press_combination(&s);
	expect("k-all m-all t-all grab "); // and no G
	release_combination(&s);
	sim_seat_pointer(&s, 5, 6, 100, 200);
	sim_seat_button(&s, BTN_RIGHT, true);
	sim_seat_wheel(&s, 1, 0);
	expect("rel 5,6 m+273 mwheel 1,0 ");

	press_combination(&s);
	expect("k-all m-all t-all ungrab "); // the button went up with it
	release_combination(&s);
	sim_seat_pointer(&s, 5, 6, 100, 200);
	expect("abs 100,200 ");
}

static void test_g_alone_is_a_letter(void)
{
	struct sim_seat s;

	sim_seat_init(&s, &ops, NULL);
	sim_seat_key(&s, KEY_G, true);
	sim_seat_key(&s, KEY_G, false);
	sim_seat_key(&s, KEY_LEFTCTRL, true);
	sim_seat_key(&s, KEY_G, true);
	sim_seat_key(&s, KEY_G, false);
	expect("k+34 k-34 k+29 k+34 k-34 ");
}

static void test_focus_lost_releases_everything(void)
{
	struct sim_seat s;

	sim_seat_init(&s, &ops, NULL);
	sim_seat_key(&s, KEY_A, true);
	sim_seat_focus_lost(&s);
	expect("k+30 k-all m-all t-all ");

	test_note("and the grab");
	press_combination(&s);
	expect("k-all m-all t-all grab ");
	sim_seat_focus_lost(&s);
	expect("k-all m-all t-all ungrab ");

	test_note("and what was held of the combination");
	sim_seat_key(&s, KEY_G, true);
	expect("k+34 ");
}

static void test_the_screenshot_key_stays_here(void)
{
	struct sim_seat s;

	sim_seat_init(&s, &ops, NULL);
	sim_seat_key(&s, KEY_F12, true);
	sim_seat_key(&s, KEY_F12, false);
	expect("shot ");
	sim_seat_key(&s, KEY_F11, true);
	expect("k+87 ");
}

int main(void)
{
	RUN(test_the_pointer_is_absolute_at_first);
	RUN(test_the_combination_grabs_and_lets_go);
	RUN(test_g_alone_is_a_letter);
	RUN(test_focus_lost_releases_everything);
	RUN(test_the_screenshot_key_stays_here);
	return test_finish();
}
