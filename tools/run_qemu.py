#!/usr/bin/env python3
"""Boots an image for a person to look at; `make run` calls this.

With a display (DISPLAY or WAYLAND_DISPLAY) QEMU opens a window and runs until
it is closed. Without one it runs for a few seconds, saves build/APP.png, prints
the frames per second and exits 0; exits 1 when nothing was drawn.

Environment: APP, ELF, SMP, MEM, RES (WxH), ARGS (the app's), QEMU_ARGS, and ARCH;
for rv32 FIRMWARE too, because QEMU brings none that fits.
"""
import json
import os
import re
import shlex
import subprocess
import sys

from qmp import Machine, NotStarted, Timeout

RES_DEFAULT = "640x480"
RV32 = os.environ.get("ARCH") == "rv32"
QEMU = "qemu-system-riscv32" if RV32 else "qemu-system-riscv64"
LOOK_SECONDS = 5
SIDE_MIN, SIDE_MAX = 16, 8192  # kernel/ takes no larger video=
HARTS_MAX = 512  # of QEMU's virt


def arguments(app_args, kernel_args):
    env = os.environ
    size = re.fullmatch(r"(\d+)x(\d+)", env.get("RES") or RES_DEFAULT)
    if not size or not all(SIDE_MIN <= int(side) <= SIDE_MAX for side in size.groups()):
        sys.exit(f"RES is WIDTHxHEIGHT from {SIDE_MIN}x{SIDE_MIN} to {SIDE_MAX}x{SIDE_MAX}, "
                 f"not {env['RES']}")
    if not re.fullmatch(r"\d+", env["SMP"]) or not 1 <= int(env["SMP"]) <= HARTS_MAX:
        sys.exit(f"SMP is a number of harts from 1 to {HARTS_MAX}, not {env['SMP']}")
    if not re.fullmatch(r"\d+[KMG]?", env["MEM"], re.I):
        sys.exit(f"MEM is memory as QEMU's -m has it, such as 64M, not {env['MEM']}")
    width, height = size.groups()
    # QEMU's display asks for 75 Hz; what is made for 60 would miss every other vblank.
    append = " ".join([f"video={width}x{height}@60", *kernel_args,
                       *(["--", app_args] if app_args else [])])
    return [
        "-M", "virt", "-smp", env["SMP"], "-m", env["MEM"], "-kernel", env["ELF"],
        "-device", f"virtio-gpu-device,xres={width},yres={height}",
        "-device", "virtio-keyboard-device", "-device", "virtio-tablet-device",
        *(["-cpu", "rv32,f=off,d=off,c=off", "-bios", env["FIRMWARE"]] if RV32 else []),
        "-append", append, *shlex.split(env.get("QEMU_ARGS", "")),
    ]


def in_window(args):
    return subprocess.call([QEMU, *args, "-serial", "mon:stdio"])


def look(args, app):
    """Returns the exit status; an app that ends by itself decides it."""
    picture = os.path.join("build", app + ".png")
    with Machine([*args, "-display", "none", "-serial", "stdio"], QEMU,
                 echo=True) as m:
        try:
            m.wait_for("boot: first frame", 30)
            m.screendump(picture)  # all there will be of an app that ends soon
            stats = m.wait_for("stats: ", 10 * LOOK_SECONDS, count=LOOK_SECONDS)
            m.screendump(picture)
        except (Timeout, EOFError, OSError) as failure:
            try:
                return m.process.wait(2)
            except subprocess.TimeoutExpired:
                print(failure)
                return 1
    fps = json.loads(stats.removeprefix("stats: "))["fps"]
    print(f"{app}: {fps} frames per second; picture in {picture}")
    return 0


def main():
    app = os.environ["APP"]
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return in_window(arguments(os.environ.get("ARGS", ""), []))
    return look(arguments(os.environ.get("ARGS", ""), ["stats=1"]), app)


try:
    sys.exit(main())
except NotStarted as failure:
    sys.exit(str(failure))
except KeyboardInterrupt:
    sys.exit(130)
