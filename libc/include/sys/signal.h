// newlib's <sys/signal.h>, whose struct sigaction knows no SA_SIGINFO.
#ifndef _RIVULET_SYS_SIGNAL_H
#define _RIVULET_SYS_SIGNAL_H

#define sigaction __newlib_sigaction
#include_next <sys/signal.h>
#undef sigaction

#ifdef __cplusplus
extern "C" {
#endif

#undef SA_NOCLDSTOP
#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO   0x00000004
#define SA_ONSTACK   0x08000000
#define SA_RESTART   0x10000000
#define SA_NODEFER   0x40000000
#define SA_RESETHAND 0x80000000

struct sigaction {
	union {
		_sig_func_ptr sa_handler;
		void (*sa_sigaction)(int signal, siginfo_t *info, void *context);
	};
	sigset_t sa_mask;
	int sa_flags;
};

int sigaction(int signal, const struct sigaction *action, struct sigaction *old);

#ifdef __cplusplus
}
#endif

#endif
