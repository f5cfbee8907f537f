// qsort(), as a heap: no recursion, and never more than n log n comparisons.
//
// newlib's is sooner done with most arrays, quadratic for some, and four times as
// large. Nobody here sorts much.

#include <stdlib.h>

typedef int (*comparison)(const void *a, const void *b);

struct heap {
	char *base;
	size_t bytes; // of an element
	comparison compare;
};

static char *at(const struct heap *h, size_t i)
{
	return h->base + i * h->bytes;
}

static void swap(const struct heap *h, size_t i, size_t k)
{
	char *a = at(h, i), *b = at(h, k);

	for (size_t n = h->bytes; n--; a++, b++) {
		char c = *a;

		*a = *b;
		*b = c;
	}
}

// Below `root` no element is larger than the one above it; makes `root` so as well.
static void sift(const struct heap *h, size_t root, size_t count)
{
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && h->compare(at(h, child), at(h, child + 1)) < 0)
			child++;
		if (h->compare(at(h, root), at(h, child)) >= 0)
			return;
		swap(h, root, child);
		root = child;
	}
}

void qsort(void *base, size_t count, size_t bytes, comparison compare)
{
	const struct heap h = { base, bytes, compare };

	for (size_t root = count / 2; root--; )
		sift(&h, root, count);
	while (count > 1) {
		swap(&h, 0, --count);
		sift(&h, 0, count);
	}
}
