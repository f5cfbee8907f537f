// Where the time between our first instruction and the app goes.
#pragma once

// The phase that ends here. `name` must stay; boot only, one thread.
void phase_end(const char *name);
// One pr_debug line of all phases and the microseconds each took.
void phase_report(void);
