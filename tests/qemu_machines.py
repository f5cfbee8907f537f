#!/usr/bin/env python3
"""Every kind of RISC-V machine that can be had here boots and runs an app.

The app is tests/apps/machine: threads, clock, timers, memory, stacks. Machines
that QEMU has no option for are made by editing the device tree it dumps, or
started by the small firmware (boot/firmware), which can put the kernel anywhere
and start any hart. tests/board32 is the 32-bit machine with no comforts.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

import boot_lab as lab
from claims import claim, finish
from qmp import Machine

BUILD = os.environ.get("BUILD", "build")
RV64, RV32 = f"{BUILD}/rv64", f"{BUILD}/rv32"
SECONDS = 60
OPENSBI = lab.OPENSBI
SCRATCH = tempfile.TemporaryDirectory(prefix="rivulet-machines-")


def run(args, qemu="qemu-system-riscv64", seconds=SECONDS):
    """Boots to the end; returns (exit status, output)."""
    with Machine([*args, "-display", "none", "-serial", "stdio", "-monitor", "none"], qemu) as m:
        status = m.wait(seconds)
        return status, "\n".join(m.lines)


def virt(*args, app="machine", append="-- 4", harts=2, memory="128M", machine="virt",
         seconds=SECONDS):
    return run(["-M", machine, "-smp", str(harts), "-m", memory, "-kernel", f"{RV64}/{app}.elf",
                "-append", append, *args], seconds=seconds)


def expect(result, harts=None, status=4):
    got, text = result
    assert f"exit: machine status={status}" in text and got == status, (got, text)
    assert "0 checks failed" in text, text
    assert not harts or f"machine: {harts} harts" in text, text


def scratch(name):
    return os.path.join(SCRATCH.name, name)


def device_tree(edit, *args, machine="virt", harts=2, memory="128M"):
    """QEMU's own tree for the machine, its source changed by `edit`."""
    dumped, source, made = scratch("qemu.dtb"), scratch("edited.dts"), scratch("edited.dtb")
    subprocess.run(["qemu-system-riscv64", "-M", f"{machine},dumpdtb={dumped}", "-smp", str(harts),
                    "-m", memory, "-display", "none", *args], check=True, capture_output=True)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", dumped], check=True,
                          capture_output=True, text=True).stdout
    changed = edit(text)
    assert changed != text
    with open(source, "w") as f:
        f.write(changed)
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", made, source], check=True)
    return made


def firmware(name, **variables):
    """The small firmware for 64 bits, built with other settings."""
    path = scratch(name)
    settings = [f"{k}={v}" for k, v in variables.items()]
    subprocess.run(["make", "-s", f"BUILD={BUILD}", "ARCH=rv64", f"SMALL_FW={path}", *settings,
                    path], check=True, stdout=subprocess.DEVNULL)
    return path


def free_kib(text):
    return int(re.search(r"(\d+) KiB free", text).group(1))


# ---- harts --------------------------------------------------------------------

@claim
def one_hart_is_enough():
    expect(virt(harts=1), harts=1)


@claim
def all_harts_are_used():
    expect(virt(harts=2), harts=2)
    expect(virt(harts=4), harts=4)
    expect(virt(harts=8), harts=8)


@claim
def thirty_two_harts_work():
    expect(virt(harts=32, seconds=180), harts=32)


@claim
def harts_that_are_disabled_stay_off():
    def disable(text):
        return re.sub(r'(cpu@[13] \{)', r'\1 status = "disabled";',
                      text.replace('status = "okay";', ""))

    expect(virt("-dtb", device_tree(disable, harts=4), harts=4), harts=2)


@claim
def any_hart_may_be_the_one_that_boots():
    bios = firmware("boot2.bin", BOOT_HART=2)
    expect(virt("-bios", bios, harts=4), harts=4)
    # Interrupts too reach that hart.
    status, text = virt("-bios", bios, "-device", "virtio-gpu-device", harts=4, app="cube",
                        append="-- --frames 20")
    assert status == 0 and "boot: first frame" in text, text


@claim
def harts_that_firmware_sends_to_the_wrong_entry_are_used():
    expect(virt("-bios", firmware("stale.bin", STALE_START=1), harts=4), harts=4)


@claim
def vector_registers_survive_preemption():
    for bits in (128, 1024):
        for harts in (1, 2):
            result = virt("-cpu", f"rv64,v=true,vlen={bits},vext_spec=v1.0", harts=harts)
            expect(result, harts=harts)
            assert f"vectors of {bits} bits" in result[1], result[1]


@claim
def vector_registers_are_used_if_the_device_tree_says_so():
    def list_them(text):
        return text.replace("riscv,isa =", 'riscv,isa-extensions = "i", "m", "a", "f", "d", "c", '
                            '"v"; riscv,isa =')

    def say_nothing(text):
        return text.replace("rv64imafdch", "rv64imafdc")

    for edit, used in ((list_them, True), (say_nothing, False)):
        result = virt("-cpu", "rv64,v=true,vext_spec=v1.0", "-dtb", device_tree(edit))
        expect(result)
        assert ("vectors of" in result[1]) == used, result[1]


# ---- memory ---------------------------------------------------------------------

@claim
def eight_mebibytes_are_enough():
    expect(virt(memory="8M", harts=1))


@claim
def several_banks_of_memory_are_used():
    banks = []
    for i in range(2):
        banks += ["-object", f"memory-backend-ram,id=m{i},size=64M",
                  "-numa", f"node,nodeid={i},cpus={i},memdev=m{i}"]
    result = virt(*banks)
    expect(result)
    assert free_kib(result[1]) > 120000, result[1]


@claim
def reserved_memory_is_left_alone():
    def reserve(text):
        return text.replace("\tchosen {", "\treserved-memory { #address-cells = <2>; "
                            "#size-cells = <2>; ranges; picture@84000000 { "
                            "reg = <0 0x84000000 0 0x2000000>; no-map; }; };\n\tchosen {")

    result = virt("-dtb", device_tree(reserve))
    expect(result)
    assert 90000 < free_kib(result[1]) < 98304, result[1]


@claim
def the_kernel_runs_where_it_is_put():
    # Memory then starts there too, as the small firmware hides what is below.
    bios = firmware("high.bin", LOAD_ADDRESS="0x83200000")
    expect(run(["-M", "virt", "-smp", "2", "-bios", bios, "-device",
                f"loader,file={RV64}/machine.bin,addr=0x83200000,force-raw=on"]), status=0)


@claim
def a_stack_overflow_is_named():
    status, text = virt(append="-- overflow")
    assert status == 1 and "panic: stack overflow in thread 'app'" in text, (status, text)
    assert "recurse+" in text, text


# ---- ways in ----------------------------------------------------------------------

@claim
def flat_images_boot():
    expect(run(["-M", "virt", "-kernel", f"{RV64}/machine.bin"]), status=0)
    expect(run(["-M", "virt", "-bios", f"{RV64}/machine-fw.bin"]), status=0)


@claim
def boot_arguments_may_be_missing():
    expect(run(["-M", "virt", "-kernel", f"{RV64}/machine.elf"]), status=0)


@claim
def unknown_boot_arguments_are_reported():
    result = virt(append="quiet root=/dev/vda -- 4")
    expect(result)
    assert "'quiet' is not known" in result[1] and "'root=/dev/vda'" in result[1], result[1]


# ---- interrupts ----------------------------------------------------

def cube_flips(machine, *devices):
    status, text = virt(*devices, machine=machine, app="cube", append="-- --frames 30")
    assert status == 0 and "exit: cube status=0" in text, (status, text)


@claim
def the_plic_delivers_interrupts():
    cube_flips("virt", "-device", "virtio-gpu-device", "-device", "virtio-keyboard-device")


@claim
def the_aplic_delivers_interrupts_by_wire():
    cube_flips("virt,aia=aplic", "-device", "virtio-gpu-device")
    cube_flips("virt,aia=aplic", "-device", "virtio-gpu-pci")


@claim
def the_aplic_delivers_interrupts_by_message():
    cube_flips("virt,aia=aplic-imsic", "-device", "virtio-gpu-device")
    cube_flips("virt,aia=aplic-imsic", "-device", "virtio-gpu-pci")


def sockets(count, harts):
    """Memory and harts of so many sockets, each with an interrupt controller."""
    args = []
    for i in range(count):
        first = i * harts // count
        args += ["-object", f"memory-backend-ram,id=m{i},size={128 // count}M", "-numa",
                 f"node,nodeid={i},cpus={first}-{(i + 1) * harts // count - 1},memdev=m{i}"]
    return args


def escape_ends_the_cube(machine, *args):
    """What it said; a key is an interrupt that nothing but its handler waits for."""
    with Machine(["-M", machine, "-smp", "4", "-m", "128M", "-kernel", f"{RV64}/cube.elf",
                  "-append", "loglevel=7", "-display", "none", "-serial", "stdio",
                  "-monitor", "none", *sockets(2, 4), *args]) as m:
        m.wait_for("boot: first frame", SECONDS)
        for down in (True, False):
            m.command("input-send-event", events=[{"type": "key", "data": {
                "down": down, "key": {"type": "qcode", "data": "esc"}}}])
        assert m.wait(SECONDS) == 0, m.lines
        text = "\n".join(m.lines)
        assert "interrupt was lost" not in text, text
        return text


@claim
def controllers_of_other_harts_are_served():
    mmio = ("-device", "virtio-gpu-device", "-device", "virtio-keyboard-device")
    pci = ("-device", "virtio-gpu-pci", "-device", "virtio-keyboard-pci")
    for devices in (mmio, pci):
        # On a busy machine a hart may be kept waiting so long that its interrupts
        # are polled for, as if it got none; but not every time.
        for text in (escape_ends_the_cube("virt,aia=aplic", *devices) for _ in range(4)):
            if "do not arrive" not in text:
                break
        else:
            raise AssertionError(text)
        served = set(re.findall(r"irq \d+: .*, on hart (\d)", text))
        assert served & {"0", "1"} and served & {"2", "3"}, text
        escape_ends_the_cube("virt,aia=aplic-imsic", *devices)
        # QEMU's second PLIC has no wire to the harts' S-mode, so it is polled.
        escape_ends_the_cube("virt", *devices)


@claim
def three_sockets_work():
    for machine in ("virt,aia=aplic", "virt,aia=aplic-imsic"):
        status, text = virt(*sockets(3, 6), "-device", "virtio-gpu-pci", "-device",
                            "virtio-keyboard-device", machine=machine, harts=6, app="cube",
                            memory="126M", append="-- --frames 20")
        assert status == 0 and "interrupt was lost" not in text, (status, text)


# ---- caches -------------------------------------------------------------------------

def noncoherent(text):
    return text.replace("\tsoc {", "\tsoc { dma-noncoherent;")


def xp(m, word, address):
    text = m.command("human-monitor-command", **{"command-line": f"xp /1{word}x {address:#x}"})
    return int(text.split(":")[1], 16)


def memory_type(m, address):
    """Bits 61 and 62 of the page table entry for it (Sv39): 1 uncached, 2 I/O."""
    registers = m.command("human-monitor-command", **{"command-line": "info registers"})
    table = (int(re.search(r"satp +(\w+)", registers).group(1), 16) & (1 << 44) - 1) << 12
    for shift in (30, 21, 12):
        entry = xp(m, "g", table + (address >> shift & 511) * 8)
        assert entry & 1, f"{address:#x} is not mapped"
        if entry & 14:
            return entry >> 61 & 3
        table = (entry >> 10 & (1 << 44) - 1) << 12
    raise AssertionError("a page table without an end")


@claim
def memory_of_noncoherent_devices_is_uncached():
    cpu = ("-cpu", "rv64,svpbmt=on")
    with Machine(["-M", "virt", "-smp", "2", "-m", "128M", *cpu, "-kernel", f"{RV64}/cube.elf",
                  "-dtb", device_tree(noncoherent, *cpu), "-append", "loglevel=7", "-device",
                  "virtio-gpu-device", "-display", "none", "-serial", "stdio"]) as m:
        line = m.wait_for("dma: uncached memory from", SECONDS)
        m.wait_for("boot: first frame", SECONDS)
        uncached = int(re.search(r"0x\w+", line).group(), 16)
        queue = xp(m, "w", 0x10008000 + 0x40) << 12 # legacy QueuePFN, virtio 1.2 §4.2.4
        assert queue >= uncached, (hex(queue), hex(uncached))
        assert memory_type(m, queue) == 1 and memory_type(m, uncached) == 1
        assert memory_type(m, 0x10008000) == 2 and memory_type(m, 0x10000000) == 2
        assert memory_type(m, uncached - 0x1000) == 0


@claim
def memory_of_coherent_devices_is_as_ever():
    cpu = ("-cpu", "rv64,svpbmt=on")
    with Machine(["-M", "virt", "-m", "128M", *cpu, "-kernel", f"{RV64}/cube.elf", "-device",
                  "virtio-gpu-device", "-display", "none", "-serial", "stdio"]) as m:
        m.wait_for("boot: first frame", SECONDS)
        assert memory_type(m, xp(m, "w", 0x10008000 + 0x40) << 12) == 0
        assert memory_type(m, 0x10008000) == 0


@claim
def noncoherent_devices_are_refused_without_means():
    def boast(text):
        return noncoherent(text).replace("_sstc", "_sstc_svpbmt")

    for edit in (noncoherent, boast): # an entry that the CPU does not know is no crash
        status, text = virt("-dtb", device_tree(edit), "-device", "virtio-gpu-device", app="cube",
                            append="")
        assert status not in (0, None) and "exit: cube status=1" in text, (status, text)
        assert re.search(r"virtio_mmio@10008000: not used: .* neither Svpbmt nor Zicbom",
                         text), text


# ---- timer, console -----------------------------------------------------------------

@claim
def the_firmware_sets_the_timer_without_sstc():
    result = virt("-cpu", "rv64,sstc=off", append="loglevel=7 -- 4")
    expect(result)
    assert "timer: by the firmware" in result[1], result[1]


@claim
def sstc_is_used_where_the_firmware_allows_it():
    bios = firmware("sstc.bin")
    result = virt("-bios", bios, append="loglevel=7 -- 4")
    expect(result)
    assert "timer: by stimecmp" in result[1], result[1]


@claim
def the_firmware_console_serves_when_asked_for():
    expect(virt(append="console=sbi -- 4"))


@claim
def a_machine_without_any_console_runs_in_silence():
    # The firmware then has none either.
    def strange(text):
        return text.replace('"ns16550a"', '"nobody,knows"')

    status, text = virt("-dtb", device_tree(strange))
    assert (status, text) == (4, "")


@claim
def any_spelling_of_standard_output_will_do():
    def by_alias(text):
        return re.sub(r'stdout-path = "[^"]*"', 'stdout-path = "console0:115200n8"',
                      text.replace("\tchosen {", "\taliases { console0 = "
                                   '"/soc/serial@10000000"; };\n\tchosen {'))

    expect(virt("-dtb", device_tree(by_alias)))


# ---- boards without a display ----------------------------------------------------

def says_so(harts, *args):
    """These boards cannot switch themselves off, so only words can be looked at."""
    with Machine([*args, "-display", "none", "-serial", "stdio", "-monitor", "none", "-d",
                  "guest_errors,unimp"]) as m:
        m.wait_for("cannot switch itself off", SECONDS)
        text = "\n".join(m.lines)
        assert "exit: cube status=1" in text and "no display" in text, text
        assert f"rivulet: {harts} harts" in text, text


@claim
def without_a_display_the_app_says_so():
    says_so(2, "-M", "sifive_u", "-smp", "3", "-m", "128M", "-kernel", f"{RV64}/cube.elf")
    says_so(4, "-M", "microchip-icicle-kit", "-smp", "5", "-m", "2G", "-serial", "null",
            "-dtb", lab.tree_of_board("icicle"), "-kernel", f"{RV64}/cube.elf")


@claim
def a_core_that_only_the_firmware_has_a_console_for_says_so():
    start = scratch("shakti-start.bin")
    lab.start_with_tree(start, lab.tree_of_board("shakti"))
    says_so(1, "-M", "shakti_c", "-bios", OPENSBI,
            "-device", f"loader,file={start},addr=0x87000000,force-raw=on",
            "-device", "loader,addr=0x87000000,cpu-num=0", "-device",
            f"loader,file={RV64}/cube.bin,addr=0x80200000,force-raw=on")


@claim
def a_cpu_that_cannot_run_it_gets_a_word():
    for lack in ("mmu=off", "f=off,d=off"):
        with Machine(["-M", "virt", "-cpu", f"rv64,{lack}", "-kernel", f"{RV64}/machine.elf",
                      "-display", "none", "-serial", "stdio", "-monitor", "none"]) as m:
            m.wait_for("rivulet: this CPU lacks F, D or Sv39", SECONDS)


@claim
def spike_gets_its_exit_status():
    for app, status in (("cube", 1), ("machine", 4)):
        got, text = run(["-M", "spike", "-smp", "2", "-kernel", f"{RV64}/{app}.elf", "-append",
                         "-- 4" if app == "machine" else ""])
        assert got == status and f"exit: {app} status={status}" in text, (got, text)


# ---- 32 bits --------------------------------------------------------------------------

def virt32(harts, *args, app="machine", append="-- 4"):
    return run(["-M", "virt", "-cpu", "rv32,f=off,d=off,c=off", "-smp", str(harts), "-m", "128M",
                "-bios", f"{RV32}/firmware.bin", "-kernel", f"{RV32}/{app}.elf",
                "-append", append, *args], qemu="qemu-system-riscv32")


@claim
def rv32ima_boots_in_qemu():
    for harts in (1, 2, 4):
        expect(virt32(harts), harts=harts)


@claim
def rv32ima_shows_pictures_in_qemu():
    status, text = virt32(2, "-device", "virtio-gpu-device", "-device", "virtio-keyboard-device",
                          app="cube", append="-- --frames 20")
    assert status == 0 and "boot: first frame" in text, (status, text)


def board32(app, append, *args, ram_mib=64):
    """Runs on the machine with no comforts; returns its output and last words."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "board32", "board32.dts")) as f:
        text = f.read().split("/dts-v1/;")[1]
    text = text.replace("BOOTARGS", append).replace("RAM_BYTES", hex(ram_mib << 20))
    blob = scratch("board32.dtb")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", blob, "-"], input="/dts-v1/;" + text,
                   text=True, check=True)
    done = subprocess.run([f"{BUILD}/tests/board32", f"{RV32}/{app}.bin", blob, "--ram",
                           str(ram_mib), *args], capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "0 stray accesses, 0 guest errors" in done.stderr, (done.stdout, done.stderr)
    return done.stdout, done.stderr


@claim
def a_cpu_with_no_comforts_is_enough():
    text, _ = board32("machine", "-- 4")
    assert "exit: machine status=4" in text and "0 checks failed" in text, text


@claim
def a_cpu_with_no_comforts_shows_pictures_and_takes_keys():
    text, words = board32("cube", "--", "--escape-after", "8", ram_mib=16)
    assert "exit: cube status=0" in text and "boot: first frame" in text, text
    frames = int(re.search(r"(\d+) frames", words).group(1))
    assert 8 <= frames <= 12, words


@claim
def a_serial_line_that_never_ends_leaves_time_for_the_app():
    text, _ = board32("cube", "--", "--escape-after", "8", "--endless-input", "1", ram_mib=16)
    assert "exit: cube status=0" in text, text


finish()
