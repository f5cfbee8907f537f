// What the firmware handed over in a0 and a1, if it was not hart and device tree.
//
// U-Boot's bootelf and go enter a program as main(argc, argv). The words say what
// is missing, all in hexadecimal; go's begin with the address, bootelf's after it:
//
//   bootelf -p ADDRESS TREE [HART]
//   go ADDRESS TREE [HART]
//
// Runs at the load address with the MMU off: no absolute addresses in here.

#include <stddef.h>
#include <stdint.h>

#define FDT_MAGIC_LE 0xedfe0dd0u // d0 0d fe ed, Devicetree Specification 0.4 §5.2
#define ARGS_MAX 3

extern char _start[];

struct handover {
	unsigned long hart; // returned in a0, a1 (RISC-V calling convention)
	uintptr_t tree;
};

struct handover boot_handover(unsigned long a0, uintptr_t a1);

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static unsigned long hex(const char *word)
{
	unsigned long value = 0;

	if (word[0] == '0' && (word[1] | 0x20) == 'x')
		word += 2;
	for (; hex_digit(*word) >= 0; word++)
		value = value << 4 | (unsigned long)hex_digit(*word);
	return value;
}

struct handover boot_handover(unsigned long a0, uintptr_t a1)
{
	const char *const *argv = (const char *const *)a1;

	if (!a1 || a1 % sizeof(*argv) || *(const uint32_t *)a1 == FDT_MAGIC_LE || !a0 ||
	    a0 > ARGS_MAX)
		return (struct handover){ a0, a1 };
	if (hex(argv[0]) == (uintptr_t)_start && a0 > 1) {
		argv++;
		a0--;
	}
	return (struct handover){ a0 > 1 ? hex(argv[1]) : 0, hex(argv[0]) };
}
