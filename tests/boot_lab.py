"""What tests/boot_matrix.py runs its machines with: QEMUs, U-Boot's prompt,
device trees with a framebuffer in them, thumbnails.

Nothing here knows which ways of booting there are.
"""
import os
import struct
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tools"))

from qmp import Machine, write_png  # noqa: E402

OUT = "build/boot"
OPENSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin"
NEW_QEMU = f"{OUT}/qemu"        # a newer one, if the system's is old
EDK2 = f"{OUT}/edk2/usr/share/qemu-efi-riscv64"
VERSION_NEW = (8, 2)            # EDK2 and ramfb want this one
NEW_QEMU_PACKAGES = ["qemu-system-riscv", "qemu-system-common", "qemu-system-data",
                     # Modules beside the binary keep it from loading the system's.
                     "qemu-system-gui", "qemu-system-modules-opengl",
                     "qemu-system-modules-spice"]
THUMB_WIDTH = 200
THUMB_LEVELS = 16            # of each colour: a small file, a picture still


# ---- programs --------------------------------------------------------------------

def qemu_version(program):
    try:
        text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        return tuple(int(n) for n in text.split("version ")[1].split()[0].split(".")[:2])
    except (OSError, IndexError, ValueError):
        return (0, 0)


def fetch(suite, arch, folder, packages):
    """True if the packages are unpacked in `folder`."""
    if not os.path.isdir(folder + "/usr"):
        subprocess.run(["tools/debian-fetch.sh", suite, arch, folder, *packages], check=False)
    return os.path.isdir(folder + "/usr")


def new_qemu():
    """A QEMU of VERSION_NEW or later, fetched if need be; None without one."""
    if qemu_version("qemu-system-riscv64") >= VERSION_NEW:
        return "qemu-system-riscv64"
    arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True,
                          text=True).stdout.strip()
    if not fetch("bookworm-backports", arch, NEW_QEMU, NEW_QEMU_PACKAGES):
        return None
    modules = [path for path, _, files in os.walk(NEW_QEMU) if "ui-opengl.so" in files]
    program = os.path.abspath(f"{NEW_QEMU}/usr/bin/qemu-system-riscv64")
    script = f"{NEW_QEMU}/qemu-system-riscv64"
    with open(script, "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\nQEMU_MODULE_DIR={os.path.abspath(modules[0])} exec {program} "$@"\n')
    os.chmod(script, 0o755)
    return script if qemu_version(script) >= VERSION_NEW else None


def edk2():
    """Fetches EDK2's flash images; False without them."""
    if not fetch("trixie", "riscv64", f"{OUT}/edk2", ["qemu-efi-riscv64"]):
        return False
    subprocess.run(["cp", f"{EDK2}/RISCV_VIRT_VARS.fd", f"{OUT}/vars.fd"], check=True)
    return True


def shell_disk(path, disk, program, line):
    """A disk that EDK2 finds nothing to boot on, so that its shell runs `line`."""
    script = f"{OUT}/startup.nsh"
    with open(script, "w", encoding="ascii") as f:
        f.write(f"fs0:\r\n{line}\r\n")
    subprocess.run(["cp", disk, path], check=True)
    fat = f"{path}@@1M"         # boot/efi/disk.sh
    subprocess.run(["mdeltree", "-i", fat, "::/EFI"], check=True)
    subprocess.run(["mcopy", "-i", fat, program, script, "::/"], check=True)


# ---- U-Boot ----------------------------------------------------------------------

def at_prompt(machine, commands):
    """Stops U-Boot's countdown and types the commands, the last one unwaited for."""
    machine.wait_for("Working FDT", 60)
    for _ in range(4): # its line has no end that we could wait for
        machine.type(" ")
        time.sleep(0.5)
    machine.type("\n")
    for i, command in enumerate(commands[:-1]):
        machine.type(f"{command}\n")
        machine.type(f"echo typed-{i}\n")
        machine.wait_for(f"typed-{i}", 60, count=2)
    machine.type(commands[-1] + "\n")


# ---- device trees ------------------------------------------------------------------

FB_ADDRESS, FB_WIDTH, FB_HEIGHT, FB_STRIDE = 0x87800000, 640, 480, 1344


def tree_with_framebuffer(path, args):
    """Writes the machine's own tree with a simple-framebuffer (r5g6b5) in RAM."""
    subprocess.run(["qemu-system-riscv64", *args, "-M", f"dumpdtb={path}"], check=True,
                   stderr=subprocess.DEVNULL)
    with open(path, "rb") as f:
        blob = f.read()
    head = list(struct.unpack(">10I", blob[:40]))
    tree = blob[head[2]:head[2] + head[9]]
    strings = bytearray(blob[head[3]:head[3] + head[8]])
    cells = {"compatible": b"simple-framebuffer\0", "format": b"r5g6b5\0",
             "reg": struct.pack(">QQ", FB_ADDRESS, FB_STRIDE * FB_HEIGHT),
             "width": struct.pack(">I", FB_WIDTH), "height": struct.pack(">I", FB_HEIGHT),
             "stride": struct.pack(">I", FB_STRIDE)}
    node = struct.pack(">I", 1) + b"framebuffer\0"
    for name, value in cells.items():
        node += struct.pack(">3I", 3, len(value), len(strings))
        node += value + bytes(-len(value) % 4)
        strings += name.encode() + b"\0"
    # FDT_END_NODE of the root and FDT_END come last (Devicetree Specification 0.4 §5.4.1).
    tree = tree[:-8] + node + struct.pack(">3I", 2, 2, 9)
    reserved = blob[head[4]:head[2]] if head[4] < head[2] else bytes(16)
    head[4], head[2] = 40, 40 + len(reserved)
    head[3] = head[2] + len(tree)
    head[1] = head[3] + len(strings)
    head[8], head[9] = len(strings), len(tree)
    with open(path, "wb") as f:
        f.write(struct.pack(">10I", *head) + reserved + tree + strings)


def tree_with(path, args, old, new, program="qemu-system-riscv64"):
    """Writes the machine's own tree with each `old` in its source replaced by `new`."""
    subprocess.run([program, *args, "-M", f"dumpdtb={path}"], check=True,
                   stderr=subprocess.DEVNULL)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path], check=True,
                          capture_output=True, text=True).stdout
    assert old in text
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", path, "-"], check=True, text=True,
                   input=text.replace(old, new))


def tree_of_board(name):
    """The tree of a board that QEMU has none for, from tests/data; its path."""
    os.makedirs(OUT, exist_ok=True)
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", f"{OUT}/{name}.dtb",
                    os.path.join(ROOT, f"tests/data/{name}.dts")], check=True)
    return f"{OUT}/{name}.dtb"


def start_with_tree(path, tree):
    """Writes code that enters the firmware at 0x80000000 with the tree behind it in a1."""
    code = (0x00000597,         # auipc a1, 0
            0x01858593,         # addi a1, a1, 24
            0x00100293,         # addi t0, zero, 1
            0x01f29293,         # slli t0, t0, 31
            0x00028067,         # jr t0
            0x00000013)         # nop
    with open(tree, "rb") as f, open(path, "wb") as out:
        out.write(struct.pack(f"<{len(code)}I", *code) + f.read())


def framebuffer_picture(machine):
    """(width, height, rgb) of the framebuffer above, read from guest memory."""
    path = os.path.abspath(f"{OUT}/framebuffer.raw")
    machine.command("pmemsave", val=FB_ADDRESS, size=FB_STRIDE * FB_HEIGHT, filename=path)
    with open(path, "rb") as f:
        raw = f.read()
    rgb = bytearray()
    for y in range(FB_HEIGHT):
        row = struct.unpack_from(f"<{FB_WIDTH}H", raw, y * FB_STRIDE)
        for p in row:
            rgb += bytes(((p >> 11) * 255 // 31, (p >> 5 & 63) * 255 // 63, (p & 31) * 255 // 31))
    return FB_WIDTH, FB_HEIGHT, bytes(rgb)


# ---- pictures --------------------------------------------------------------------

def colours(picture):
    rgb = picture[2]
    return len({rgb[i:i + 3] for i in range(0, len(rgb), 3)})


def thumbnail(path, picture):
    """Saves the picture scaled down by a whole number, averaging."""
    width, height, rgb = picture
    step = max(1, width // THUMB_WIDTH)
    small_width, small_height = width // step, height // step
    few = [round(v * (THUMB_LEVELS - 1) / 255) * 255 // (THUMB_LEVELS - 1) for v in range(256)]
    out = bytearray()
    for y in range(small_height):
        sums = [0] * (small_width * 3)
        for dy in range(step):
            row = rgb[(y * step + dy) * width * 3:]
            for dx in range(step):
                for c in range(3):
                    line = row[dx * 3 + c:small_width * step * 3:step * 3]
                    for x, value in enumerate(line):
                        sums[x * 3 + c] += value
        out += bytes(few[s // (step * step)] for s in sums)
    write_png(path, small_width, small_height, bytes(out))


def start(program, args):
    return Machine([*args, "-display", "none", "-serial", "stdio"], qemu=program)
