"""make bench: how large the images are, and what of."""
import os
import re

from bench_run import CROSS, image, number, output_of, table, verdict

BUDGET_KIB = {"cube": 128, "fluid": 192}
LARGEST = 12


def sections(app):
    """[(name, bytes)] of what is loaded."""
    text = output_of([CROSS + "readelf", "-SW", image(f"rv64/{app}.elf")])
    found = re.findall(r"\] (\.\S+)\s+(\S+)\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) \S+\s+\w*A", text)
    return [(name, kind, int(size, 16)) for name, kind, size in found]


def folder(line):
    """Where a symbol of nm -l comes from; newlib and libgcc are not ours."""
    where = re.search(r"\t(\S+):\d+$", line)
    path = os.path.relpath(where[1]) if where else ""
    if path.startswith("..") or path.startswith("build") or not path:
        return "newlib, libgcc, tables"
    parts = path.split("/")[:-1]
    return "/".join(parts[:2])


def symbols(app):
    """[(bytes, name, folder)] of what takes room in the file, largest first."""
    text = output_of([CROSS + "nm", "-S", "-l", "--size-sort", "-r", image(f"rv64/{app}.elf")])
    found = []
    for line in text.splitlines():
        fields = line.split("\t")[0].split()
        if len(fields) == 4 and fields[2] not in "bB":
            found.append((int(fields[1], 16), fields[3], folder(line)))
    return found


def print_files():
    rows = []
    for app, budget in BUDGET_KIB.items():
        kib = os.path.getsize(image(f"rv64/{app}.bin")) / 1024
        rows.append([f"{app}.bin", number(kib), verdict(kib, budget)])
    print("## Image: size of the flat file, everything inside, KiB\n")
    table(["file", "KiB", "budget"], rows)


def print_sections():
    sizes = {app: {name: (kind, size) for name, kind, size in sections(app)} for app in BUDGET_KIB}
    names = list(dict.fromkeys(name for app in sizes for name in sizes[app]))
    rows = []
    for name in names:
        kinds = {sizes[app][name][0] for app in sizes if name in sizes[app]}
        rows.append([name + (" (not in the file)" if kinds == {"NOBITS"} else ""),
                     *(f"{sizes[app].get(name, ('', 0))[1]:,}" for app in sizes)])
    print("By section, bytes:\n")
    table(["section", *BUDGET_KIB], rows)


def print_folders(found):
    sums = {}
    for app, all_symbols in found.items():
        for size, _, where in all_symbols:
            sums.setdefault(where, dict.fromkeys(found, 0))[app] += size
    rows = [[where, *(f"{by_app[app]:,}" for app in found)]
            for where, by_app in sorted(sums.items(), key=lambda item: -max(item[1].values()))]
    print("By folder, bytes of functions and named data (strings are not counted):\n")
    table(["folder", *found], rows)


def print_largest(found):
    heads, rows = [], [[] for _ in range(LARGEST)]
    for app, all_symbols in found.items():
        heads += [f"in {app}", "bytes"]
        for row, (size, name, _) in zip(rows, all_symbols):
            row += [name, f"{size:,}"]
    print("Largest:\n")
    table(heads, rows)


def run(quick):
    print_files()
    print_sections()
    if not quick:
        found = {app: symbols(app) for app in BUDGET_KIB}
        print_folders(found)
        print_largest(found)
