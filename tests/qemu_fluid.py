#!/usr/bin/env python3
"""The fluid in QEMU: how soon a stroke is to be seen, and the same show as in
the simulator.

Latency is counted in frames, of a machine with one hart, which cannot show a
picture before it has seen the interrupt that came first; so nothing here
depends on how fast the machine is. `make bench BENCH=latency` has milliseconds.
"""
import os
import subprocess
import sys
import time
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from bench_latency import by_screendumps, by_the_app  # noqa: E402
from claims import claim, finish  # noqa: E402
from qmp import Machine  # noqa: E402

STROKES = 12
SMALL = "320x240"
HELD = 40
SHOW = "--seed 7 --path fixed"


@claim
def a_stroke_is_shown_within_two_flips():
    told = by_the_app(SMALL, 1, STROKES)
    assert told["inputs"] >= STROKES, told
    assert told["frames_max"] <= 2, told


@claim
def a_stroke_is_in_one_of_the_next_two_screendumps_that_differ():
    seen = by_screendumps(SMALL, 1, STROKES)
    assert max(pictures for pictures, _ in seen) <= 2, seen


# Bits of a vector register, and harts.
VECTORS = ((128, 2), (256, 1), (1024, 2))


def with_vectors(app, arguments, bits, harts, wanted):
    with Machine(["-M", "virt", "-cpu", f"rv64,v=true,vlen={bits},vext_spec=v1.0",
                  "-smp", str(harts), "-m", "128M", "-kernel", f"build/rv64/{app}.elf",
                  "-display", "none", "-serial", "stdio",
                  "-device", "virtio-gpu-device,xres=320,yres=240",
                  "-append", f"-- {arguments}"]) as m:
        m.wait_for(wanted, 120)
        assert m.wait(60) == 0, m.lines


@claim
def vector_registers_compute_what_scalar_code_does():
    for bits, harts in VECTORS:
        with_vectors("twins", "", bits, harts, "twins: 48 checks, 0 failed")


@claim
def the_float_path_uses_vector_registers_if_there_are_some():
    with_vectors("fluid", "--path float --frames 3", 128, 2, "fluid: path float (rvv), as asked")
    with_vectors("fluid", "--frames 3", 128, 2, "fluid: path fixed (small frame: float")


@claim
def four_harts_on_one_processor_do_not_all_work():
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})  # QEMU's threads inherit it
    try:
        with Machine(["-M", "virt", "-smp", "4", "-m", "128M", "-kernel",
                      "build/rv64/fluid.elf", "-display", "none", "-serial", "stdio",
                      "-device", "virtio-gpu-device,xres=320,yres=240",
                      "-append", f"-- {SHOW} --frames 3"]) as m:
            m.wait_for("fluid: works on", 120)
            assert m.wait(60) == 0, m.lines
    finally:
        os.sched_setaffinity(0, everywhere)


def simulated_crcs(size, frames):
    done = subprocess.run(["build/sim/fluid", "--headless", "--crc", "--res", f"{size}@240",
                           "--frames", str(frames), "--", *SHOW.split()], check=True, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return [line.split()[3].decode() for line in done.stdout.splitlines()
            if line.startswith(b"crc: 0 ")]


def held_crc(size, harts, wanted):
    """Of the picture that is held; `wanted` as soon as it is there."""
    width, height = size.split("x")
    end = time.monotonic() + 30
    with Machine(["-M", "virt", "-smp", str(harts), "-m", "128M",
                  "-kernel", "build/rv64/fluid.elf", "-display", "none", "-serial", "stdio",
                  "-device", f"virtio-gpu-device,xres={width},yres={height}",
                  "-append", f"-- {SHOW} --hold {HELD}"]) as m:
        m.wait_for(f"fluid: holds frame {HELD}", 120)
        crc = ""
        while crc != wanted and time.monotonic() < end:
            crc = f"{zlib.crc32(m.screendump(None)[2]):08x}"
        return crc


@claim
def a_seeded_show_is_the_simulators_to_the_pixel():
    for size in (SMALL, "640x480"):
        wanted = simulated_crcs(size, HELD + 1)[HELD]  # frames count from 0
        for harts in (1, 2):
            assert held_crc(size, harts, wanted) == wanted, (size, harts)


finish()
