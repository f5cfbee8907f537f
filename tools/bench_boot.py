"""make bench: from OpenSBI's hand-over to the first picture on the screen.

The time is the guest's own ("boot: first frame", since our first instruction).
Phases come from loglevel=7, whose output costs time itself; and in instructions
from a clock that counts them, which no load on the host can change.
"""
import re

from bench_run import Failed, first_frame_ms, median, number, qemu, rounds, table, verdict

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


def run(quick):
    print_times(quick)
    print_phases(quick)
