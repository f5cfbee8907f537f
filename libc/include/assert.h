// assert(), with a short form for the kernel: of a hundred assertions' texts,
// file and line are what is read, and the texts would be 6 KiB of the image.
#include_next <assert.h>

#if defined(ASSERT_BRIEF) && !defined(NDEBUG)
#undef assert
#define assert(expression) ((expression) ? (void)0 : __assert_brief(__FILE_NAME__, __LINE__))
_Noreturn void __assert_brief(const char *file, int line);
#endif
