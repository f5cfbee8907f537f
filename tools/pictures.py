#!/usr/bin/env python3
"""Takes the pictures of the documentation from the apps as QEMU shows them.

    make pictures        writes docs/pictures/*.png

Each is the screen some seconds after the first frame; drags are replayed from
the table below, so that a picture can be taken again. PICTURES="cube paths" takes
only these; `paths` are both arithmetic paths of the fluid (compare_paths.py).
"""
import os
import sys
import time

from compare_paths import AMPLIFIED, compare
from qmp import Machine

OUT = "docs/pictures"


def arc(x, y, dx, dy, steps=24):
    """A stroke in a tablet's units, 0..32767 each way."""
    return [(x + dx * i // steps, y + dy * i * i // steps // steps) for i in range(steps + 1)]


# name, app, its arguments, size, seconds to wait, strokes
PICTURES = [
    ("fluid", "fluid", "--seed 11", "640x480", 3,
     [arc(4000, 6000, 20000, 18000), arc(28000, 4000, -16000, 22000)]),
    ("cube", "cube", "", "640x480", 3, []),
]


def event(kind, **data):
    return {"type": kind, "data": data}


def stroke(m, points):
    for i, (x, y) in enumerate(points):
        m.command("input-send-event", events=[event("abs", axis="x", value=x),
                                              event("abs", axis="y", value=y)])
        if i == 0:
            m.command("input-send-event", events=[event("btn", button="left", down=True)])
        time.sleep(0.02)
    m.command("input-send-event", events=[event("btn", button="left", down=False)])


def take(name, app, args, size, seconds, strokes):
    width, height = size.split("x")
    with Machine(["-M", "virt", "-smp", "2", "-m", "256M", "-kernel", f"build/rv64/{app}.elf",
                  "-display", "none", "-serial", "stdio",
                  "-device", f"virtio-gpu-device,xres={width},yres={height}",
                  "-device", "virtio-tablet-device", "-append", "-- " + args]) as m:
        m.wait_for("boot: first frame", 60)
        time.sleep(seconds)
        for points in strokes:
            stroke(m, points)
        time.sleep(0.3)
        m.screendump(f"{OUT}/{name}.png")


def wanted(name):
    return len(sys.argv) < 2 or name in sys.argv[1:]


def main():
    os.makedirs(OUT, exist_ok=True)
    for row in PICTURES:
        if wanted(row[0]):
            take(*row)
            print(f"{OUT}/{row[0]}.png")
    for path, frame, most, mean, within in compare(OUT) if wanted("paths") else ():
        print(f"{path}: frame {frame}, float | fixed | {AMPLIFIED} x difference; "
              f"largest {most}/255, mean {mean:.3f}/255, within 3/255 {within:.2f} %")


main()
