"""make bench: the most that this machine can do, to judge the fluid by.

tests/apps/limits times loops in QEMU and in the simulator. Run once more with a
clock that counts instructions, the same loops tell how many they are.
"""
import functools

from bench_run import median, number, qemu, rounds, sim, table, told

LOOPS = {"arithmetic": "integer arithmetic", "memory": "loads and stores",
         "floating": "floating point"}
FRESH = "jumps", "additions", "loads", "stores"  # blocks of four of these, or of none
IN_A_BLOCK = 4
RUNS = 3
FRESH_RUNS = 5
HARTS = 2


@functools.lru_cache(None)
def measured():
    """Rates: {"arithmetic", "arithmetic_all", ...: instructions a second in the emulator,
    "copy", "sim_copy": bytes a second}, and nanoseconds to translate and run for the first
    time: {"block": one that only jumps, "additions", "loads", "stores": each in it}."""
    counted = told(qemu("limits", icount=True), "limits")
    runs = rounds(RUNS, ("qemu", "sim"), lambda where: told(
        qemu("limits", smp=HARTS) if where == "qemu" else sim("limits"), "limits"))
    rates = {}
    for loop in LOOPS:
        rates[loop] = median([counted[loop] / r[loop] for r in runs["qemu"]]) * 1e9
        rates[loop + "_all"] = median([HARTS * counted[loop] / r[loop + "_all"]
                                       for r in runs["qemu"]]) * 1e9
    for where, name in (("qemu", "copy"), ("sim", "sim_copy")):
        rates[name] = median([r["copy_bytes"] / r["copy"] for r in runs[where]]) * 1e9
    # The least of some: it is over in milliseconds, and whatever comes between adds to it.
    alone = [told(qemu("limits", smp=1), "limits") for _ in range(FRESH_RUNS)]
    block = {kind: min(r["fresh_" + kind] / r["blocks"] for r in alone) for kind in FRESH}
    rates["block"] = block["jumps"]
    for kind in FRESH[1:]:
        rates[kind] = (block[kind] - block["jumps"]) / IN_A_BLOCK
    return rates


def run(quick):
    rates = measured()
    rows = [[text, number(rates[loop] / 1e6), number(rates[loop + "_all"] / 1e6)]
            for loop, text in LOOPS.items()]
    print("## The machine's limits\n")
    table(["emulator, million instructions a second", "one hart", f"{HARTS} harts"], rows)
    table(["code run for the first time in the emulator, -smp 1", "microseconds"], [
        ["a block that only jumps to the next", number(rates["block"] / 1e3)],
        ["for each addition in a block", number(rates["additions"] / 1e3)],
        ["for each load", number(rates["loads"] / 1e3)],
        ["for each store", number(rates["stores"] / 1e3)]])
    table(["copying 64 MiB with memcpy, GB a second", ""], [
        ["in the emulator, one hart", number(rates["copy"] / 1e9)],
        ["in the simulator (the host), one thread", number(rates["sim_copy"] / 1e9)]])
