#!/usr/bin/env python3
"""Runs test programs, two at a time, and adds up what they say.

    tests/run.py LOG_DIR PROGRAM...

A program prints a line for each claim and closes with "N passed, N failed"
(", N skipped" may follow). One that ends otherwise, or with a status that
contradicts its line, counts as a failure. Output goes to LOG_DIR/NAME.log and,
when something failed, to the screen. The last line adds up all programs.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import time

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
SECONDS_MAX = 900


def run(program, log_dir):
    name = os.path.basename(program)
    start = time.monotonic()
    try:
        done = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        text, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as e:
        text = (e.stdout or b"").decode(errors="replace") + f"\nno end within {SECONDS_MAX} s\n"
        status = -1
    with open(os.path.join(log_dir, name + ".log"), "w") as log:
        log.write(text)
    lines = text.rstrip().splitlines()
    match = CLOSING.match(lines[-1]) if lines else None
    passed, failed, skipped = (int(n or 0) for n in match.groups()) if match else (0, 0, 0)
    if not match or (status == 0) != (failed == 0) or passed + failed + skipped == 0:
        text += f"\n{name}: ended with status {status} and no closing line that fits\n"
        failed += 1
    return name, passed, failed, skipped, time.monotonic() - start, text


def main():
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    log_dir, programs = sys.argv[1], sys.argv[2:]
    os.makedirs(log_dir, exist_ok=True)
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run, p, log_dir) for p in programs]
        for job in concurrent.futures.as_completed(jobs):
            name, *counts, seconds, text = job.result()
            total = [a + b for a, b in zip(total, counts)]
            if counts[1]:
                print(f"---- {name} failed:\n{text.rstrip()}\n----")
            print(f"  {name}: {counts[0]} passed" +
                  (f", {counts[1]} FAILED" if counts[1] else "") +
                  (f", {counts[2]} skipped" if counts[2] else "") + f" ({seconds:.1f} s)",
                  flush=True)
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] else 0


sys.exit(main())
