"""make bench: what it takes to show a picture that is drawn, or to leave one.

tests/apps/flip times the calls; QEMU's trace tells when they reach the device
and how many notifications and interrupts there are.
"""
import os
import re
import tempfile
import time

from bench_run import (Failed, image, median, number, output_of, qemu, qemu_arguments, rounds,
                       table, told, verdict)
from qmp import Machine

RES = "1280x800"
ROUNDS = 200
STILL_SECONDS = 5
BUDGET_FLIP_US = 20
BUDGET_DIRTY_SHARE = 0.1
BUDGET_IDLE_PERCENT = 1
EVENTS = "virtio_queue_notify", "virtio_gpu_cmd_res_flush", "virtio_mmio_setting_irq", "riscv_trap"


def tracing(log):
    return ["-msg", "timestamp=on", "-D", log,
            *(word for event in EVENTS for word in ("-trace", event))]


def events(log):
    """[(seconds, event, rest)] of QEMU's trace."""
    with open(log, errors="replace") as f:
        found = re.findall(r"@(\d+\.\d+):(\w+) (.*)", f.read())
    if not found:
        raise Failed("QEMU wrote no trace")
    return [(float(t), event, rest) for t, event, rest in found]


def on_the_wire():
    """(notifications a flip, interrupts a flip, {what: us from notify to flush})"""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "trace")
        qemu("flip", smp=1, res=RES, args=f"--rounds {ROUNDS}", extra=tracing(log))
        seen = events(log)
    delays = {"flip": [], "16x16": [], "everything": []}
    notified, flushes, notifies, interrupts = None, 0, 0, 0
    for at, event, rest in seen:
        # The first flush sets the mode, and then the other buffers are made;
        # after the flips come the updates.
        flipping = 2 <= flushes <= ROUNDS
        if event == "virtio_queue_notify":
            notified = at
            notifies += flipping
        elif event == "riscv_trap":
            interrupts += flipping and "s_external" in rest
        elif event == "virtio_gpu_cmd_res_flush":
            what = ("flip" if flipping else "16x16" if "w 16, h 16" in rest else
                    "everything" if flushes > ROUNDS else None)
            if what:
                delays[what].append((at - notified) * 1e6)
            flushes += 1
    count = len(delays["flip"])
    return notifies / count, interrupts / count, {k: median(v) for k, v in delays.items()}


def bytes_sent():
    """(least, most) bytes transferred for an update, as the simulator's device saw it."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "trace")
        output_of([image("sim/flip"), "--headless", "--res", RES, "--trace", log, "--",
                   "--rounds", "2"])
        with open(log) as f:
            text = f.read()
    sizes = re.findall(r'"TRANSFER_TO_HOST_2D".*?"w":(\d+),"h":(\d+)', text)
    areas = [4 * int(width) * int(height) for width, height in sizes]
    if not areas:
        raise Failed("the simulator's trace has no transfers")
    return min(areas), max(areas)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle():
    """(percent of a host core, timer interrupts) while a picture stands still."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "trace")
        with Machine([*qemu_arguments("flip", res=RES, args="--rounds 2 --still 60"),
                      "-D", log, "-trace", "riscv_trap"]) as m:
            m.wait_for("flip: still", 30)
            time.sleep(0.5)
            cpu, at, lines = cpu_seconds(m.process.pid), time.monotonic(), count_timers(log)
            time.sleep(STILL_SECONDS)
            cpu = cpu_seconds(m.process.pid) - cpu
            return 100 * cpu / (time.monotonic() - at), count_timers(log) - lines


def count_timers(log):
    with open(log, errors="replace") as f:
        return f.read().count("timer")


def run(quick):
    def measure(smp):
        return told(qemu("flip", smp=smp, res=RES, args=f"--rounds {ROUNDS}"), "flip")

    timed = rounds(1 if quick else 5, (1, 2), measure)
    counted = told(qemu("flip", res=RES, args="--rounds 20", icount=True), "flip")
    notifies, interrupts, wire_us = on_the_wire()
    least, most = bytes_sent()
    percent, timers = idle()

    def us(key, smp):
        return median([t[key] for t in timed[smp]]) / 1000

    rows = [[text, number(us(key, 1)), number(us(key, 2)), f"{counted[key]:,}",
             verdict(us(key, 2), budget) if budget else ""]
            for text, key, budget in (
                ("PAGE_FLIP, the call: returns after the notify", "call", BUDGET_FLIP_US),
                ("PAGE_FLIP until its event is read", "event", None),
                ("DIRTYFB 16x16, the call (budget: a tenth)", "small", BUDGET_DIRTY_SHARE * us("whole", 2)),
                ("DIRTYFB of everything, the call", "whole", None))]
    print(f"## Flip and update, {RES}, medians of {ROUNDS}\n")
    table(["microseconds", "-smp 1", "-smp 2", "instructions", "budget, -smp 2"], rows)
    table(["on the wire", "", "budget"], [
        *([f"QEMU's own, notify to flush with its copy: {what}, us", number(us_each), ""]
          for what, us_each in wire_us.items()),
        ["notifications a flip", number(notifies), verdict(notifies, 1)],
        ["interrupts a flip", number(interrupts), verdict(interrupts, 1)],
        ["bytes sent, 16x16 (budget: of everything)", f"{least:,}", verdict(least / most, BUDGET_DIRTY_SHARE)],
        ["bytes sent, everything", f"{most:,}", ""],
        [f"still picture for {STILL_SECONDS} s: percent of a host core", number(percent),
         verdict(percent, BUDGET_IDLE_PERCENT)],
        ["still picture: timer interrupts", str(timers), verdict(timers, 0)]])
