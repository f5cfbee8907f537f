#!/usr/bin/env python3
"""Makes the table of function names that a panic's backtrace is read from.

    nm --defined-only IMAGE | symbols.py > symbols.s

IMAGE is linked with an empty table: text comes before it, so addresses do not
move. Layout, read by arch/riscv/symbols.c: u16 count of functions, u8 count of
characters, the characters, a pair of tokens for each number above those up to 255,
then for each function in address order half the distance from the one before (from
the image's start for the first) as a little-endian base-128 number, and the tokens
of its name. A token is the number of a character or of a pair; the last one of a name
ends with character 0, which is zero.
"""
import collections
import sys


def read_functions(lines):
    """Returns the image's start and [(address, name)] by address."""
    by_address, start = {}, None
    for line in lines:
        fields = line.split()
        if fields[-1] == "__image_start":
            start = int(fields[0], 16)
        if len(fields) == 3 and fields[1] in "tTwW" and not fields[2].startswith((".", "$")):
            by_address.setdefault(int(fields[0], 16), fields[2])
    return start, sorted(by_address.items())


def compress(names):
    """Byte-pair coding: the most frequent pair becomes a token until there are 256."""
    chars = ["\0", *sorted(set("".join(names)))]
    names = [[chars.index(c) for c in n + "\0"] for n in names]
    pairs = []
    for token in range(len(chars), 256):
        counts = collections.Counter()
        for n in names:
            counts.update(zip(n, n[1:]))
        if not counts:
            break
        pair = max(sorted(counts), key=lambda p: counts[p])
        pairs.append(pair)
        for n in names:
            i = 0
            while i < len(n) - 1:
                if (n[i], n[i + 1]) == pair:
                    n[i:i + 2] = [token]
                i += 1
    return chars, pairs + [(0, 0)] * (256 - len(chars) - len(pairs)), names


def varint(value):
    out = []
    while True:
        out.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return out


def main():
    at, functions = read_functions(sys.stdin)
    chars, pairs, names = compress([name for _, name in functions])
    table = [len(functions) & 255, len(functions) >> 8, len(chars), *map(ord, chars)]
    for pair in pairs:
        table += pair
    for (address, _), name in zip(functions, names):
        table += varint((address - at) // 2) + name
        at = address
    print('\t.section .symbols, "a"\n\t.globl symbol_table\nsymbol_table:')
    for i in range(0, len(table), 16):
        print("\t.byte " + ",".join(str(b) for b in table[i:i + 16]))


main()
