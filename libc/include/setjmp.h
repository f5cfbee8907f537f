// newlib's <setjmp.h>, plus sigsetjmp. There is no signal mask to save.
#ifndef _RIVULET_SETJMP_H
#define _RIVULET_SETJMP_H

#include_next <setjmp.h>

#ifndef sigsetjmp
typedef jmp_buf sigjmp_buf;
#define sigsetjmp(env, savemask) ((void)(savemask), setjmp(env))
#define siglongjmp(env, value) longjmp(env, value)
#endif

#endif
