// The few files of /sys that programs for displays look at.
#pragma once

// Makes them, the first time somebody asks for a path there. Without memory
// they are missing, which programs take for an unknown device.
void sysfs_make(void);
