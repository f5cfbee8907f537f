// Formats log lines and hands each to the platform in one write. See console.h.
//
// The formatter is our own because it runs where libc's must not: with
// interrupts off, on the trap stack, before the heap exists.

#include "kernel/console.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kernel/platform.h"

#define LINE_MAX_BYTES 512

static struct {
	enum log_level level;
	char *tee; // NULL: none
	size_t tee_room;
} console = { .level = LOG_INFO };

struct sink {
	char *out;
	size_t size;   // of out, the final NUL included
	size_t length; // what the whole text would take
};

struct spec {
	bool zero, left;
	int width, precision; // precision -1: none
	int longs;            // 0 int, 1 long, 2 long long
};

static void put(struct sink *s, char c)
{
	if (s->length + 1 < s->size)
		s->out[s->length] = c;
	s->length++;
}

static void put_padded(struct sink *s, const char *text, size_t n, const struct spec *spec)
{
	int pad = spec->width - (int)n;

	if (!spec->left)
		for (; pad > 0; pad--)
			put(s, spec->zero ? '0' : ' ');
	while (n--)
		put(s, *text++);
	for (; pad > 0; pad--)
		put(s, ' ');
}

static void put_number(struct sink *s, uint64_t value, unsigned base, bool negative,
                       struct spec *spec)
{
	char digits[24], *p = digits + sizeof(digits);

	do
		*--p = "0123456789abcdef"[value % base];
	while (value /= base);
	if (negative && spec->zero) {
		put(s, '-');
		spec->width--;
	} else if (negative) {
		*--p = '-';
	}
	put_padded(s, p, (size_t)(digits + sizeof(digits) - p), spec);
}

static const char *parse_spec(const char *f, struct spec *spec)
{
	*spec = (struct spec){ .precision = -1 };
	for (; *f == '0' || *f == '-'; f++) {
		if (*f == '0')
			spec->zero = true;
		else
			spec->left = true;
	}
	while (*f >= '0' && *f <= '9')
		spec->width = spec->width * 10 + (*f++ - '0');
	if (*f == '.')
		for (f++, spec->precision = 0; *f >= '0' && *f <= '9'; f++)
			spec->precision = spec->precision * 10 + (*f - '0');
	for (; *f == 'l'; f++)
		spec->longs++;
	if (*f == 'z') {
		spec->longs = 1; // size_t is as wide as long on all our targets
		f++;
	}
	return f;
}

static int64_t next_signed(va_list *args, int longs)
{
	if (longs == 0)
		return va_arg(*args, int);
	return longs == 1 ? va_arg(*args, long) : va_arg(*args, long long);
}

static uint64_t next_unsigned(va_list *args, int longs)
{
	if (longs == 0)
		return va_arg(*args, unsigned);
	return longs == 1 ? va_arg(*args, unsigned long) : va_arg(*args, unsigned long long);
}

static void put_string(struct sink *s, const char *text, const struct spec *spec)
{
	size_t n;

	if (!text)
		text = "(null)";
	n = spec->precision < 0 ? strlen(text) : strnlen(text, (size_t)spec->precision);
	put_padded(s, text, n, spec);
}

static void put_conversion(struct sink *s, char conversion, struct spec *spec, va_list *args)
{
	int64_t value;
	char c;

	switch (conversion) {
	case 's':
		put_string(s, va_arg(*args, const char *), spec);
		return;
	case 'c':
		c = (char)va_arg(*args, int);
		put_padded(s, &c, 1, spec);
		return;
	case 'd':
	case 'i':
		value = next_signed(args, spec->longs);
		put_number(s, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, spec);
		return;
	case 'u':
		put_number(s, next_unsigned(args, spec->longs), 10, false, spec);
		return;
	case 'x':
		put_number(s, next_unsigned(args, spec->longs), 16, false, spec);
		return;
	case 'p':
		put(s, '0');
		put(s, 'x');
		put_number(s, (uintptr_t)va_arg(*args, void *), 16, false, spec);
		return;
	default:
		put(s, '%');
		if (conversion != '%')
			put(s, conversion);
	}
}

int kvsnprintf(char *out, size_t size, const char *format, va_list caller_args)
{
	struct sink s = { .out = out, .size = size };
	struct spec spec;
	va_list args;

	va_copy(args, caller_args);
	for (; *format; format++) {
		if (*format != '%') {
			put(&s, *format);
			continue;
		}
		format = parse_spec(format + 1, &spec);
		if (!*format)
			break;
		put_conversion(&s, *format, &spec, &args);
	}
	va_end(args);
	if (size)
		out[s.length < size ? s.length : size - 1] = '\0';
	return (int)s.length;
}

int ksnprintf(char *out, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = kvsnprintf(out, size, format, args);
	va_end(args);
	return n;
}

char *kdecimal(char *out, unsigned n)
{
	char *end = out, *p;

	for (unsigned rest = n; rest >= 10; rest /= 10)
		end++;
	*++end = '\0';
	for (p = end; p > out; n /= 10)
		*--p = (char)('0' + n % 10);
	return end;
}

unsigned long kparse_decimal(const char **text)
{
	unsigned long value = 0;

	for (; **text >= '0' && **text <= '9'; ++*text)
		value = value < ULONG_MAX / 16 ? value * 10 + (unsigned long)(**text - '0') :
		                                 ULONG_MAX;
	return value;
}

void console_set_level(enum log_level level)
{
	console.level = level;
}

// Writes line[0..n) and a newline, cut to the buffer.
static void write_line(char line[static LINE_MAX_BYTES], size_t n)
{
	if (n > LINE_MAX_BYTES - 1)
		n = LINE_MAX_BYTES - 1;
	line[n] = '\n';
	plat_console_write(line, n + 1);
}

void klog(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	uint64_t now_us;
	va_list args;
	int n;

	if (level > console.level)
		return;
	now_us = (time_now_ns() - time_start_ns()) / 1000;
	n = ksnprintf(line, sizeof(line), "[%5llu.%06llu] ", (unsigned long long)(now_us / 1000000),
	              (unsigned long long)(now_us % 1000000));
	va_start(args, format);
	n += kvsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	write_line(line, (size_t)n);
}

void console_tee(char *out, size_t size)
{
	console.tee = out;
	console.tee_room = size;
}

static void tee(const char *text, size_t n)
{
	if (!console.tee)
		return;
	if (n >= console.tee_room)
		n = console.tee_room - 1;
	memcpy(console.tee, text, n);
	console.tee[n] = '\0';
	console.tee += n;
	console.tee_room -= n;
}

void console_printf(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	int n;

	va_start(args, format);
	n = kvsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	plat_console_write(line, (size_t)n);
	tee(line, (size_t)n);
}
