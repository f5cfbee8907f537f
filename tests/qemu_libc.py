#!/usr/bin/env python3
"""Boots the apps that check libc from inside, and types at one of them."""
import os
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)

from claims import claim, finish  # noqa: E402

SECONDS_MAX = 120


def boot(app, args="", *, smp=2, extra=(), typed=()):
    """(lines, status) of a run; `typed` is bytes to type, one pause after another."""
    qemu = subprocess.Popen(
        ["qemu-system-riscv64", "-M", "virt", "-smp", str(smp), "-m", "64M", "-display", "none",
         "-serial", "stdio", "-kernel", f"build/rv64/{app}.elf", "-append", f"-- {app} {args}",
         *extra], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watchdog = threading.Timer(SECONDS_MAX, qemu.kill)
    watchdog.start()
    lines = []
    if typed:
        for raw in qemu.stdout:
            lines.append(raw.decode(errors="replace").rstrip())
            if lines[-1] == "ready":
                break
    for text in typed:
        qemu.stdin.write(text)
        qemu.stdin.flush()
        time.sleep(0.3)
    lines += [raw.decode(errors="replace").rstrip() for raw in qemu.stdout]
    watchdog.cancel()
    return lines, qemu.wait()


def passes(**how):
    lines, status = boot("libc", **how)
    closing = [line for line in lines if " passed, " in line]
    assert status == 0 and closing and " 0 failed" in closing[0], "\n".join(lines)
    assert lines[-1] == "exit: libc status=0" and lines[-2] == "atexit: ran", lines[-3:]


@claim
def libc_does_what_programs_expect_on_1_2_and_4_harts():
    for smp in (1, 2, 4):
        passes(smp=smp)


@claim
def libc_does_so_beside_a_display():
    passes(extra=("-device", "virtio-gpu-device"))


@claim
def every_way_to_end_flushes_and_tells_its_status():
    for way, status, flushed in (("return", 3, True), ("exit", 4, True), ("thread", 5, True),
                                 ("abort", 134, False), ("assert", 134, False),
                                 ("signal", 143, False)):
        lines, got = boot("libc", way)
        assert got == status, (way, got, lines)
        assert lines[-1].endswith(f"exit: libc status={status}"), lines
        assert ("no newline, " in lines[-1]) == flushed, lines
    assert any("assertion" in line and "main.c" in line for line in boot("libc", "assert")[0])


@claim
def lines_are_edited_before_the_app_reads_them():
    lines, status = boot("stdin", typed=(b"hello\r", b"wrong\x15rigt\x7fht\r", b"\r", b"part",
                                         b"\x04", b"\r", b"\x04"))
    read = re.findall(r"line \d+: \[.*?\]", "\n".join(lines)) # echo may stand before it
    assert read == ["line 1: [hello]", "line 2: [right]", "line 3: []", "line 4: [part]"], lines
    assert "end after 4 lines" in lines and status == 0, lines


@claim
def keys_are_read_one_by_one_in_raw_mode():
    lines, status = boot("stdin", "keys", typed=(b"a", b"\x1b[A", b"\r\x03", b"q"))
    keys = [line for line in lines if line.startswith("key")]
    assert keys == [f"key {key}" for key in (97, 27, 91, 65, 13, 3, 113)], lines
    assert status == 0, status


@claim
def control_c_ends_the_app_with_130():
    lines, status = boot("stdin", typed=(b"abc\x03",))
    assert status == 130 and lines[-1] == "exit: stdin status=130", lines


finish()
