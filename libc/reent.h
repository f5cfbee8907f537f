// newlib's own state, which has the hook that exit() flushes the streams through.
#pragma once

void reent_start(void); // on a thread; does nothing the second time
