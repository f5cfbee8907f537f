#!/usr/bin/env python3
"""Boots random machines for as long as one likes: what the named claims of
qemu_machines.py do not think of.

    tests/machine_sweep.py [SECONDS] [SEED]     (60, and the time)

Each machine is QEMU's virt with some number of harts, size and banks of memory,
extensions, interrupt controllers and sockets, some harts disabled and some memory
reserved in its device tree. tests/apps/machine must find nothing wrong, or the
cube must show its frames; QEMU must hold nothing against us. A machine that fails
is printed as the command that starts it, and the next one follows. SEED gives the
same machines again; QEMU=... in the environment is the program.
"""
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

import boot_lab as lab  # noqa: E402
from qmp import Machine, Timeout  # noqa: E402

OUT = "build/tests/sweep"
SECONDS = 120                   # for one machine; 32 harts on a small host take long
MANY = 16                       # and interrupts too
BASE = 0x80000000
QEMU = os.environ.get("QEMU", "qemu-system-riscv64")
# What QEMU can leave out or add; from 8.2 on the deepest page tables, and models of
# real cores, as many as it has.
ON_BY_DEFAULT = ("sstc", "zba", "zbb", "zbc", "zbs", "h")
OFF_BY_DEFAULT = ("svpbmt", "svinval", "svnapot")
DEEPEST = ("sv57=on", "sv57=off", "sv57=off,sv48=off")
MODELS = ("max", "rva22s64", "rva23s64", "veyron-v1", "tt-ascalon", "thead-c906",
          "xiangshan-nanhu")


def models():
    text = subprocess.run([QEMU, "-cpu", "help"], capture_output=True, text=True).stdout
    return [name for name in MODELS if name in text.split()]


MODELS_HAD = models()


def choose_harts(rng):
    return rng.choice((1, 1, 2, 2, 3, 4, 4, 5, 7, 8, 16, 32))


def choose_cpu(rng):
    if MODELS_HAD and not rng.randrange(3):
        return rng.choice(MODELS_HAD)
    words = ["rv64"]
    for name in rng.sample(ON_BY_DEFAULT + OFF_BY_DEFAULT, rng.randrange(4)):
        words.append(f"{name}={'off' if name in ON_BY_DEFAULT else 'on'}")
    if lab.qemu_version(QEMU) >= lab.VERSION_NEW:
        words.append(rng.choice(DEEPEST))
    return ",".join(words)


def sockets(rng, harts, megabytes):
    """QEMU's words for two to four sockets, each with a part of harts and memory."""
    count = rng.randrange(2, 5)
    while harts < count or megabytes < count * 32:
        count -= 1
    words, first, left = [], 0, megabytes
    for i in range(count):
        last = harts - 1 if i == count - 1 else first + (harts - first) // (count - i) - 1
        size = left if i == count - 1 else megabytes // count
        words += ["-object", f"memory-backend-ram,id=m{i},size={size}M", "-numa",
                  f"node,nodeid={i},cpus={first}-{last},memdev=m{i}"]
        first, left = last + 1, left - size
    return words if count > 1 else []


def choose_devices(rng):
    transport = rng.choice(("device", "device", "pci"))
    words = ["-device", f"virtio-gpu-{transport},xres=320,yres=240"]
    for kind in rng.sample(("keyboard", "tablet", "mouse"), rng.randrange(3)):
        words += ["-device", f"virtio-{kind}-{rng.choice(('device', 'pci'))}"]
    if rng.randrange(2):
        words += ["-global", "virtio-mmio.force-legacy=false"]
    return words


def disable_harts(rng, text, harts):
    """The tree with some harts disabled, and how many are left. One that boots may
    be among them: the firmware decides, so one has to be left to it."""
    off = set(rng.sample(range(1, harts), rng.randrange(1, harts))) if harts > 1 else set()
    for i in off:
        text = re.sub(rf'(cpu@{i} \{{(?:(?!\n\t\t\}};).)*?)status = "okay"',
                      r'\1status = "disabled"', text, flags=re.S)
    return text, harts - len(off)


def reserve_memory(rng, text, megabytes):
    """Up to 20 regions above the kernel and the tree, with and without no-map."""
    nodes = {}
    for _ in range(rng.randrange(1, 21)):
        start = BASE + (40 << 20) + rng.randrange((megabytes - 42) << 8) * 4096
        size = rng.choice((1, 100, 4096, 10000, 65536, 1 << 20))
        nodes[start] = (f"r@{start:x} {{ reg = <0 {start:#x} 0 {size:#x}>; "
                        f"{rng.choice(('no-map;', 'reusable;', ''))} }};")
    return text.replace("\tchosen {", "\treserved-memory { #address-cells = <2>; "
                        f"#size-cells = <2>; ranges; {' '.join(nodes.values())} }};\n"
                        "\tchosen {")


def split_memory(rng, text, megabytes):
    """The same memory, but for a hole, as one node with several ranges."""
    hole = rng.randrange(48, megabytes - 8)
    ranges = (f"0x0 {BASE:#x} 0x0 {hole << 20:#x} "
              f"0x0 {BASE + (hole + 4 << 20):#x} 0x0 {megabytes - hole - 4 << 20:#x}")
    return re.sub(r'(memory@80000000 \{.*?reg = <)[^>]*>', rf'\g<1>{ranges}>', text, flags=re.S)


class Variant:
    def __init__(self, rng):
        self.harts = self.usable = choose_harts(rng)
        self.megabytes = rng.choice((8, 9, 13, 16, 31, 64, 100, 127, 128, 257, 513, 1025))
        aia = rng.choice(("none", "none", "aplic", "aplic-imsic"))
        self.machine = ["-M", f"virt,aia={aia}", "-cpu", choose_cpu(rng), "-smp", str(self.harts),
                        "-m", f"{self.megabytes}M"]
        numa = rng.randrange(3) == 0
        if numa:
            # A third PLIC is more than QEMU can do.
            words = sockets(rng, self.harts, self.megabytes)
            if aia != "none" or len(words) <= 8:
                self.machine += words
        self.show = self.megabytes >= 8 and rng.randrange(2) == 0
        self.devices = choose_devices(rng) if self.show else []
        self.tree = None
        if self.megabytes >= 64 and not numa and rng.randrange(2):
            self.edit(rng)

    def edit(self, rng):
        os.makedirs(OUT, exist_ok=True)
        self.tree = f"{OUT}/machine.dtb"
        subprocess.run([QEMU, *self.machine, "-M", f"dumpdtb={self.tree}",
                        *self.devices, "-display", "none"], check=True, capture_output=True)
        text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", self.tree], check=True,
                              capture_output=True, text=True).stdout
        if rng.randrange(2):
            text, self.usable = disable_harts(rng, text, self.harts)
        if rng.randrange(2):
            text = reserve_memory(rng, text, self.megabytes)
        if rng.randrange(2):
            text = split_memory(rng, text, self.megabytes)
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", self.tree, "-"], check=True, text=True,
                       input=text)

    def args(self):
        app, append = ("cube", "-- --frames 10") if self.show else ("machine", "-- 4")
        return [*self.machine, *self.devices, *(["-dtb", self.tree] if self.tree else []),
                "-kernel", f"build/rv64/{app}.elf", "-append", append]

    def problem(self):
        """None, or what was wrong."""
        with Machine([*self.args(), "-display", "none", "-serial", "stdio", "-monitor", "none",
                      "-d", "guest_errors,unimp"], QEMU) as m:
            try:
                status = m.wait(SECONDS)
            except Timeout:
                return "it does not end\n" + "\n".join(m.lines[-20:])
            text = "\n".join(m.lines)
        wrong = [line for line in text.splitlines()
                 if re.search("nvalid|unimp|panic:|was lost|probe failed", line)]
        if self.harts >= MANY:
            wrong = [line for line in wrong if "or is very late" not in line]
        if status != (0 if self.show else 4):
            wrong.append(f"exit status {status}")
        if f"rivulet: {self.usable} harts" not in text:
            wrong.append(f"not {self.usable} harts")
        if not self.show and "0 checks failed" not in text:
            wrong.append("checks failed")
        return "\n".join([*wrong, *text.splitlines()[-20:]]) if wrong else None


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    end, tried, failed = time.monotonic() + seconds, 0, 0
    print(f"seed {seed}", flush=True)
    while time.monotonic() < end:
        variant = Variant(random.Random(seed + tried))
        tried += 1
        problem = variant.problem()
        if problem:
            failed += 1
            print(f"FAIL seed {seed + tried - 1}: {QEMU} "
                  f"{shlex.join(variant.args())}\n{problem}", flush=True)
    print(f"{tried - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
