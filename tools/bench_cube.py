"""make bench: how many frames of the cube there are a second."""
from bench_run import median, number, qemu, rounds, sim, table, told, verdict

BUDGET_FPS = 360  # in QEMU, -smp 2, 640x480
FRAMES = 500
SIZES = "640x480", "1280x720", "1920x1080"


def measure(case):
    where, res = case
    args = f"--bench {FRAMES}"
    if where == "simulator":
        return told(sim("cube", res=res, args=args), "bench")
    return told(qemu("cube", smp=int(where), res=res, args=args), "bench")


def run(quick):
    cases = [(where, res) for res in SIZES for where in ("1", "2", "4", "simulator")]
    rows = []
    for (where, res), runs in rounds(1 if quick else 3, cases, measure).items():
        fps = [r["fps"] for r in runs]
        rows.append([
            f"{res} " + (where if where == "simulator" else f"QEMU -smp {where}"),
            number(median(fps)), number(max(fps)),
            *(number(median([r[key] for r in runs])) for key in ("ms_p50", "ms_p99")),
            verdict(median(fps), BUDGET_FPS, least=True) if (where, res) == ("2", SIZES[0]) else ""])
    print("## Cube: frames a second\n")
    table(["cube --bench", "median", "best run", "ms p50", "ms p99", "budget"], rows)
