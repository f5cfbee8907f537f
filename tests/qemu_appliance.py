#!/usr/bin/env python3
"""Boots the apps in QEMU the ways a user would and looks at what they show.

No claim depends on how fast the machine is: time is asked of the guest, and
pictures are taken when the guest says that they are there.
"""
import json
import os
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from claims import claim, finish  # noqa: E402
from qmp import Machine  # noqa: E402

OUT = "build/tests/pictures"
GPU = ["-device", "virtio-gpu-device,xres=640,yres=480"]
INPUT = ["-device", "virtio-keyboard-device", "-device", "virtio-tablet-device"]
MODERN = ["-global", "virtio-mmio.force-legacy=false"]


def machine(image, *, app="", kernel_args="", smp=2, memory="128M", extra=(), bios=False):
    boot = ["-bios", image] if bios else ["-kernel", image]
    append = [] if bios else ["-append", f"{kernel_args} -- {app}"]
    return Machine(["-M", "virt", "-smp", str(smp), "-m", memory, *boot, *append,
                    "-display", "none", "-serial", "stdio", "-d", "guest_errors,unimp",
                    *extra])


def colours(picture):
    """How many different colours a (width, height, rgb) picture has."""
    rgb = picture[2]
    return len({rgb[i:i + 3] for i in range(0, len(rgb), 3)})


def device_complaints(m):
    """What QEMU's own devices held against us (-d guest_errors,unimp)."""
    return [line for line in m.lines if "virtio" in line.lower() and "invalid" in line.lower()]


def draws(name, image, *, shades=16, **how):
    """Boots, waits for the first frames, and checks that there is a picture."""
    with machine(image, extra=how.pop("extra", (*GPU, *INPUT)), **how) as m:
        m.wait_for("boot: first frame", 60)
        time.sleep(1)
        picture = m.screendump(f"{OUT}/{name}.png")
        assert picture[:2] == (640, 480), picture[:2]
        assert colours(picture) >= shades, f"{colours(picture)} colours in {OUT}/{name}.png"
        assert not device_complaints(m), device_complaints(m)
        assert not [line for line in m.lines if line.startswith("panic:")], m.lines


@claim
def cube_boots_as_elf_on_1_2_and_4_harts():
    for smp in (1, 2, 4):
        draws(f"cube-smp{smp}", "build/rv64/cube.elf", smp=smp)


@claim
def fluid_boots_as_elf_as_flat_image_and_as_firmware():
    draws("fluid-elf", "build/rv64/fluid.elf")
    draws("fluid-bin", "build/rv64/fluid.bin")
    draws("fluid-fw", "build/rv64/fluid-fw.bin", bios=True)


@claim
def virtio_mmio_works_legacy_and_modern():
    draws("cube-legacy", "build/rv64/cube.elf")
    draws("cube-modern", "build/rv64/cube.elf", extra=(*MODERN, *GPU, *INPUT))


@claim
def little_and_much_memory_do():
    draws("fluid-32m", "build/rv64/fluid.elf", memory="32M")
    draws("fluid-2g", "build/rv64/fluid.elf", memory="2G")


@claim
def without_input_devices_the_app_runs():
    draws("cube-no-input", "build/rv64/cube.elf", extra=GPU)


@claim
def without_a_gpu_one_line_says_so_and_the_status_is_not_0():
    with machine("build/rv64/cube.elf") as m:
        assert m.wait(30) != 0
        assert [line for line in m.lines if "no display" in line], m.lines


@claim
def frames_that_are_asked_for_end_with_status_0():
    with machine("build/rv64/cube.elf", app="--frames 10", extra=GPU) as m:
        assert m.wait(30) == 0
        m.wait_for("exit: cube status=0", 1)


@claim
def a_bad_option_is_named_and_the_status_is_2():
    with machine("build/rv64/cube.elf", app="--frobnicate", extra=GPU) as m:
        assert m.wait(30) == 2
        assert [line for line in m.lines if "frobnicate" in line], m.lines


@claim
def a_panic_names_the_place_and_covers_the_screen():
    with machine("build/rv64/panic.elf", kernel_args="panic=hang", extra=GPU) as m:
        m.wait_for("panic: null pointer: store page fault at address 0x0", 60)
        m.wait_for("thread_entry", 10)
        time.sleep(1)
        width, height, rgb = m.screendump(f"{OUT}/panic.png")
        corner = rgb[-3:]
        assert (corner[0] > 2 * corner[1] and rgb.count(corner) > width * height / 2), corner
        assert [line for line in m.lines if "#0 " in line and " app_main_panic+" in line]
    with machine("build/rv64/panic.elf", extra=GPU) as m:
        assert m.wait(60) != 0


@claim
def a_program_that_knows_only_atomic_is_shown():
    with machine("build/rv64/atomic.elf", app="--hold", extra=GPU) as m:
        assert " 0 failed" in m.wait_for(" passed, ", 60), m.lines
        width, _, rgb = m.screendump(f"{OUT}/atomic.png")
        assert not device_complaints(m), device_complaints(m)
    at = {(x, y): rgb[3 * (y * width + x):][:3].hex()
          for x, y in ((0, 0), (300, 200), (64, 48), (95, 79), (96, 80))}
    assert list(at.values()) == ["2040c0", "c02020", "20c040", "20c040", "c02020"], at


@claim
def flips_follow_the_refresh_and_nothing_grows():
    args = "video=640x480@60 stats=1"
    with machine("build/rv64/pacing.elf", kernel_args=args, extra=GPU) as m:
        assert m.wait(120) == 0, m.lines[-20:]
        told = json.loads(m.wait_for("pacing: ", 1).removeprefix("pacing: "))
        stats = [json.loads(line.removeprefix("stats: "))
                 for line in m.lines if line.startswith("stats: ")]
    period_us = told["us"] / told["sequences"]
    assert abs(period_us - 1e6 / 60) < 1e4 / 60, told
    # A slow machine misses vblanks; one of any use does not miss most of them.
    assert told["uneven"] <= told["frames"] // 2, told
    assert len({(s["heap"], s["pages"]) for s in stats[2:-1]}) == 1, stats
    assert all(share < 2 for s in stats for share in s["busy"]), stats  # of 1


def event(kind, **data):
    return {"type": kind, "data": data}


def press(m, key):
    for down in (True, False):
        m.command("input-send-event", events=[
            event("key", down=down, key={"type": "qcode", "data": key})])


def drag(m, points):
    """Points are in a tablet's units: 0..32767 across and down the screen."""
    def position(x, y):
        return [event("abs", axis="x", value=x), event("abs", axis="y", value=y)]

    m.command("input-send-event", events=position(*points[0]))
    m.command("input-send-event", events=[event("btn", button="left", down=True)])
    for point in points[1:]:
        m.command("input-send-event", events=position(*point))
        time.sleep(0.03)
    m.command("input-send-event", events=[event("btn", button="left", down=False)])


def still_picture(m, path, seconds=20):
    """The picture once two looks in a row are the same."""
    end = time.monotonic() + seconds
    before = m.screendump(path)
    while time.monotonic() < end:
        time.sleep(0.5)
        now = m.screendump(path)
        if now == before:
            return now
        before = now
    raise AssertionError(f"the picture does not come to rest: {path}")


@claim
def dragging_the_pointer_stirs_the_paused_fluid_and_p_pauses_it():
    args = "--seed 7 --bloom off --sunrays off"  # which light up the whole picture
    with machine("build/rv64/fluid.elf", app=args, extra=(*GPU, *INPUT)) as m:
        m.wait_for("boot: first frame", 60)
        time.sleep(1)
        press(m, "p")
        before = still_picture(m, f"{OUT}/fluid-before-drag.png")
        drag(m, [(8000 + 400 * i, 16000) for i in range(40)])
        after = still_picture(m, f"{OUT}/fluid-after-drag.png")
    width = before[0]

    def changed(first_row, last_row):
        rows = slice(first_row * width * 3, last_row * width * 3)
        return sum(abs(a - b) > 8 for a, b in zip(before[2][rows], after[2][rows]))

    path, far = changed(215, 255), changed(440, 480)
    assert path > 5000, path
    assert far < path / 10, (far, path)


os.makedirs(OUT, exist_ok=True)
finish()
