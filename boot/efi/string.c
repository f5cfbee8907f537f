// The few functions of <string.h> that the loader uses and GNU-EFI has not.

#include <stdint.h>
#include <string.h>

void *memmove(void *dst, const void *src, size_t bytes)
{
	const char *from = src;
	char *to = dst;

	if ((uintptr_t)to <= (uintptr_t)from)
		for (size_t i = 0; i < bytes; i++)
			to[i] = from[i];
	else
		while (bytes--)
			to[bytes] = from[bytes];
	return dst;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}
