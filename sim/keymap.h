// SDL's names of keys and buttons to Linux's.
#pragma once

#include <stdint.h>

uint16_t sim_keymap_key(unsigned sdl_scancode);  // KEY_*, 0: not on our keyboard
uint16_t sim_keymap_button(unsigned sdl_button); // BTN_*, 0: none
