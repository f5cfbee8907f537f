#!/usr/bin/env python3
"""Reference data of the fluid: pack it for the tree, unpack it for tests.

  fluid_reference.py pack FOLDER tests/data      from the original files
  fluid_reference.py unpack tests/data build/reference

Float fields are stored as integers, in steps of 2^-22 of the largest value
(a 1e-7 of it: a hundredth of what the strictest test tolerates), as the
difference from what the left, lower and lower left neighbours predict, in
byte planes, under LZMA. That is a third of the original. step10 and step60,
from which tests go on, are kept to the bit. Pictures become raw RGB.
"""
import array
import json
import lzma
import os
import struct
import sys
import zlib

# name, kept to the bit
FIELDS = [
    ("f32-step01-velocity", False), ("f32-step01-pressure", False),
    ("f32-step01-dye", False), ("f32-step10-velocity", True),
    ("f32-step10-pressure", True), ("f32-step10-dye", True),
    ("f32-step11-a-curl", False),
    ("f32-step11-b-velocity-after-vorticity", False),
    ("f32-step11-c-divergence", False),
    ("f32-step11-e-pressure-after-20-iterations", False),
    ("f32-step11-f-velocity-after-projection", False),
    ("f32-step11-g-velocity-after-advection", False),
    ("f32-step11-h-dye-after-advection", False),
    ("f32-curl0-step60-velocity", False), ("f32-curl0-step60-pressure", False),
    ("f32-curl0-step60-dye", False), ("f32-step60-dye", True),
]
HALVES = ["f32-step60-bloom", "f32-step60-sunrays"]
PICTURES = ["f32-display-off", "f32-display-on", "f32-display-on-nodither"]


def planes(data, width):
    """Bytes 0 of all words, then bytes 1, ..."""
    return b"".join(data[i::width] for i in range(width))


def unplanes(data, width):
    out = bytearray(len(data))
    count = len(data) // width
    for i in range(width):
        out[i::width] = data[i * count:(i + 1) * count]
    return bytes(out)


def predicted(q, i, row, step):
    """From the left, lower and lower left cells, as far as there are any."""
    left = q[i - step] if i % row >= step else 0
    below = q[i - row] if i >= row else 0
    corner = q[i - row - step] if i >= row and i % row >= step else 0
    return left + below - corner


def pack_field(data, width, channels, exact):
    if exact:
        return planes(data, 4), {}
    values = array.array("f", data)
    scale = max(abs(v) for v in values) / (1 << 22)
    q = [round(v / scale) for v in values]
    row = width * channels
    difference = array.array(
        "i", (q[i] - predicted(q, i, row, channels) for i in range(len(q))))
    folded = array.array("I", ((d << 1 ^ d >> 31) & 0xffffffff
                               for d in difference))
    return planes(folded.tobytes(), 4), {"scale": scale}


def unpack_field(data, entry):
    data = unplanes(data, 4)
    if "scale" not in entry:
        return data
    folded = array.array("I", data)
    row, step = entry["width"] * entry["channels"], entry["channels"]
    q = []
    for i, f in enumerate(folded):
        q.append((f >> 1 ^ -(f & 1)) + predicted(q, i, row, step))
    return array.array("f", (v * entry["scale"] for v in q)).tobytes()


def png_rows(data):
    """Width and rows (channels bytes a pixel) of an 8-bit RGB(A) PNG."""
    at, idat = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            idat += body
        at += 12 + size
    bpp = {2: 3, 6: 4}[colour]
    assert depth == 8
    raw = zlib.decompress(idat)
    previous, rows = bytes(width * bpp), []
    for y in range(height):
        start = y * (width * bpp + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width * bpp])
        for i in range(len(line)):
            a = line[i - bpp] if i >= bpp else 0
            b = previous[i]
            c = previous[i - bpp] if i >= bpp else 0
            if kind == 1:
                line[i] = line[i] + a & 255
            elif kind == 2:
                line[i] = line[i] + b & 255
            elif kind == 3:
                line[i] = line[i] + (a + b) // 2 & 255
            elif kind == 4:
                p = a + b - c
                d = (abs(p - a), abs(p - b), abs(p - c))
                line[i] = line[i] + (a, b, c)[d.index(min(d))] & 255
        rows.append((line, bpp))
        previous = bytes(line)
    return rows


def png_to_rgb(data):
    out = bytearray()
    for line, bpp in png_rows(data):
        for x in range(0, len(line), bpp):
            out += line[x:x + 3]
    return bytes(out)


def pack(source, target):
    os.makedirs(target, exist_ok=True)
    about = {f["file"]: f for f in json.load(
        open(os.path.join(source, "reference.json")))["files"]}
    index = []
    for name, exact in FIELDS:
        file = name + ".f32"
        entry = {k: about[file][k] for k in ("file", "width", "channels")}
        data = open(os.path.join(source, file), "rb").read()
        packed, extra = pack_field(data, entry["width"], entry["channels"],
                                   exact)
        entry.update(extra)
        index.append(entry)
        write(target, file + ".xz", lzma.compress(packed, preset=9))
    for name in HALVES:
        data = open(os.path.join(source, name + ".f16"), "rb").read()
        write(target, name + ".f16.xz",
              lzma.compress(planes(data, 2), preset=9))
    for name in PICTURES:
        write(target, name + ".png",
              open(os.path.join(source, name + ".png"), "rb").read())
    with open(os.path.join(target, "index.json"), "w") as f:
        json.dump(index, f, indent=1)
        f.write("\n")


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def unpack(source, target):
    os.makedirs(target, exist_ok=True)
    index = json.load(open(os.path.join(source, "index.json")))
    for entry in index:
        data = lzma.decompress(
            open(os.path.join(source, entry["file"] + ".xz"), "rb").read())
        write(target, entry["file"], unpack_field(data, entry))
    for name in HALVES:
        data = lzma.decompress(
            open(os.path.join(source, name + ".f16.xz"), "rb").read())
        halves = struct.unpack("<%de" % (len(data) // 2), unplanes(data, 2))
        write(target, name + ".f32", array.array("f", halves).tobytes())
    for name in PICTURES:
        data = open(os.path.join(source, name + ".png"), "rb").read()
        write(target, name + ".rgb", png_to_rgb(data))


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("pack", "unpack"):
        sys.exit(__doc__)
    {"pack": pack, "unpack": unpack}[sys.argv[1]](sys.argv[2], sys.argv[3])
