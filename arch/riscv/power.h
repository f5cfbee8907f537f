// Finds the device that powers off with a status. Once, at boot.
#pragma once

void power_init(void);
