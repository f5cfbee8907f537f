#!/usr/bin/env python3
"""Boots in every way there is and writes the matrix of docs/BOOTING.md.

    tests/boot_matrix.py [NAME...]      all rows, or those whose name has a NAME in it

A row is a command and what must come of it: a picture of some size, or a refusal
in words and an exit status other than 0. Rows that this machine cannot run (no
network to fetch a newer QEMU or EDK2) are skipped and keep what was seen last.
A new way of booting is a new Row below.
"""
import dataclasses
import json
import os
import shlex
import sys
import time

import boot_lab as lab

os.chdir(lab.ROOT)

DOCUMENT, PICTURES, SEEN = "docs/BOOTING.md", "docs/boot", "docs/boot/seen.json"
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
SHADES = 16                     # a picture has more colours than a blank screen
SECONDS = 90

VIRT = "-M virt -smp 2 -m 128M"
GPU = "-device virtio-gpu-device,xres=640,yres=480"
CUBE, FLUID = "build/rv64/cube", "build/rv64/fluid"
UBOOT = "-M virt -smp 2 -m 256M -kernel /usr/lib/u-boot/qemu-riscv64_smode/uboot.elf"
DISK = (f"-drive file={FLUID}-efi.img,format=raw,if=none,id=disk "
        "-device virtio-blk-device,drive=disk")
FLASH = ("-smp 2 -m 256M -drive if=pflash,unit=0,readonly=on,format=raw,"
         f"file={lab.EDK2}/RISCV_VIRT_CODE.fd "
         f"-drive if=pflash,unit=1,format=raw,file={lab.OUT}/vars.fd")
EDK2 = f"{FLASH} {DISK}"
SHELL_DISK = f"{lab.OUT}/shell.img"
TREE = f"{lab.OUT}/framebuffer.dtb"
SVPBMT, ZICBOM = "-cpu rv64,svpbmt=on", "-cpu rv64,zicbom=on"
SVPBMT_TREE, ZICBOM_TREE = f"{lab.OUT}/svpbmt.dtb", f"{lab.OUT}/zicbom.dtb"
SHAKTI_START = f"{lab.OUT}/shakti-start.bin"
SOCKETS = ("-smp 4 -m 128M -object memory-backend-ram,id=m0,size=64M "
           "-object memory-backend-ram,id=m1,size=64M "
           "-numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2-3,memdev=m1")
LOAD = "load virtio 0:1 ${kernel_addr_r}"


@dataclasses.dataclass
class Row:
    name: str                   # of its picture, too
    title: str
    command: str                # QEMU's arguments
    size: tuple = (640, 480)    # of the picture; None: no display, refuses in words
    typed: tuple = ()           # at U-Boot's prompt
    qemu: str = "qemu-system-riscv64"   # "new": 8.2 or later
    edk2: bool = False
    ready: object = None        # called before
    ends: bool = True           # after a refusal, with a status
    look: object = None         # takes the picture; default: QEMU's screendump
    says: str = "boot: first frame"


def make_shell_disk():
    lab.shell_disk(SHELL_DISK, f"{FLUID}-efi.img", f"{FLUID}.efi",
                   "fluid.efi video=1024x768 -- --seed 5")


def make_tree():
    lab.tree_with_framebuffer(TREE, shlex.split(VIRT))


def make_svpbmt_tree():
    lab.tree_with(SVPBMT_TREE, shlex.split(f"{VIRT} {SVPBMT}"), "\tsoc {",
                  "\tsoc { dma-noncoherent;")


def make_zicbom_tree():
    lab.tree_with(ZICBOM_TREE, shlex.split(f"{VIRT} {ZICBOM}"), "\tsoc {",
                  "\tsoc { dma-noncoherent;", lab.new_qemu())


def make_icicle_tree():
    lab.tree_of_board("icicle")


def make_shakti_start():
    lab.start_with_tree(SHAKTI_START, lab.tree_of_board("shakti"))


ROWS = [
    Row("elf", "ELF file", f"{VIRT} {GPU} -kernel {CUBE}.elf"),
    Row("bin", "flat image", f"{VIRT} {GPU} -kernel {CUBE}.bin"),
    Row("fw", "firmware and kernel in one", f"{VIRT} {GPU} -bios {FLUID}-fw.bin"),
    Row("smp1", "one hart", f"-M virt -smp 1 -m 128M {GPU} -kernel {CUBE}.elf"),
    Row("smp4", "four harts", f"-M virt -smp 4 -m 128M {GPU} -kernel {FLUID}.elf"),
    Row("smp8", "eight harts", f"-M virt -smp 8 -m 128M {GPU} -kernel {CUBE}.elf"),
    Row("modern", "virtio-mmio, modern",
        f"{VIRT} -global virtio-mmio.force-legacy=false {GPU} -kernel {CUBE}.elf"),
    Row("pci", "virtio over PCI",
        f"{VIRT} -device virtio-gpu-pci,xres=640,yres=480 -device virtio-keyboard-pci "
        f"-device virtio-tablet-pci -kernel {CUBE}.elf"),
    Row("aplic", "interrupts through APLIC",
        f"-M virt,aia=aplic -smp 2 -m 128M {GPU} -kernel {CUBE}.elf"),
    Row("imsic", "interrupts through APLIC and IMSIC",
        f"-M virt,aia=aplic-imsic -smp 2 -m 128M {GPU} -kernel {CUBE}.elf"),
    Row("sockets", "two PLICs, each for its own harts",
        f"-M virt {SOCKETS} {GPU} -kernel {CUBE}.elf"),
    Row("sockets-aplic", "two APLICs",
        f"-M virt,aia=aplic {SOCKETS} {GPU} -kernel {CUBE}.elf"),
    Row("sockets-imsic", "two APLICs, IMSICs in two groups",
        f"-M virt,aia=aplic-imsic {SOCKETS} -device virtio-gpu-pci,xres=640,yres=480 "
        f"-kernel {CUBE}.elf"),
    Row("svpbmt", "caches not coherent, Svpbmt",
        f"{VIRT} {SVPBMT} -dtb {SVPBMT_TREE} {GPU} -kernel {CUBE}.elf", ready=make_svpbmt_tree),
    Row("zicbom", "caches not coherent, Zicbom",
        f"{VIRT} {ZICBOM} -dtb {ZICBOM_TREE} {GPU} -kernel {CUBE}.elf", qemu="new",
        ready=make_zicbom_tree),
    Row("nosstc", "timer through SBI",
        f"-M virt -cpu rv64,sstc=off -smp 2 -m 128M {GPU} -kernel {CUBE}.elf"),
    Row("small", "8 MiB of memory", f"-M virt -smp 2 -m 8M {GPU} -kernel {CUBE}.elf"),
    Row("new", "a newer QEMU", f"{VIRT} {GPU} -kernel {FLUID}.elf", qemu="new"),
    Row("booti", "U-Boot, booti", f"{UBOOT} {DISK} {GPU}",
        typed=("virtio scan", f"{LOAD} fluid.bin", "booti ${kernel_addr_r} - ${fdtcontroladdr}")),
    Row("bootelf", "U-Boot, bootelf", f"{UBOOT} {DISK} {GPU}",
        typed=("virtio scan", "setenv autostart yes", f"{LOAD} fluid.elf",
               "bootelf -p ${kernel_addr_r} ${fdtcontroladdr}")),
    Row("go", "U-Boot, go, at any address", f"{UBOOT} {DISK} {GPU}",
        typed=("virtio scan", "load virtio 0:1 0x86a00000 fluid.bin",
               "go 0x86a00000 ${fdtcontroladdr}")),
    Row("uboot-efi", "U-Boot, UEFI", f"{UBOOT} {DISK} {GPU}"),
    Row("edk2", "EDK2, its framebuffer", f"-M virt,acpi=off {EDK2} -device ramfb",
        size=(800, 600), qemu="new", edk2=True),
    Row("edk2-gpu", "EDK2, our display driver", f"-M virt,acpi=off {EDK2} {GPU}",
        qemu="new", edk2=True),
    Row("edk2-pci", "EDK2, our display driver on PCI",
        f"-M virt,acpi=off {EDK2} -device virtio-gpu-pci,xres=640,yres=480",
        qemu="new", edk2=True),
    Row("edk2-shell", "EDK2's shell, with arguments",
        f"-M virt,acpi=off {FLASH} -device ramfb -drive file={SHELL_DISK},format=raw,"
        "if=none,id=disk -device virtio-blk-device,drive=disk",
        size=(1024, 768), qemu="new", edk2=True, ready=make_shell_disk),
    Row("edk2-acpi", "EDK2, no device tree", f"-M virt {EDK2} -device ramfb",
        size=None, qemu="new", edk2=True, ends=False, says="machine by ACPI"),
    Row("ramfb", "QEMU's ramfb", f"{VIRT} -device ramfb -kernel {CUBE}.elf", qemu="new"),
    Row("both", "ramfb beside virtio-gpu, which wins",
        f"{VIRT} {GPU} -device ramfb -kernel {CUBE}.elf", qemu="new"),
    Row("simplefb", "simple-framebuffer, r5g6b5", f"{VIRT} -dtb {TREE} -kernel {CUBE}.elf",
        ready=make_tree, look=lab.framebuffer_picture),
    Row("none", "no display", f"{VIRT} -kernel {CUBE}.elf", size=None, says="no display"),
    Row("sifive", "SiFive's board (no display)",
        f"-M sifive_u -smp 5 -m 128M -kernel {CUBE}.elf", size=None, ends=False,
        says="exit: cube status=1"), # it has nothing to switch it off with
    Row("icicle", "Microchip's board (no display)",
        "-M microchip-icicle-kit -smp 5 -m 2G -serial null "
        f"-dtb {lab.OUT}/icicle.dtb -kernel {CUBE}.elf", size=None, ends=False,
        says="exit: cube status=1", ready=make_icicle_tree),
    Row("shakti", "Shakti's core (no display)",
        f"-M shakti_c -bios {lab.OPENSBI} -device loader,file={SHAKTI_START},addr=0x87000000,"
        "force-raw=on -device loader,addr=0x87000000,cpu-num=0 "
        f"-device loader,file={CUBE}.bin,addr=0x80200000,force-raw=on", size=None, ends=False,
        says="exit: cube status=1", ready=make_shakti_start),
    Row("spike", "Spike's board (no display)", f"-M spike -smp 2 -kernel {CUBE}.elf", size=None,
        says="no display"),
    Row("rv32", "32 bits, no F, D or C",
        f"-M virt -cpu rv32,f=off,d=off,c=off -smp 1 -m 128M {GPU} "
        "-bios build/rv32/cube-fw.bin", qemu="qemu-system-riscv32"),
    Row("rv32-smp4", "32 bits, four harts, ELF file",
        f"-M virt -cpu rv32,f=off,d=off,c=off -smp 4 -m 128M {GPU} "
        "-bios build/rv32/firmware.bin -kernel build/rv32/cube.elf",
        qemu="qemu-system-riscv32"),
]


def see_picture(row, machine):
    """Waits for a picture; its thumbnail and a word about it."""
    machine.wait_for(row.says, SECONDS)
    time.sleep(1)               # the next frames show more than the first
    picture = row.look(machine) if row.look else machine.screendump(None)
    if picture[:2] != row.size:
        raise AssertionError(f"a picture of {picture[0]}x{picture[1]}")
    if lab.colours(picture) < SHADES:
        raise AssertionError("a blank screen")
    path = f"{PICTURES}/{row.name}.png"
    if seen.get(row.name) != result_text(row) or not os.path.exists(path):
        lab.thumbnail(path, picture)


def see_refusal(row, machine):
    line = machine.wait_for(row.says, SECONDS)
    if row.ends and machine.wait(SECONDS) == 0:
        raise AssertionError(f"exit status 0 after '{line}'")


def result_text(row):
    return f"{row.size[0]}x{row.size[1]}" if row.size else f"refused: “{row.says}”"


def run(row):
    """None, or why it cannot run here; raises what went wrong."""
    program = lab.new_qemu() if row.qemu == "new" else row.qemu
    if not program or lab.qemu_version(program) == (0, 0):
        return f"no QEMU {'.'.join(map(str, lab.VERSION_NEW))}"
    if row.edk2 and not lab.edk2():
        return "no EDK2"
    for word in shlex.split(row.command):
        if word.startswith("build/rv") and not os.path.exists(word):
            return f"no {word}"
    if row.ready:
        row.ready()
    with lab.start(program, shlex.split(row.command)) as machine:
        if row.typed:
            lab.at_prompt(machine, row.typed)
        (see_picture if row.size else see_refusal)(row, machine)
    return None


def cell(row):
    program = "qemu-system-riscv64" if row.qemu == "new" else row.qemu
    words = [f"`{program} {row.command}`"] + [f"`=> {line}`" for line in row.typed]
    if row.qemu == "new":
        words.append("(QEMU 8.2 or later)")
    return "<br>".join(words)


def write_document():
    lines = ["| way | command | result | picture |", "|---|---|---|---|"]
    for row in ROWS:
        result = seen.get(row.name, "not seen yet")
        picture = f"![{row.title}](boot/{row.name}.png)" \
            if os.path.exists(f"{PICTURES}/{row.name}.png") else ""
        lines.append(f"| {row.title} | {cell(row)} | {result} | {picture} |")
    with open(DOCUMENT, encoding="utf-8") as f:
        text = f.read()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    with open(DOCUMENT, "w", encoding="utf-8") as f:
        f.write(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + tail)
    with open(SEEN, "w", encoding="utf-8") as f:
        json.dump({row.name: seen[row.name] for row in ROWS if row.name in seen}, f, indent=1)
        f.write("\n")


def load_seen():
    try:
        with open(SEEN, encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {}


def main():
    passed = failed = skipped = 0
    os.makedirs(PICTURES, exist_ok=True)
    os.makedirs(lab.OUT, exist_ok=True)
    for row in ROWS:
        if len(sys.argv) > 1 and not any(name in row.name for name in sys.argv[1:]):
            continue
        try:
            why_not = run(row)
        except Exception as e:  # whatever it was, the other rows are of interest
            failed += 1
            seen[row.name] = "**failed**"
            print(f"FAIL {row.name}: {e}", flush=True)
            continue
        if why_not:
            skipped += 1
            print(f"skip {row.name}: {why_not}", flush=True)
        else:
            passed += 1
            seen[row.name] = result_text(row)
            print(f"ok   {row.name}: {seen[row.name]}", flush=True)
    write_document()
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


seen = load_seen()
sys.exit(main())
