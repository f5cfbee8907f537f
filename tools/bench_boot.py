"""make bench: from OpenSBI's hand-over to the first picture on the screen.

The time is the guest's own ("boot: first frame", since our first instruction).
Phases come from loglevel=7, whose output costs time itself; and in instructions
from a clock that counts them, which no load on the host can change.

Most of the time is QEMU's translating what runs for the first time, so that is
counted too, and put next to what tests/apps/limits finds it to cost.
"""
import bisect
import os
import re
import tempfile

import bench_limits
from bench_run import (CROSS, Failed, first_frame_ms, image, median, number, output_of, qemu,
                       rounds, table, verdict)

BUDGET_MS = 10
RUNS = 11
HARTS = 1, 2, 4, 8
APPS = "cube", "fluid"


def phases(output):
    """[(name, microseconds)] from entry to the first frame."""
    found = re.search(r"boot phases, microseconds:(.*)", output)
    if not found:
        raise Failed(f"no boot phases in:\n{output[-2000:]}")
    words = found[1].split()
    named = [(name, int(us)) for name, us in zip(words[::2], words[1::2])]
    rest = first_frame_ms(output) * 1000 - sum(us for _, us in named)
    return [*named, ("app, first flush", rest)]


def print_times(quick):
    def measure(case):
        app, smp = case
        return first_frame_ms(qemu(app, smp=smp, args="--frames 1"))

    cases = [(app, smp) for app in APPS for smp in HARTS]
    rows = []
    for (app, smp), ms in rounds(3 if quick else RUNS, cases, measure).items():
        rows.append([f"{app} -smp {smp}", number(median(ms)), number(min(ms)), number(max(ms)),
                     verdict(median(ms), BUDGET_MS)])
    print("## Boot: milliseconds from hand-over to the first frame, 640x480\n")
    table(["app", "median", "least", "most", "budget"], rows)


def print_phases(quick):
    count = 1 if quick else 9
    runs = rounds(count, APPS, lambda app: phases(
        qemu(app, args="--frames 1", kernel_args="loglevel=7")))
    counted = {app: phases(qemu(app, args="--frames 1", kernel_args="loglevel=7", icount=True))
               for app in APPS}
    rows = []
    for i, (name, _) in enumerate(runs[APPS[0]][0]):
        cells = [name]
        for app in APPS:
            us = [r[i][1] for r in runs[app]]
            cells += [number(median(us)), number(min(us)), number(counted[app][i][1])]
        rows.append(cells)
    total = ["together"]
    for app in APPS:
        least = [min(r[i][1] for r in runs[app]) for i in range(len(counted[app]))]
        total += [number(median([sum(us for _, us in r) for r in runs[app]])),
                  number(sum(least)), number(sum(us for _, us in counted[app]))]
    rows.append(total)
    print("By phase, -smp 2 with loglevel=7: microseconds, the least of each phase by itself (what\n"
          "other programs' turns leave alone), and thousands of instructions (-smp 1):\n")
    table(["phase", *(head for app in APPS for head in (app, "least", "instructions"))], rows)


# ---- what the emulator has to translate

LOAD = re.compile(r"(c\.)?f?l[bhwd]u?(sp)?$")
STORE = re.compile(r"(c\.)?f?s[bhwd](sp)?$")
SHOWN = "late_picture_shown"  # runs when the picture is on the screen


def symbols(elf):
    lines = output_of([CROSS + "nm", "-n", "--defined-only", elf]).splitlines()
    found = [(int(address, 16), name) for address, kind, name in map(str.split, lines)
             if kind in "tTwW"]
    return [address for address, _ in found], [name for _, name in found]


def translated(app):
    """Blocks, additions and the like, loads, stores of ours before the first frame."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        qemu(app, smp=1, args="--frames 1", extra=("-d", "in_asm", "-D", log))
        with open(log, errors="replace") as f:
            blocks = f.read().split("IN:")[1:]
    addresses, names = symbols(image(f"rv64/{app}.elf"))
    counts = [0, 0, 0, 0]
    for block in blocks:
        code = re.findall(r"^0x([0-9a-f]+):\s+[0-9a-f]+\s+(\S+)", block, re.M)
        at = bisect.bisect(addresses, int(code[0][0], 16)) - 1 if code else -1
        if at < 0:
            continue  # the firmware's
        if names[at] == SHOWN:
            return counts
        loads = sum(bool(LOAD.match(op)) for _, op in code)
        stores = sum(bool(STORE.match(op)) for _, op in code)
        for i, n in enumerate((1, len(code) - loads - stores, loads, stores)):
            counts[i] += n
    raise Failed(f"{app} never ran {SHOWN}()")


def print_translated():
    cost = [bench_limits.measured()[kind] for kind in ("block", "additions", "loads", "stores")]
    rows = []
    for app in APPS:
        counts = translated(app)
        rows.append([app, *(number(n) for n in counts),
                     number(sum(n * ns for n, ns in zip(counts, cost)) / 1e6)])
    print("Translated before the first frame, -smp 1, and what that is by the costs that this\n"
          "machine has for a block that only jumps and for each instruction in one:\n")
    table(["app", "blocks", "other instructions", "loads", "stores", "ms"], rows)


def run(quick):
    print_times(quick)
    print_translated()
    print_phases(quick)
