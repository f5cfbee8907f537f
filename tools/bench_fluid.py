"""make bench: the fluid, by machine, size, effects, arithmetic and resolution.

Everything comes from the app's own "bench:" line. Instructions are those of a
run whose clock counts them (QEMU's -icount), so they are exact and the same at
every load. Budgets are judged by the rate of all frames, the first with its
burst of splats included.
"""
import bench_limits
from bench_run import median, number, qemu, rounds, sim, table, told, verdict

SIZES = "640x480", "1280x720", "1920x1080"
SIMULATOR = "simulator"
EFFECTS_OFF = "--bloom off --sunrays off"
BUDGETS = {("2", "640x480", "on", "fixed"): 60, ("2", "1280x720", "on", "fixed"): 60,
           (SIMULATOR, "1920x1080", "on", "float"): 60}
# Frames that take about a second, by machine and arithmetic, at 640x480.
FRAMES = {(False, "fixed"): 30, (False, "float"): 3, (True, "fixed"): 120, (True, "float"): 200}
FRAMES_LEAST = 12  # so that p10 is not the first, which has nothing to show yet
# What a budget is judged by begins black and ends full of dye, which takes longer.
FRAMES_OF_BUDGETS = 300
FRAMES_OF_PASSES = 60
# What each pass is counted by: cells of the velocity, of the dye, of bloom and
# sunrays, or pixels.
CELLS = {"splat": "dye", "curl": "sim", "vorticity": "sim", "divergence": "sim",
         "pressure": "sim", "project": "sim", "advect_velocity": "sim", "advect_dye": "dye",
         "bloom": "bloom", "sunrays": "sunrays", "display": "pixels"}
RESOLUTION = {"sim": 128, "bloom": 256, "sunrays": 196}


def area(res):
    width, height = map(int, res.split("x"))
    return width * height


def frames_for(where, res, effects, path):
    if (where, res, effects, path) in BUDGETS:
        return FRAMES_OF_BUDGETS
    at_vga = FRAMES[where == SIMULATOR, path]
    scaled = round(at_vga * area(SIZES[0]) / area(res))
    return at_vga if at_vga < FRAMES_LEAST else max(FRAMES_LEAST, scaled)


def bench(where, res, effects="on", path="fixed", more="", icount=False, frames=None):
    args = (f"--bench {frames or frames_for(where, res, effects, path)} --path {path} {more} "
            f"{'' if effects == 'on' else EFFECTS_OFF}")
    if where == SIMULATOR:
        return told(sim("fluid", res=res, args=args), "bench")
    return told(qemu("fluid", smp=int(where), res=res, args=args, icount=icount), "bench")


def label(where):
    return where if where == SIMULATOR else f"QEMU -smp {where}"


def cells(kind, res):
    """How many there are: the shorter side has the resolution, the pixels stay in proportion."""
    width, height = map(int, res.split("x"))
    short, long = min(width, height), max(width, height)
    if kind == "pixels":
        return width * height
    resolution = RESOLUTION.get(kind) or min(short, 1024)
    return resolution * round(resolution * long / short)


def print_main(quick):
    cases = [(where, res, effects, path) for path in ("fixed", "float") for res in SIZES
             for effects in ("on", "off") for where in ("1", "2", "4", SIMULATOR)
             # Emulated floating point: two rows say enough, and take long.
             if path == "fixed" or where == SIMULATOR or (where, res) == ("2", SIZES[0])]
    if quick:
        cases = list(BUDGETS)
    rows = []
    for case, runs in rounds(1 if quick else 2, cases, lambda c: bench(*c)).items():
        where, res, effects, path = case
        fps = [r["fps"] for r in runs]
        p50 = median([r["ms_p50"] for r in runs])
        rows.append([f"{res} {label(where)}, {path}, effects {effects}", number(median(fps)),
                     number(max(fps)), number(min(r["ms_p10"] for r in runs)), number(p50),
                     number(median([r["ms_p99"] for r in runs])), number(1000 / p50),
                     verdict(median(fps), BUDGETS[case], least=True) if case in BUDGETS else ""])
    print("## Fluid: frames a second (sim 128, dye at the screen's height up to 1024, shading)\n")
    table(["fluid --bench", "fps median", "best run", "ms p10, best", "ms p50", "ms p99",
           "fps at p50", "budget"], rows)


def pass_rows(timed, counted, timed_sim, res_sim):
    res = SIZES[0]
    for name, kind in CELLS.items():
        ms = median([r["pass_ms"].get(name, 0) for r in timed])
        instructions = counted["pass_ms"].get(name, 0) * 1e6
        ms_sim = median([r["pass_ms"].get(name, 0) for r in timed_sim])
        yield [name, kind, number(ms), number(instructions / 1e6),
               number(instructions / cells(kind, res)), number(ms_sim),
               number(ms_sim * 1e6 / cells(kind, res_sim))]


def print_passes(quick):
    res, res_sim = SIZES[0], SIZES[2]
    count = 1 if quick else 3
    timed = rounds(count, ("2",), lambda where: bench(where, res,
                                                     frames=FRAMES_OF_PASSES))["2"]
    counted = bench("1", res, icount=True, frames=FRAMES_OF_PASSES)
    timed_sim = rounds(count, (SIMULATOR,), lambda where: bench(
        where, res_sim, path="float", frames=FRAMES_OF_PASSES))
    rows = list(pass_rows(timed, counted, timed_sim[SIMULATOR], res_sim))
    print(f"By pass: fixed in QEMU -smp 2 at {res}, float in the simulator at {res_sim}\n")
    table(["pass", "of", "ms", "million instructions", "instructions a cell",
           "simulator ms", "ns a cell"], rows)
    print_fractions(median([r["ms_p50"] for r in timed]), counted,
                    median([r["ms_p50"] for r in timed_sim[SIMULATOR]]), res_sim)


def values_touched(res):
    """Values read and written in a frame if each pass touched each of its fields once:
    {kind of cell: values a cell}."""
    return {
        "sim": (2 + 1) + (1 + 2 + 2) + (2 + 1) + 20 * (2 + 1) + (1 + 2 + 2) + (2 + 2) + 2,
        "dye": (3 + 3) + 3,           # advection; the display reads it once more
        "bloom": 2 * 3 * 2,           # down and up again, each level a third of those below
        "sunrays": 2 * 3,             # rays, and two directions of blur
        "pixels": 1,
    }


def bytes_touched(res, value_bytes):
    return sum(values * cells(kind, res) * (4 if kind == "pixels" else value_bytes)
               for kind, values in values_touched(res).items())


def print_fractions(p50_ms, counted, p50_sim_ms, res_sim):
    limits = bench_limits.measured()
    rate = counted["ms_p50"] * 1e6 / (p50_ms / 1e3)
    touched = bytes_touched(res_sim, 4)
    bandwidth = touched / (p50_sim_ms / 1e3)
    print("Of the machine's limits, as measured in this run:\n")
    table(["", "used", "limit", "percent"], [
        [f"QEMU -smp 2 {SIZES[0]}, fixed: million instructions a second", number(rate / 1e6),
         number(limits["arithmetic_all"] / 1e6), number(100 * rate / limits["arithmetic_all"])],
        [f"simulator {res_sim}, float: {touched / 1e6:.0f} MB a frame touched, GB a second",
         # A copy reads and writes each byte.
         number(bandwidth / 1e9), number(2 * limits["sim_copy"] / 1e9),
         number(100 * bandwidth / (2 * limits["sim_copy"]))]])


def print_growth(quick):
    res = {"2": SIZES[0], SIMULATOR: SIZES[2]}
    steps = [("--sim", n) for n in (64, 128, 256)] + [("--dye", n) for n in (256, 512, 1024)]

    def measure(case):
        where, option, n = case
        path = "float" if where == SIMULATOR else "fixed"
        return bench(where, res[where], path=path, more=f"{option} {n}",
                     frames=FRAMES_OF_PASSES)

    runs = rounds(1, [(where, *step) for step in steps for where in res], measure)
    rows = [[f"{option} {n}", *(number(median([r["ms_p50"] for r in runs[where, option, n]]))
                               for where in res)] for option, n in steps]
    print("How time grows, ms a frame (p50):\n")
    table(["", f"QEMU -smp 2 {res['2']}, fixed", f"simulator {res[SIMULATOR]}, float"], rows)


def run(quick):
    print_main(quick)
    print_passes(quick)
    if not quick:
        print_growth(quick)
