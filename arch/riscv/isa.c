// Reads ISA strings. See isa.h.
//
// "riscv,isa" is one word: base and single letters, then longer names, each
// after an underscore (ISA manual, "ISA extension naming conventions"). The newer
// "riscv,isa-extensions" is a list of strings.

#include "arch/riscv/isa.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/fdt.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_word(const char *text, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(text[i]) != name[i])
			return false;
	return true;
}

static bool in_isa(const char *isa, const char *name)
{
	size_t n = strlen(name);
	const char *p = isa + (strlen(isa) > 4 ? 4 : 0); // past "rv64"

	if (n == 1) {
		for (; *p && *p != '_'; p++)
			if (lower(*p) == *name)
				return true;
		return false;
	}
	for (p = strchr(p, '_'); p; p = strchr(p, '_')) {
		size_t word = strcspn(++p, "_");

		if (word == n && same_word(p, name, n))
			return true;
	}
	return false;
}

static bool in_list(const char *list, uint32_t bytes, const char *name)
{
	for (uint32_t at = 0; at < bytes; at += (uint32_t)strnlen(list + at, bytes - at) + 1)
		if (!strncmp(list + at, name, bytes - at))
			return true;
	return false;
}

static bool cpu_has(int cpu, const char *name)
{
	const char *isa = fdt_string(cpu, "riscv,isa");
	uint32_t bytes;
	const char *list = fdt_prop(cpu, "riscv,isa-extensions", &bytes);

	return (list && in_list(list, bytes, name)) || (isa && in_isa(isa, name));
}

bool isa_has(const char *extension)
{
	bool found = false;

	for (int n = -1; (n = fdt_find_type("cpu", n)) >= 0; ) {
		if (!cpu_has(n, extension))
			return false;
		found = true;
	}
	return found;
}
