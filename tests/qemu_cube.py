#!/usr/bin/env python3
"""The cube in QEMU, pixel by pixel: what the screen shows is what it always was.

Exact, because everything between the frame's number and the screen is integers
and nothing is scaled. After a change of the picture that is meant, look at
build/tests/pictures/cube-golden-*.png and put the CRCs printed into GOLDEN.
"""
import os
import sys
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from claims import claim, finish  # noqa: E402
from qmp import Machine  # noqa: E402

OUT = "build/tests/pictures"

# CRC-32 of the RGB bytes of the whole screen, captions included.
GOLDEN = {
    ((640, 480), 1): 0x88a6905c,
    ((640, 480), 60): 0x59402a5e,
    ((640, 480), 200): 0xcdd2b59a,
    ((1024, 768), 45): 0xff0b108f,
}


def cube(size, app):
    width, height = size
    return Machine(["-M", "virt", "-smp", "2", "-m", "64M", "-kernel", "build/rv64/cube.elf",
                    "-device", f"virtio-gpu-device,xres={width},yres={height}",
                    "-device", "virtio-keyboard-device", "-display", "none",
                    "-serial", "stdio", "-append", f"stats=1 -- {app}"])


def wait_until_still(m, frame):
    """Until the frame is drawn, and then a second has passed without a flip."""
    m.wait_for(f"cube: holds frame {frame}", 60)
    seen = len([line for line in m.lines if line.startswith("stats: ")])
    while True:
        seen += 1
        if '"flips":0,' in m.wait_for("stats: ", 60, count=seen):
            return


@claim
def held_frames_are_the_pictures_they_always_were():
    os.makedirs(OUT, exist_ok=True)
    wrong = []
    for (size, frame), golden in GOLDEN.items():
        with cube(size, f"--hold {frame}") as m:
            wait_until_still(m, frame)
            path = f"{OUT}/cube-golden-{size[0]}x{size[1]}-{frame}.png"
            width, height, rgb = m.screendump(path)
        assert (width, height) == size, (width, height)
        if zlib.crc32(rgb) != golden:
            wrong.append(f"{path}: 0x{zlib.crc32(rgb):08x}, not 0x{golden:08x}")
    assert not wrong, "\n".join(wrong)


@claim
def a_benchmark_prints_its_line_and_ends_with_status_0():
    with cube((640, 480), "--bench 50") as m:
        line = m.wait_for("bench: {", 60)
        m.wait_for("exit: cube status=0", 10)
        assert m.wait(10) == 0
    for part in ('"app":"cube"', '"width":640', '"frames":50', '"harts":2', '"pass_ms":{'):
        assert part in line, line


@claim
def escape_leaves_with_status_0():
    with cube((640, 480), "") as m:
        m.wait_for("boot: first frame", 60)
        for down in (True, False):
            try:
                m.command("input-send-event", events=[{
                    "type": "key", "data": {"down": down, "key": {
                        "type": "qcode", "data": "esc"}}}])
            except (EOFError, OSError):
                break  # it has left already
        m.wait_for("exit: cube status=0", 20)
        assert m.wait(10) == 0


finish()
