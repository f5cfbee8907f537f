#!/usr/bin/env python3
"""What the images look like inside: their sizes, and where hot loops lie.

    tests/qemu_layout.py [PART_OF_A_CLAIM]

QEMU chains the blocks it has translated only within a page, so a loop across
the end of one costs up to twice as much (apps/fluid/fixed.h, LOOP).
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import claim, finish

PAGE = 4096
BUDGETS = {"cube": 128 * 1024, "fluid": 192 * 1024}


def loops():
    """{name: size} of the functions that fluid's sources declare with LOOP(size)."""
    found = {}
    for name in sorted(os.listdir("apps/fluid")):
        if name.startswith("fixed_") and name.endswith(".c"):
            with open(os.path.join("apps/fluid", name)) as source:
                for size, function in re.findall(
                        r"^LOOP\((\d+)\)\n(?:static )?[\w ]+?\*?(\w+)\(", source.read(), re.M):
                    found[function] = int(size)
    return found


def functions(elf):
    """[(name, address, size)]; a clone of the compiler's counts as its original."""
    told = subprocess.run(["riscv64-unknown-elf-nm", "-S", elf], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    rows = (line.split() for line in told.splitlines())
    return [(row[3].split(".")[0], int(row[0], 16), int(row[1], 16))
            for row in rows if len(row) == 4 and row[2] in "tT"]


@claim
def images_keep_to_their_budgets():
    for app, most in BUDGETS.items():
        size = os.path.getsize(f"build/rv64/{app}.bin")
        assert size <= most, f"{app}.bin has {size} bytes, {most} are allowed"


@claim
def no_hot_loop_of_the_fluid_crosses_a_page():
    wanted = loops()
    seen = set()
    for name, address, size in functions("build/rv64/fluid.elf"):
        if name in wanted and address % wanted[name] == 0:
            assert size <= wanted[name], f"{name} has {size} bytes: LOOP({wanted[name]})"
            assert address // PAGE == (address + size - 1) // PAGE, f"{name} at {address:x}"
            seen.add(name)
    assert len(wanted) > 10 and seen == set(wanted), f"not found: {set(wanted) - seen}"


finish()
