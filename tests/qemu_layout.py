#!/usr/bin/env python3
"""What the images look like inside: their sizes, and where hot loops lie.

    tests/qemu_layout.py [PART_OF_A_CLAIM]

QEMU chains the blocks it has translated only within a page, so a loop across
the end of one costs up to twice as much (apps/fluid/fixed.h, HOT).
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import claim, finish

PAGE = 4096
BUDGETS = {"cube": 128 * 1024, "fluid": 192 * 1024}


def hot_functions():
    """{name: page} of the functions that fluid's sources declare with HOT(page)."""
    found = {}
    for name in sorted(os.listdir("apps/fluid")):
        if name.startswith("fixed_") and name.endswith(".c"):
            with open(os.path.join("apps/fluid", name)) as source:
                for page, function in re.findall(
                        r"^HOT\((\w+)\)\n(?:static )?[\w ]+?\*?(\w+)\(", source.read(), re.M):
                    found[function] = page
    return found


def objdump(what):
    return subprocess.run(["riscv64-unknown-elf-objdump", what, "build/rv64/fluid.elf"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout


@claim
def images_keep_to_their_budgets():
    for app, most in BUDGETS.items():
        size = os.path.getsize(f"build/rv64/{app}.bin")
        assert size <= most, f"{app}.bin has {size} bytes, {most} are allowed"


@claim
def each_group_of_hot_functions_of_the_fluid_lies_in_a_page():
    wanted = hot_functions()
    # A clone of the compiler's counts as its original.
    there = set(re.findall(r" F \.page\.(\w+)\s+[0-9a-f]+ (\w+)", objdump("-t")))
    missing = {(page, name) for name, page in wanted.items()} - there
    assert len(wanted) > 10 and not missing, f"elsewhere: {missing}"
    sections = re.findall(r" \.page\.(\w+)\s+([0-9a-f]+)\s+([0-9a-f]+)", objdump("-h"))
    assert {name for name, _, _ in sections} == set(wanted.values()), sections
    for name, size, address in sections:
        assert int(address, 16) % PAGE == 0 and int(size, 16) <= PAGE, (name, size, address)


finish()
