// The one place where a negative errno becomes -1 and errno.
#pragma once

#include <errno.h>

#define RESULT(value) \
	({ \
		__typeof__(value) result_ = (value); \
		if (result_ < 0) { \
			errno = (int)-result_; \
			result_ = -1; \
		} \
		result_; \
	})
