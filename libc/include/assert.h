// assert(), with a short form for the kernel: the texts and file names of a hundred
// assertions would be 8 KiB of the image, and the panic's backtrace names the
// function anyway.
#include_next <assert.h>

#if defined(ASSERT_BRIEF) && !defined(NDEBUG)
#undef assert
#define assert(expression) ((expression) ? (void)0 : __assert_brief(__LINE__))
_Noreturn void __assert_brief(int line);
#endif
