// getline() and getdelim(): newlib has them, under names of its own.

#include <stdio.h>

ssize_t __getdelim(char **line, size_t *bytes, int delimiter, FILE *stream);

ssize_t getdelim(char **line, size_t *bytes, int delimiter, FILE *stream)
{
	return __getdelim(line, bytes, delimiter, stream);
}

ssize_t getline(char **line, size_t *bytes, FILE *stream)
{
	return __getdelim(line, bytes, '\n', stream);
}
