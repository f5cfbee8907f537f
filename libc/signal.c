// Signals, as far as a program sends them to itself.
//
// Nothing outside sends any: no other process, no terminal job control. raise()
// and kill(getpid()) run the handler at once on the calling thread, or do what
// the default action says: end the app with status 128 + Linux's number, so
// abort() gives 134. Masks are kept and told but block nothing.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/app.h"
#include "kernel/console.h"
#include "libc/result.h"

static struct {
	struct sigaction actions[NSIG]; // (atomic) set whole, by a program that knows when
	sigset_t mask;
} state;

// Linux's numbers, which exit statuses are made of and newlib's differ from.
static int linux_number(int signal)
{
	static const unsigned char numbers[NSIG] = {
		[SIGHUP] = 1,   [SIGINT] = 2,   [SIGQUIT] = 3,  [SIGILL] = 4,   [SIGTRAP] = 5,
		[SIGABRT] = 6,  [SIGBUS] = 7,   [SIGFPE] = 8,   [SIGKILL] = 9,  [SIGUSR1] = 10,
		[SIGSEGV] = 11, [SIGUSR2] = 12, [SIGPIPE] = 13, [SIGALRM] = 14, [SIGTERM] = 15,
	};

	return numbers[signal];
}

static bool valid(int signal)
{
	return signal > 0 && signal < NSIG;
}

static bool ignored_by_default(int signal)
{
	return signal == SIGCHLD || signal == SIGURG || signal == SIGCONT || signal == SIGWINCH;
}

static int deliver(int signal)
{
	struct sigaction action = state.actions[signal];

	if ((unsigned)action.sa_flags & SA_RESETHAND)
		state.actions[signal].sa_handler = SIG_DFL;
	if (action.sa_flags & SA_SIGINFO) {
		siginfo_t info = { .si_signo = signal };

		action.sa_sigaction(signal, &info, NULL);
	} else if (action.sa_handler == SIG_DFL) {
		if (!ignored_by_default(signal))
			app_exit(128 + linux_number(signal));
	} else if (action.sa_handler != SIG_IGN) {
		action.sa_handler(signal);
	}
	return 0;
}

int raise(int signal)
{
	return RESULT(valid(signal) ? deliver(signal) : -EINVAL);
}

int kill(pid_t pid, int signal)
{
	if (pid != getpid() && pid != 0 && pid != -1)
		return RESULT(-ESRCH);
	if (signal == 0)
		return 0;
	return raise(signal);
}

int pthread_kill(pthread_t thread, int signal)
{
	if (signal == 0)
		return 0;
	if (!pthread_equal(thread, pthread_self()))
		return ENOSYS;
	return valid(signal) ? deliver(signal) : EINVAL;
}

void abort(void)
{
	(void)raise(SIGABRT);
	app_exit(128 + linux_number(SIGABRT)); // a handler does not save us
}

// ---- handlers -------------------------------------------------------------------

int sigaction(int signal, const struct sigaction *new, struct sigaction *old)
{
	if (!valid(signal) || (new && (signal == SIGKILL || signal == SIGSTOP)))
		return RESULT(-EINVAL);
	if (old)
		*old = state.actions[signal];
	if (new)
		state.actions[signal] = *new;
	return 0;
}

_sig_func_ptr signal(int number, _sig_func_ptr handler)
{
	const struct sigaction new = { .sa_handler = handler };
	struct sigaction old;

	return sigaction(number, &new, &old) ? SIG_ERR : old.sa_handler;
}

// ---- masks ----------------------------------------------------------------------

static int change_mask(int how, const sigset_t *set, sigset_t *old)
{
	if (old)
		*old = state.mask;
	if (!set)
		return 0;
	switch (how) {
	case SIG_BLOCK:
		state.mask |= *set;
		return 0;
	case SIG_UNBLOCK:
		state.mask &= ~*set;
		return 0;
	case SIG_SETMASK:
		state.mask = *set;
		return 0;
	default:
		return -EINVAL;
	}
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return RESULT(change_mask(how, set, old));
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return -change_mask(how, set, old);
}
