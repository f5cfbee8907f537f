// printf to a stream, by way of printf to a string.
//
// newlib compiles its formatter twice, for streams and for strings, 5 KiB each.
// Here a stream gets its text formatted into memory first and written in one
// go, which also keeps an unbuffered stream's line in one piece.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHORT_BYTES 256 // most texts fit and need no allocation

int _vfprintf_r(struct _reent *r, FILE *f, const char *format, va_list args)
{
	char text[SHORT_BYTES], *at = text;
	va_list again;
	int n;

	va_copy(again, args);
	n = _vsnprintf_r(r, text, sizeof(text), format, args);
	if (n >= (int)sizeof(text)) {
		at = NULL;
		n = _vasprintf_r(r, &at, format, again);
	}
	va_end(again);
	if (n > 0 && fwrite(at, 1, (size_t)n, f) != (size_t)n)
		n = EOF;
	if (at != text)
		free(at);
	return n;
}

int vfprintf(FILE *f, const char *format, va_list args)
{
	return _vfprintf_r(_REENT, f, format, args);
}
