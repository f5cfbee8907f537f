// newlib's own state, which must stand before the app runs.
#pragma once

void reent_start(void); // for boot, on a thread
