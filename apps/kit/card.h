// The card: its name, and ioctls that answer with a negative errno.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>

#define KIT_CARD "/dev/dri/card0"

// A signal, or a device that asks to try again, does not count as an answer.
static inline int kit_card_ioctl(int fd, unsigned long request, void *argument)
{
	int ret;

	do {
		ret = ioctl(fd, request, argument);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret < 0 ? -errno : 0;
}

// Addresses travel as 64 bits, whatever the machine's are.
static inline uint64_t kit_user_pointer(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}
