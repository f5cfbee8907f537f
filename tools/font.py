#!/usr/bin/env python3
"""Makes gfx/font_data.h from a console font.

usage: font.py FONT.psf[.gz] > font_data.h

Reads PSF version 1 and 2 (the header's layout is in the kbd project's
psf(5)-like documentation: magic, glyph count, bytes per glyph, then the
bitmaps, then for each glyph the code points it stands for) and writes the
glyphs of ASCII and Latin-1. Only fonts of 8x16 pixels.
"""
import gzip
import struct
import sys

RANGES = [(0x20, 0x7e), (0xa0, 0xff)]
HEIGHT = 16

PSF1_MAGIC = b"\x36\x04"
PSF1_MODE512 = 1
PSF1_HAS_TABLE = 2
PSF2_MAGIC = b"\x72\xb5\x4a\x86"


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def psf1_glyphs(data):
    """Code point -> bitmap. The table is 16-bit words; 0xffff ends a glyph."""
    mode, height = data[2], data[3]
    if height != HEIGHT or not mode & PSF1_HAS_TABLE:
        sys.exit("font.py: need 8x16 glyphs and a table of code points")
    count = 512 if mode & PSF1_MODE512 else 256
    bitmaps, table = data[4:4 + count * height], data[4 + count * height:]
    glyphs, glyph, sequence = {}, 0, False
    for (word,) in struct.iter_unpack("<H", table[:len(table) // 2 * 2]):
        if word == 0xffff:
            glyph, sequence = glyph + 1, False
        elif word == 0xfffe:
            sequence = True  # combined characters follow; not ours
        elif not sequence:
            glyphs[word] = bitmaps[glyph * height:(glyph + 1) * height]
    return glyphs


def psf2_glyphs(data):
    """The same for version 2: the table is UTF-8, 0xff ends a glyph."""
    start, flags, count, size, height, width = struct.unpack("<6I", data[8:32])
    if (width, height) != (8, HEIGHT) or not flags & 1:
        sys.exit("font.py: need 8x16 glyphs and a table of code points")
    entries = data[start + count * size:].split(b"\xff")
    glyphs = {}
    for index, entry in enumerate(entries[:count]):
        for char in entry.split(b"\xfe")[0].decode("utf-8"):
            offset = start + index * size
            glyphs[ord(char)] = data[offset:offset + size]
    return glyphs


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    data = read(sys.argv[1])
    if data[:2] == PSF1_MAGIC:
        glyphs = psf1_glyphs(data)
    elif data[:4] == PSF2_MAGIC:
        glyphs = psf2_glyphs(data)
    else:
        sys.exit("font.py: %s is not a PSF font" % sys.argv[1])

    print("// Made by tools/font.py; do not edit.")
    print("#pragma once\n\n#include <stdint.h>\n")
    print("struct font_range {\n\tuint32_t first;\n\tuint32_t last;")
    print("\tunsigned glyph; // of `first`, in font_glyphs\n};\n")
    print("static const struct font_range font_ranges[] = {")
    index = 0
    for first, last in RANGES:
        print("\t{ 0x%02x, 0x%02x, %d }," % (first, last, index))
        index += last - first + 1
    print("};\n\nstatic const uint8_t font_glyphs[][%d] = {" % HEIGHT)
    for first, last in RANGES:
        for code in range(first, last + 1):
            if code not in glyphs:
                sys.exit("font.py: the font has no U+%04X" % code)
            rows = ", ".join("0x%02x" % row for row in glyphs[code])
            print("\t{ %s }, // U+%04X" % (rows, code))
    print("};")


if __name__ == "__main__":
    main()
