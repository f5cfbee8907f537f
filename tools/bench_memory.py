"""make bench: the least -m with which an app still shows its picture."""
import time

from bench_run import Failed, number, qemu_arguments, table, verdict
from qmp import Machine, Timeout

BUDGET_MIB = {"cube": 8}
LEAST_KIB, MOST_KIB, STEP_KIB = 1 << 10, 64 << 10, 256
COLOURS = 16  # what is a picture
SIZE = 640, 480


def shows(app, kib):
    """Whether there is a picture of the right size, with something on it."""
    try:
        with Machine(qemu_arguments(app, memory=f"{kib}K")) as m:
            m.wait_for("boot: first frame", 5)
            for _ in range(20):  # the fluid's first frames are dark
                width, height, rgb = m.screendump(None)
                if len({rgb[i:i + 3] for i in range(0, len(rgb), 3)}) >= COLOURS:
                    return (width, height) == SIZE
                time.sleep(0.1)
    except (Timeout, EOFError, OSError, ValueError):
        pass  # QEMU refused so little, or the app left
    return False


def least_kib(app):
    low, high = LEAST_KIB, MOST_KIB
    if not shows(app, high):
        raise Failed(f"{app} shows nothing with -m {high}K")
    while high - low > STEP_KIB:
        middle = (low + high) // 2 // STEP_KIB * STEP_KIB
        low, high = (low, middle) if shows(app, middle) else (middle, high)
    return high


def run(quick):
    rows = []
    for app in ("cube",) if quick else ("cube", "fluid"):
        mib = least_kib(app) / 1024
        budget = BUDGET_MIB.get(app)
        rows.append([app, f"{mib:.2f}", verdict(mib, budget) if budget else ""])
    print("## Least memory: the smallest -m with a picture, 640x480, -smp 2, MiB\n")
    table(["app", "least -m", "budget"], rows)
