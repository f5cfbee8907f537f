#!/usr/bin/env python3
"""Boots tests/apps/stress: locks, threads, memory, files, flips and input at once.

`--seconds N` makes each run last longer, `--seed N` starts elsewhere; a failure
prints both, so that it can be run again.
"""
import os
import sys
import threading

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from claims import claim, finish  # noqa: E402
from qmp import Machine  # noqa: E402

IMAGE = "build/rv64/stress.elf"
START_AND_STOP_S = 90  # of a slow host
KEYS = ("a", "b", "spc", "left")


def option(name, default):
    if name not in sys.argv:
        return default
    at = sys.argv.index(name)
    value = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
    return value


SECONDS = option("--seconds", 5)
SEED = option("--seed", 1)


def send_input(m, over):
    """Keys and pointer movements until `over` is set."""
    step = 0
    while not over.wait(0.02):
        step += 1
        key = {"type": "qcode", "data": KEYS[step % len(KEYS)]}
        m.command("input-send-event", events=[
            {"type": "key", "data": {"down": step // len(KEYS) % 2 == 0, "key": key}},
            {"type": "abs", "data": {"axis": "x", "value": step * 97 % 32768}}])


def survives(smp, *extra):
    args = ["-M", "virt", "-smp", str(smp), "-m", "64M", "-display", "none", "-serial", "stdio",
            "-kernel", IMAGE, "-d", "guest_errors,unimp",
            "-append", f"video=640x480@60 -- stress --seconds {SECONDS} --seed {SEED}",
            "-device", "virtio-keyboard-device", "-device", "virtio-tablet-device", *extra]
    over = threading.Event()
    with Machine(args) as m:
        m.wait_for("rivulet:", START_AND_STOP_S)
        sender = threading.Thread(target=send_input, args=(m, over), daemon=True)
        sender.start()
        m.wait_for(" passed, ", SECONDS + START_AND_STOP_S)
        over.set()
        sender.join()
        status = m.wait(START_AND_STOP_S)
        text = f"--seed {SEED} --seconds {SECONDS} on {smp} harts\n" + "\n".join(m.lines)
        assert status == 0 and any(line.endswith(" 0 failed") for line in m.lines), text
        assert not [line for line in m.lines if "invalid" in line.lower()], text


GPU = ("-device", "virtio-gpu-device,xres=640,yres=480")


@claim
def everything_at_once_survives_on_one_hart():
    survives(1, *GPU)


@claim
def everything_at_once_survives_on_two_harts():
    survives(2, *GPU, "-global", "virtio-mmio.force-legacy=false")


@claim
def everything_at_once_survives_on_four_harts():
    survives(4, "-device", "virtio-gpu-pci,xres=640,yres=480")


finish()
