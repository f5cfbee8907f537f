"""Runs apps in QEMU and in the simulator and prints what came of it as tables.

    from bench_run import qemu, sim, told, rounds, median, table

    output = qemu("cube", smp=2, args="--bench 300")
    told(output, "bench")["fps"]

Images are copied when first used, so that a build meanwhile changes nothing of
a run. Used by tools/bench*.py; Python's standard library only.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

CROSS = "riscv64-unknown-elf-"
SECONDS_MAX = 60  # for one run; a slow machine is no reason to fail sooner

_images = tempfile.TemporaryDirectory(prefix="rivulet-bench-")


class Failed(Exception):
    """Something did not run."""


def image(path):
    """A copy of a file below build/, the same for the whole run."""
    copy = os.path.join(_images.name, path.replace("/", "-"))
    if not os.path.exists(copy):
        shutil.copy2(os.path.join("build", path), copy)
    return copy


def output_of(command, seconds=SECONDS_MAX):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds)
    except subprocess.TimeoutExpired as e:
        raise Failed(f"no end within {seconds} s: {' '.join(command)}\n"
                     f"{(e.stdout or b'').decode(errors='replace')[-2000:]}")
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        raise Failed(f"status {done.returncode}: {' '.join(command)}\n{text[-2000:]}")
    return text


def qemu_arguments(app, smp=2, res="640x480", memory="256M", args="", kernel_args="", icount=False):
    """`icount`: the guest's clock counts instructions, one a nanosecond."""
    width, height = res.split("x")
    return ["-M", "virt", "-smp", str(1 if icount else smp), "-m", memory,
            "-kernel", image(f"rv64/{app}.elf"), "-append", f"{kernel_args} -- {args}",
            "-device", f"virtio-gpu-device,xres={width},yres={height}",
            "-display", "none", "-serial", "stdio",
            *(["-icount", "shift=0,sleep=off"] if icount else [])]


def qemu(app, extra=(), **how):
    return output_of(["qemu-system-riscv64", *qemu_arguments(app, **how), *extra])


def sim(app, res="640x480", args="", extra=()):
    return output_of([image(f"sim/{app}"), "--headless", "--res", res, *extra, "--",
                      *args.split()])


def told(output, name):
    """The JSON of the app's "name: {...}" line."""
    found = re.search(rf"^{name}: (\{{.*\}})\s*$", output, re.M)
    if not found:
        raise Failed(f"no '{name}:' line in:\n{output[-2000:]}")
    return json.loads(found[1])


def first_frame_ms(output):
    found = re.search(r"^boot: first frame (\d+)", output, re.M)
    if not found:
        raise Failed(f"no first frame in:\n{output[-2000:]}")
    return int(found[1]) / 1000


def rounds(count, cases, measure):
    """{case: [results]}: each case once a round, so that all meet the same load."""
    results = {case: [] for case in cases}
    for _ in range(count):
        for case in cases:
            results[case].append(measure(case))
    return results


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def number(value):
    """Three significant digits, without an exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def verdict(value, budget, least=False):
    """The budget's cell: `least` if it asks for at least that much."""
    met = value >= budget if least else value <= budget
    return f"{'≥' if least else '≤'} {number(budget)} {'met' if met else '**MISSED**'}"


def table(heads, rows):
    """Markdown, first column to the left, the others to the right."""
    cells = [[str(c) for c in row] for row in [heads, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]

    def line(row):
        return "| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w)
                                 for i, (c, w) in enumerate(zip(row, widths))) + " |"

    print(line(cells[0]))
    print("|" + "|".join(("-" * (w + 1) + (":" if i else "-")) for i, w in enumerate(widths)) + "|")
    for row in cells[1:]:
        print(line(row))
    print(flush=True)
