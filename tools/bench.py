#!/usr/bin/env python3
"""Measures everything there is a budget for and prints Markdown tables.

    tools/bench.py [--only NAME]... [--quick]

`make bench` builds what this needs and calls it. A figure that misses its budget
is marked, but only something that does not run makes the exit status non-zero:
how fast a machine is, is not an error. --quick takes fewer rounds.
"""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import bench_boot  # noqa: E402
import bench_cube  # noqa: E402
import bench_flip  # noqa: E402
import bench_fluid  # noqa: E402
import bench_latency  # noqa: E402
import bench_limits  # noqa: E402
import bench_memory  # noqa: E402
import bench_sim  # noqa: E402
import bench_size  # noqa: E402
from bench_run import Failed  # noqa: E402

TABLES = {
    "sizes": bench_size.run,
    "boot": bench_boot.run,
    "memory": bench_memory.run,
    "cube": bench_cube.run,
    "flip": bench_flip.run,
    "sim": bench_sim.run,
    "limits": bench_limits.run,
    "fluid": bench_fluid.run,
    "latency": bench_latency.run,
}


def cpu_model():
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown processor"


def load():
    return " ".join(f"{x:.1f}" for x in os.getloadavg())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append", choices=TABLES, metavar="NAME",
                        help=", ".join(TABLES))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    broken = []

    print(f"{os.cpu_count()} processors ({cpu_model()}), load {load()}\n")
    for name in options.only or TABLES:
        start = time.monotonic()
        try:
            TABLES[name](options.quick)
        except Failed as failure:
            broken.append(name)
            print(f"{name}: {failure}\n")
        print(f"({name}: {time.monotonic() - start:.0f} s, load {load()})\n", flush=True)
    if broken:
        print("did not run:", " ".join(broken))
    return 1 if broken else 0


sys.exit(main())
