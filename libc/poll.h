// Wakes whoever sleeps in poll() or select(): file_notify() without a file.
#pragma once

void poll_wake(void); // any context
