#!/usr/bin/env python3
"""Runs apps in the simulator, without a window: determinism, every fault, and
the same picture as in QEMU.

No claim depends on how fast the machine is.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from claims import claim, finish  # noqa: E402
from qmp import Machine  # noqa: E402

OUT = "build/tests/pictures"
CUBE = "build/sim/cube"
SMALL = ("--res", "320x240")


def build(*args):
    env = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    subprocess.run(["make", "-s", "-j2", "sim-build", *args], check=True, env=env,
                   stdout=subprocess.DEVNULL, timeout=600)


def sim(*args, app=CUBE, seconds=60):
    """Runs headless; (status, lines)."""
    done = subprocess.run([app, "--headless", *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
    return done.returncode, done.stdout.decode(errors="replace").splitlines()


def crcs(lines):
    """The CRC of each presented frame of scanout 0, in order."""
    return [line.split()[3] for line in lines if line.startswith("crc: 0 ")]


def frames(count, *args, **how):
    status, lines = sim("--frames", str(count), "--crc", *args, **how)
    assert status == 0, "\n".join(lines[-20:])
    assert len(crcs(lines)) == count, lines[-20:]
    return crcs(lines)


@claim
def two_runs_show_the_same_frames():
    for app, args in ((CUBE, SMALL), ("build/sim/fluid",
                                      (*SMALL, "--", "--path", "float", "--seed", "5"))):
        first = frames(30, *args, app=app)
        assert first == frames(30, *args, app=app), app
        assert len(set(first)) > 20, first


@claim
def the_kind_of_device_does_not_show():
    plain = frames(30, *SMALL)
    for kind in (("--legacy",), ("--strict",), ("--noncoherent",),
                 ("--noncoherent", "--legacy", "--fault", "flood=500@5"), ("--fault", "delay=300"), ("--fault", "dup-irq"),
                 ("--fault", "edid=none")):
        assert frames(30, *SMALL, *kind) == plain, kind


@claim
def devices_that_see_no_caches_are_heard_and_recover():
    script = f"{OUT}/sim-escape.txt"
    with open(script, "w", encoding="ascii") as f:
        f.write("30 key esc\n")
    for kind in ((), ("--legacy",)):
        status, lines = sim(*SMALL, "--crc", "--frames", "300", "--noncoherent", *kind, "--fault",
                            "reset@10", "--input", script)
        assert status == 0 and 30 <= len(crcs(lines)) < 40, (status, lines[-20:])


@claim
def a_png_and_a_trace_are_written():
    picture, trace = f"{OUT}/sim-cube.png", "build/tests/sim-trace.json"
    frames(20, "--res", "640x480", "--screenshot", picture, "--trace", trace)
    with open(picture, "rb") as f:
        data = f.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = data.index(b"IDAT")
    size = int.from_bytes(data[at - 4:at], "big")
    rows = zlib.decompress(data[at + 4:at + 4 + size])
    assert len(rows) == 480 * (1 + 640 * 3), len(rows)
    # Without the filter bytes it is what --crc counts.
    rgb = b"".join(rows[y * 1921 + 1:(y + 1) * 1921] for y in range(480))
    assert f"{zlib.crc32(rgb):08x}" == frames(20, "--res", "640x480")[-1]
    import json
    with open(trace) as f:
        commands = [json.loads(line) for line in f]
    assert commands[0]["command"] == "GET_DISPLAY_INFO", commands[0]
    flushes = [c for c in commands if c["command"] == "RESOURCE_FLUSH"]
    assert len(flushes) >= 20 and all(c["answer"] == "OK_NODATA" for c in flushes)
    assert flushes[0]["args"]["w"] == 640


@claim
def bad_options_are_refused():
    for args in (["--nonsense"], ["--frames"], ["--frames", "0"], ["--frames", "3x"],
                 ["--res", "640"], ["--res", "640x"], ["--res", "99999x5"], ["--scanouts", "17"],
                 ["--fault", "nothing"], ["--ram", "1"], ["word"], ["--trace", "/no/where/x"]):
        status, lines = sim(*args)
        assert status == 2, (args, status, lines)
        assert len(lines) >= 1, args
    status, lines = sim("--help")
    assert status == 0 and any("--fault" in line for line in lines)


@claim
def the_apps_status_is_ours():
    status, lines = sim("--", "--nonsense")
    assert status == 2 and "exit: cube status=2" in lines, lines
    status, lines = sim(*SMALL, "--", "--frames", "5")
    assert status == 0 and "exit: cube status=0" in lines, lines
    assert any(line.startswith("boot: first frame ") for line in lines), lines


@claim
def interrupting_lets_the_app_leave_first():
    process = subprocess.Popen([CUBE, "--headless", *SMALL], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in process.stdout:
        if line.startswith(b"boot: first frame"):
            break
    process.terminate()
    rest = process.stdout.read().decode()
    assert process.wait(10) == 0
    assert "exit: cube status=0" in rest, rest


# ---- faults: what the cube does with each

def survives(spec, *, says="", args=()):
    status, lines = sim(*SMALL, "--frames", "60", "--crc", *args, "--fault", spec)
    text = "\n".join(lines)
    assert status == 0, f"{spec}: status {status}\n{text}"
    assert len(crcs(lines)) == 60, f"{spec}: {len(crcs(lines))} frames\n{text}"
    assert says in text, f"{spec}: not told: {says}\n{text}"


def gives_up(spec, says):
    status, lines = sim(*SMALL, "--frames", "60", "--fault", spec)
    text = "\n".join(lines)
    assert status == 1 and "exit: cube status=1" in text, f"{spec}: status {status}\n{text}"
    assert says in text, f"{spec}: not told: {says}\n{text}"


@claim
def an_error_in_any_command_of_a_frame_is_survived():
    for command in ("TRANSFER_TO_HOST_2D", "SET_SCANOUT", "RESOURCE_FLUSH"):
        for error in ("UNSPEC", "OUT_OF_MEMORY", "INVALID_SCANOUT_ID", "INVALID_RESOURCE_ID",
                      "INVALID_PARAMETER"):
            survives(f"answer:{command}={error}@5", says=f"{command}: answer 0x12")


@claim
def what_was_only_made_ahead_may_be_refused():
    survives("answer:RESOURCE_CREATE_2D=OUT_OF_MEMORY@1", says="RESOURCE_CREATE_2D: answer 0x1201")
    survives("answer:RESOURCE_ATTACH_BACKING=UNSPEC@1", says="RESOURCE_ATTACH_BACKING: answer 0x1200")


@claim
def what_cannot_be_survived_is_told():
    gives_up("answer:RESOURCE_CREATE_2D=OUT_OF_MEMORY@1+", "memory")
    gives_up("answer:RESOURCE_ATTACH_BACKING=UNSPEC@2", "no display")
    gives_up("answer:GET_DISPLAY_INFO=UNSPEC", "no display")
    gives_up("memory=100K", "memory")
    gives_up("short-used", "no display")
    gives_up("no-answer:RESOURCE_FLUSH@5+", "given up") # after some good frames


@claim
def a_strange_edid_does_not_matter():
    plain = frames(60, *SMALL)
    for kind in ("zero", "checksum", "short", "none", "absurd"):
        assert frames(60, *SMALL, "--fault", f"edid={kind}") == plain, kind


@claim
def lost_answers_and_interrupts_are_survived():
    survives("no-answer:RESOURCE_FLUSH@5", says="recovered")
    survives("lost-irq@7", says="interrupt was lost")
    survives("dup-irq")


@claim
def a_reset_in_mid_frame_is_recovered_from():
    survives("reset@20", says="recovered")
    survives("reset@20,reset@21,reset@40", says="recovered")


@claim
def a_display_may_go_and_come_back():
    for fault in ("unplug@10", "unplug@10,reset@10"):
        process = subprocess.Popen([CUBE, "--headless", *SMALL, "--fault", fault],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        time.sleep(1.5)
        assert process.poll() is None, f"{fault} ended the app"
        process.terminate()
        process.communicate(timeout=10)
    survives("unplug@10,plug@10")
    # Frames are counted all the while, or --frames and plug@ would wait for ever.
    status, lines = sim("--frames", "40", "--crc", *SMALL, "--fault", "unplug@5,plug@20")
    assert status == 0, lines
    seen = [int(line.split()[2]) for line in lines if line.startswith("crc: ")]
    assert seen[:5] == [1, 2, 3, 4, 5] and 20 <= seen[5] <= 22 and seen[-1] == 40, seen


@claim
def the_status_is_the_apps_or_says_what_is_missing():
    nowhere = "/no/such/folder/picture.png"
    status, lines = sim("--frames", "5", *SMALL, "--screenshot", nowhere)
    assert status == 1 and any(nowhere in line for line in lines), lines
    # The cube takes its picture away when it ends.
    picture = os.path.join(OUT, "left.png")
    status, lines = sim(*SMALL, "--screenshot", picture, "--", "--frames", "5")
    assert status == 0 and os.path.getsize(picture) > 1000, lines
    # One that ends badly when it is told to leave, and one that does not leave.
    build("APP=leave")
    status, lines = sim("--frames", "3", app="build/sim/leave")
    assert status == 7 and "exit: leave status=7" in lines, lines
    status, lines = sim("--frames", "3", "--", "--stay", app="build/sim/leave")
    assert status == 0 and "was asked to leave" in lines[-1], lines


@claim
def other_flags_make_another_app():
    with tempfile.TemporaryDirectory(prefix="rivulet-") as folder:
        os.mkdir(f"{folder}/flags")
        with open(f"{folder}/flags/main.c", "w") as f:
            f.write("int main(void) { return STATUS; }\n")
        for wanted in (3, 4):
            build(f"APP_DIR={folder}/flags", f"APP_CFLAGS=-DSTATUS={wanted}")
            status, _ = sim(app="build/sim/flags")
            assert status == wanted, status


@claim
def a_crash_is_said():
    build("APP=panic")
    status, lines = sim(app="build/sim/panic")
    assert status == -signal.SIGSEGV, status
    assert "panic: Segmentation fault at address 0x0" in lines, lines
    assert any("app_main_panic" in line for line in lines), lines


@claim
def a_flood_of_input_is_survived():
    survives("flood=20000@5,flood=20000@10")


def passes_under_sanitizers(app, *make, folder="tests/sim_apps"):
    for sanitizer in ("address", "thread"):
        build(f"SAN={sanitizer}", f"APP_DIR={folder}/{app}", *make)
        status, lines = sim(app=f"build/sim-{sanitizer}/{app}", seconds=120)
        assert status == 0, "\n".join(lines)


@claim
def descriptors_behave_as_the_hosts_own():
    passes_under_sanitizers("descriptors")


@claim
def names_behave_as_the_hosts_own():
    passes_under_sanitizers("names")


@claim
def programs_may_leave_the_ioctls_to_libdrm():
    passes_under_sanitizers("libdrm", "APP_LIBS=-ldrm")


@claim
def programs_may_know_atomic_only():
    passes_under_sanitizers("atomic", folder="tests/apps")


@claim
def chance_is_the_same_for_the_same_seed():
    def run(seed):
        _, lines = sim(*SMALL, "--frames", "40", "--seed", seed, "--fault",
                       "answer:TRANSFER_TO_HOST_2D=UNSPEC@20%")
        return sum("answer 0x1200" in line for line in lines)

    assert run("3") == run("3") > 0


# ---- growth

def resident_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


@claim
def a_hundred_thousand_flips_do_not_grow():
    # In a pipe of its own, where no line of the console can come between its words.
    read, write = os.pipe()
    process = subprocess.Popen([CUBE, "--headless", "--res", "64x48", "--trace", f"/dev/fd/{write}",
                                "--", "--bench", "100000"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, pass_fds=[write])
    os.close(write)
    early = late = flushes = 0
    with os.fdopen(read, "rb") as trace:
        for line in trace:
            if b'"RESOURCE_FLUSH"' in line:
                flushes += 1
                if flushes == 5000:
                    early = resident_kib(process.pid)
                elif flushes == 99000:
                    late = resident_kib(process.pid)
    assert process.wait(10) == 0
    assert flushes >= 100000, flushes
    assert late < early + 512, (early, late)


# ---- the same picture in QEMU

@claim
def qemu_shows_the_same_cube():
    ours = frames(900, "--res", "640x480")
    with Machine(["-M", "virt", "-smp", "2", "-m", "128M", "-kernel", "build/rv64/cube.elf",
                  "-display", "none", "-serial", "stdio",
                  "-device", "virtio-gpu-device,xres=640,yres=480"]) as m:
        m.wait_for("boot: first frame", 60)
        for look in range(3):
            time.sleep(0.5)
            picture = m.screendump(f"{OUT}/cube-qemu.png")
            assert picture[:2] == (640, 480), picture[:2]
            crc = f"{zlib.crc32(picture[2]):08x}"
            assert crc in ours, f"look {look}: {OUT}/cube-qemu.png is none of 900 frames"


# ---- sanitizers

def clean_under(sanitizer, *runs, app="cube"):
    build(f"SAN={sanitizer}", f"APP={app}")
    for args in runs:
        status, lines = sim(*SMALL, "--frames", "25", *args, app=f"build/sim-{sanitizer}/{app}",
                            seconds=300)
        text = "\n".join(lines)
        assert status == 0, f"{sanitizer} {args}: status {status}\n{text}"
        assert "Sanitizer" not in text and "runtime error" not in text, text


FAULTS = (("--fault", "reset@10"), ("--fault", "flood=500@5,dup-irq"),
          ("--fault", "answer:RESOURCE_FLUSH=UNSPEC@5"), ("--legacy",), ("--strict",))


@claim
def runs_are_clean_under_address_and_undefined():
    clean_under("address", (), *FAULTS)
    clean_under("undefined", (), *FAULTS)


@claim
def runs_are_clean_under_thread():
    clean_under("thread", (), *FAULTS)
    clean_under("thread", (), app="fluid")


os.makedirs(OUT, exist_ok=True)
finish()
