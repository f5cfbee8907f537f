#!/usr/bin/env python3
"""The fluid's speed: tables for docs/PERFORMANCE.md, and the raw bench lines.

  make bench-fluid                        all of it, some minutes
  tests/bench_fluid.py [qemu] [sim] [grow] [cost] [--frames N]

qemu: harts, sizes, effects on and off; sim: the same on this machine, both
paths; grow: how time grows with the resolutions; cost: the machine's prices
(tests/apps/cost). Needs build/rv64/fluid.elf, build/rv64/cost.elf and
build/sim/fluid, which the make target builds. Everything is measured as it
comes, on a machine that may be shared: the median frame is given besides the
frame rate of the whole run.
"""
import json
import subprocess
import sys

OFF = "--bloom off --sunrays off --shading off"
SIZES = ("640x480", "1280x720", "1920x1080")
PASSES = ("curl", "vorticity", "divergence", "pressure", "project",
          "advect_velocity", "advect_dye", "bloom", "sunrays", "display")


def bench_line(command, seconds):
    """The last `bench:` line of a program, as a dictionary."""
    try:
        out = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=seconds,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in out.stdout.decode(errors="replace").splitlines()
             if line.startswith("bench: ")]
    for line in lines[-1:]:
        print(line, flush=True)
        return json.loads(line.removeprefix("bench: "))
    return None


def in_qemu(harts, size, args, elf="build/rv64/fluid.elf"):
    width, height = size.split("x")
    return bench_line(
        ["qemu-system-riscv64", "-M", "virt", "-smp", str(harts), "-m", "256M",
         "-kernel", elf, "-display", "none", "-serial", "stdio",
         "-monitor", "none",
         "-device", f"virtio-gpu-device,xres={width},yres={height}",
         "-append", "-- " + args], 240)


def in_sim(size, args):
    return bench_line(["build/sim/fluid", "--headless", "--res", size, "--",
                       *args.split()], 120)


def row(title, result):
    if not result:
        return f"| {title} | no result |"
    passes = result["pass_ms"]
    step = sum(passes[p] for p in PASSES[:7])
    return (f"| {title} | {result['path']} | {result['fps']:.1f} "
            f"| {result['ms_p50']:.1f} | {result['ms_p99']:.1f} | {step:.1f} "
            f"| {passes['bloom']:.1f} | {passes['sunrays']:.1f} "
            f"| {passes['display']:.1f} |")


def table(title, rows):
    print(f"\n{title}\n\n| run | path | frames/s | ms, median | ms, 99 % | step"
          " | bloom | rays | display |\n|---|---|---|---|---|---|---|---|---|")
    print("\n".join(rows) + "\n", flush=True)


def effects(on):
    return "" if on else OFF


def title(size, on, more=""):
    return f"{size}{more}, effects {'on' if on else 'off'}"


def qemu(frames):
    rows = []
    for harts in (1, 2, 4):
        for size in SIZES[:2]:
            for on in (True, False):
                rows.append(row(title(size, on, f", -smp {harts}"), in_qemu(
                    harts, size, f"--bench {frames} --seed 1 {effects(on)}")))
    table("QEMU", rows)


def sim(frames):
    rows = []
    for size in SIZES:
        for on in (True, False):
            for path in ("float", "fixed"):
                rows.append(row(title(size, on), in_sim(
                    size, f"--bench {frames} --seed 1 --path {path} "
                          f"{effects(on)}")))
    table("Simulator", rows)


def grow(frames):
    rows = []
    for option, values in (("sim", (64, 128, 256)), ("dye", (120, 240, 480))):
        for value in values:
            rows.append(row(f"QEMU 640x480, --{option} {value}", in_qemu(
                2, "640x480", f"--bench {frames} --seed 1 "
                              f"--{option} {value}")))
    for option, values in (("sim", (128, 256, 512)), ("dye", (256, 512, 1024))):
        for value in values:
            rows.append(row(f"simulator 1920x1080, --{option} {value}", in_sim(
                "1920x1080", f"--bench {frames} --seed 1 --path float "
                             f"--{option} {value}")))
    table("Growth", rows)


def cost(_):
    in_qemu(1, "640x480", "", "build/rv64/cost.elf")


def main():
    runs = {"cost": cost, "qemu": qemu, "sim": sim, "grow": grow}
    args = sys.argv[1:]
    frames = 100
    if "--frames" in args:
        at = args.index("--frames")
        frames = int(args[at + 1])
        del args[at:at + 2]
    if any(arg not in runs for arg in args):
        sys.exit(__doc__)
    for name in args or runs:
        runs[name](frames)


if __name__ == "__main__":
    main()
