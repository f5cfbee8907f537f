// Thread stacks: address space for the whole limit, pages for what is used.
//
// A stack starts with a few pages at its top. A trap whose stack pointer has
// come near the lowest page runs on the hart's emergency stack, and stack_grow()
// maps more there. Programs may so keep the arrays of megabytes they are used to.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hart;
struct thread;

// A trap that finds less room than this below the stack pointer takes the
// emergency stack; so handlers always have that much.
#define STACK_MARGIN 4096u

// Fills in t->stack_*; 0 or -ENOMEM. The topmost `used_bytes` are there at once and
// come on top of the limit.
int stack_create(struct thread *t, size_t limit_bytes, size_t used_bytes);
void stack_destroy(struct thread *t); // of a thread that runs nowhere

// Makes room below `sp` on the running thread's stack. Trap context, on the
// emergency stack; locks may be held. False: the limit, or no memory.
bool stack_grow(struct hart *h, uintptr_t sp);
// Pages for growing while locks are held. Any context without locks.
void stack_fill_spares(struct hart *h);
// To be called before `h` continues a thread: its TLB may know pages of that
// stack as unmapped, and the trap entry cannot afford to find out.
void stack_ready(struct hart *h);
