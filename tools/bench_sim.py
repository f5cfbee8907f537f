"""make bench: the simulator's device, and how soon an edited app is to be seen."""
import os
import re
import json
import subprocess
import time

from bench_run import Failed, median, number, output_of, table, verdict

BUDGET_SHARE = 1.5     # of one memcpy: "close to one"
BUDGET_TURN_SECONDS = 1
SECONDS_MAX = 120


def print_device(quick):
    runs = []
    for _ in range(1 if quick else 3):
        found = re.findall(r"^bench: (\{.*\})", output_of(["build/bench/bench_sim_gpu"]), re.M)
        runs.append([json.loads(line) for line in found])
    rows = []
    for i, first in enumerate(runs[0]):
        def of(key):
            return median([r[i][key] for r in runs])

        who = "pictures held by a window" if first["held"] else "nobody looks"
        rows += [[f"full frame, {who}", number(of("full_us")), f"{of('full_bytes'):,.0f}",
                  f"{of('full_to_memcpy'):.2f}", verdict(of("full_to_memcpy"), BUDGET_SHARE)],
                 [f"16x16, {who}", number(of("small_us")), f"{of('small_bytes'):,.0f}",
                  f"{of('small_us') / of('memcpy_us'):.2f}", ""]]
    print("## Simulator: transfer and flush of 1024x768\n")
    table(["update", "us", "bytes copied", "of one memcpy", "budget"], rows)


def make(target, app, *variables):
    """Seconds until the app has said that its first frame is shown, if it is run."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    env.pop("MFLAGS", None)
    start, seconds, text = time.monotonic(), None, b""
    with subprocess.Popen(["timeout", str(SECONDS_MAX), "make", "-s", target, f"APP={app}",
                           *variables], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            text += line
            if line.startswith(b"boot: first frame"):
                seconds = time.monotonic() - start
    if process.returncode:
        raise Failed(f"make {target}: {text.decode(errors='replace')[-2000:]}")
    return seconds


def turn_around(app, source):
    """Seconds of `make sim` from an edited file to the first frame, without a window."""
    os.utime(source)
    return make("sim", app, "SIM_ARGS=--headless --frames 1")


def print_turn(quick):
    edits = ("cube", "apps/cube/scene.c"), ("fluid", "apps/fluid/main.c")
    rows = []
    for app, source in edits:
        make("sim-build", app)  # whatever else has been edited
        seconds = [turn_around(app, source) for _ in range(1 if quick else 3)]
        rows.append([f"{app}, after touching {source}", number(median(seconds)),
                     number(min(seconds)), verdict(median(seconds), BUDGET_TURN_SECONDS)])
    print("`make sim` to the first frame, seconds:\n")
    table(["app", "median", "best", "budget"], rows)


def run(quick):
    print_device(quick)
    print_turn(quick)
