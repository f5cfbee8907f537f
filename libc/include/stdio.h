// newlib's <stdio.h>, plus functions it has but never declares.
#ifndef _RIVULET_STDIO_H
#define _RIVULET_STDIO_H

#include_next <stdio.h>

#if __POSIX_VISIBLE >= 200809
#ifdef __cplusplus
extern "C" {
#endif

ssize_t getline(char **line, size_t *bytes, FILE *stream);
ssize_t getdelim(char **line, size_t *bytes, int delimiter, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif

#endif
