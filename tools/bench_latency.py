"""make bench: from the user's hand to the screen.

A tablet's strokes go in over QMP at moments that have nothing to do with the
frames. The app's own "latency:" line tells how long each took from the kernel's
time of the event to the flip that showed it, and how many flips were completed
meanwhile, that one included. Screendumps tell it from outside: from the QMP
command to the first one in which the pointer's place has changed, itself
included, and how many different pictures they showed meanwhile.

In the simulator --input does it right after a frame was flushed, and the CRCs
tell how many frames later the picture is another than without.
tests/ claims the frames of all three.
"""
import os
import random
import tempfile
import time

from bench_run import (Failed, image, median, number, output_of, qemu_arguments, table, told,
                       verdict)
from qmp import Machine

BUDGET_FRAMES = 2
STROKES = 20
SIZES = "640x480", "1280x720"
PATCH = 6           # pixels each way around the pointer that are looked at
CHANGED = 24        # of 255, of a patch's mean: a stroke makes 45 and more
BRIGHT = 160        # where it is brighter before, a stroke may change less
CALM_SECONDS = 5    # until the burst at the start has gone
PATIENCE_SECONDS = 10
TABLET_MAX = 32767
SIM_STROKES = range(20, 140, 6)  # frames
ARGS = "--path fixed --latency"


# ---- over QMP

def send(m, kind, **data):
    m.command("input-send-event", events=[{"type": kind, "data": data}])


def move(m, x, y):
    m.command("input-send-event", events=[
        {"type": "abs", "data": {"axis": axis, "value": value}}
        for axis, value in (("x", x), ("y", y))])


def press(m, down):
    send(m, "btn", button="left", down=down)


def leave(m):
    for down in (True, False):
        try:
            send(m, "key", down=down, key={"type": "qcode", "data": "esc"})
        except (EOFError, OSError):
            break  # it has left already
    if m.wait(PATIENCE_SECONDS):
        raise Failed("\n".join(m.lines[-20:]))


def boot(res, smp):
    """A fluid that somebody has touched, so that nothing stirs it but us."""
    m = Machine([*qemu_arguments("fluid", smp=smp, res=res, args=ARGS,
                                 kernel_args=f"video={res}@60"),
                 "-device", "virtio-tablet-device", "-device", "virtio-keyboard-device"])
    m.wait_for("boot: first frame", 60)
    press(m, True)
    press(m, False)
    return m


def strokes(count):
    """(x, y, way, seconds): where to press, how far to go, and how long to wait before."""
    chance = random.Random(4)
    for i in range(count):
        yield (TABLET_MAX * (1 + i % 7) // 8, TABLET_MAX * (1 + i // 7 % 5) // 6,
               -120 if i % 2 else 120, chance.uniform(0.1, 0.2))


def by_the_app(res, smp, count):
    """The app's own line, after strokes that nobody looks at."""
    with boot(res, smp) as m:
        for x, y, way, pause in strokes(count):
            move(m, x, y)
            press(m, True)
            time.sleep(pause)
            move(m, x + way, y)
            time.sleep(pause)
            press(m, False)
        leave(m)
        return told("\n".join(m.lines), "latency")


def patch(picture, x, y):
    """Mean red, green and blue around a place in the tablet's units."""
    width, height, rgb = picture
    column, line = x * width // (TABLET_MAX + 1), y * height // (TABLET_MAX + 1)
    values = b"".join(rgb[3 * (row * width + column - PATCH):3 * (row * width + column + PATCH)]
                      for row in range(line - PATCH, line + PATCH))
    return [sum(values[c::3]) * 3 / len(values) for c in range(3)]


def dark_patch(m, x, y):
    """The patch, once it is dark enough for any stroke to be seen there."""
    end = time.monotonic() + PATIENCE_SECONDS
    while max(found := patch(m.screendump(None), x, y)) >= BRIGHT:
        if time.monotonic() > end:
            raise Failed(f"it does not get dark at {x}, {y}")
    return found


def look_for(m, x, y, before):
    """Takes screendumps until there is something new at x, y; the number of pictures."""
    end = time.monotonic() + PATIENCE_SECONDS
    pictures, last = 0, m.screendump(None)
    now = last
    while max(abs(a - b) for a, b in zip(before, patch(now, x, y))) < CHANGED:
        if time.monotonic() > end:
            raise Failed(f"nothing to be seen of a stroke at {x}, {y}")
        now = m.screendump(None)
        pictures += now != last
        last = now
    return pictures


def by_screendumps(res, smp, count):
    """[(pictures, milliseconds)], each stroke's."""
    seen = []
    with boot(res, smp) as m:
        time.sleep(CALM_SECONDS)
        for x, y, way, pause in strokes(count):
            move(m, x, y)
            press(m, True)
            time.sleep(pause)
            before = dark_patch(m, x + way, y)
            start = time.monotonic()
            move(m, x + way, y)
            pictures = look_for(m, x + way, y, before)
            seen.append((pictures, (time.monotonic() - start) * 1000))
            press(m, False)
        leave(m)
    return seen


# ---- in the simulator

def simulate(script, frames, res, args=""):
    """The output of a run with these lines of --input (sim/script.h)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w") as f:
            f.write("\n".join(script) + "\n")
        return output_of([image("sim/fluid"), "--headless", "--crc", "--res", res,
                          "--input", path, "--", "--frames", str(frames), "--seed", "5",
                          *ARGS.split(), *args.split()])


def crcs(output):
    return [line.split()[3] for line in output.splitlines() if line.startswith("crc: 0 ")]


def frames_to_picture(frame, res):
    """Presented frames from a stroke to the first that is not what it would have been."""
    ready = ["5 tablet 8000 8000", "5 tablet down"]
    without, stroked = (crcs(simulate(ready + stroke, frame + 5, res))
                        for stroke in ([], [f"{frame} tablet 9000 8000"]))
    different = [n for n, (a, b) in enumerate(zip(without, stroked), 1) if a != b]
    if not different:
        raise Failed(f"no picture shows a stroke after frame {frame}")
    return different[0] - frame


def in_the_simulator(res):
    script = [line for i, frame in enumerate(SIM_STROKES) for line in (
        f"{frame} tablet {4000 + 800 * i} 9000", f"{frame} tablet down",
        f"{frame} tablet {5000 + 800 * i} 9000", f"{frame} tablet up")]
    return told(simulate(script, SIM_STROKES[-1] + 20, res), "latency")


def run(quick):
    count = 10 if quick else STROKES
    rows = []

    def row(what, inputs, frames, frames_worst, ms, ms_worst):
        rows.append([what, inputs, f"{frames:g}", frames_worst, ms and number(ms),
                     ms_worst and number(ms_worst), verdict(frames_worst, BUDGET_FRAMES)])

    for res in SIZES:
        told_by = {f"{res} QEMU -smp 2, event to flip": by_the_app(res, 2, count),
                   f"{res} simulator, event to flip": in_the_simulator(res)}
        for what, line in told_by.items():
            row(what, line["inputs"], line["frames_p50"], line["frames_max"], line["ms_p50"],
                line["ms_max"])
        pictures, ms = zip(*by_screendumps(res, 2, count))
        row(f"{res} QEMU -smp 2, command to screendump", count, median(pictures), max(pictures),
            median(ms), max(ms))
        later = [frames_to_picture(frame, res) for frame in (20, 31, 47)]
        row(f"{res} simulator, flush to another CRC", len(later), median(later), max(later),
            "", "")
    print("## From input to the picture: fluid, everything on, 60 Hz\n")
    table(["", "inputs", "frames median", "frames worst", "ms median", "ms worst",
           "budget, frames"], rows)
