#!/usr/bin/env python3
"""The simulator's window, on an X server of its own (Xvfb), with an injected
mouse and keys (xdotool). Pictures are left in build/tests/pictures."""
import ctypes
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)

from claims import claim, finish  # noqa: E402

OUT = "build/tests/pictures"
PATIENCE_S = 20


class Screen:
    """An X server that picks a free number itself."""

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp",
             "-noreset"],  # or it refuses who comes just after the last one has left
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = ":" + number.readline().strip()
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


class App:
    """An app in its window."""

    def __init__(self, screen, *args, app="cube"):
        self.env = dict(os.environ, DISPLAY=screen.name, SDL_VIDEODRIVER="x11")
        self.dir = tempfile.TemporaryDirectory(prefix="rivulet-")
        self.log = open(os.path.join(self.dir.name, "log"), "w+b")
        self.process = subprocess.Popen([os.path.abspath(f"build/sim/{app}"), *args],
                                        env=self.env, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, cwd=self.dir.name)
        self.app = app
        self.window = None
        self.window = self.until(lambda: self.windows()[:1], "a window")[0]
        self.until(lambda: "fps" in self.title(), "a picture")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
        self.dir.cleanup()

    def xdotool(self, *args):
        return subprocess.run(["xdotool", *map(str, args)], env=self.env, stderr=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=10).stdout.decode().strip()

    def windows(self):
        return self.xdotool("search", "--onlyvisible", "--name", f"^{self.app} - ").split()

    def title(self):
        return self.xdotool("getwindowname", self.window) if self.window else None

    def until(self, ready, what):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = ready()
            if answer:
                return answer
            assert self.process.poll() is None, f"ended early: {self.text()}"
            time.sleep(0.05)
        raise AssertionError(f"waited for {what}; title: {self.title()}; {self.text()}")

    def text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def screenshot(self, keep):
        """Presses F12; the PNG's (width, height, bytes), kept as OUT/keep."""
        before = set(os.listdir(self.dir.name))
        self.xdotool("key", "--window", self.window, "F12")
        self.until(lambda: "sim: saved" in self.text() and
                   set(os.listdir(self.dir.name)) - before, "a screenshot")
        path = os.path.join(self.dir.name, (set(os.listdir(self.dir.name)) - before).pop())
        self.until(lambda: self.text().count("sim: saved") ==
                   len([n for n in os.listdir(self.dir.name) if n.endswith(".png")]), "the file")
        with open(path, "rb") as f:
            data = f.read()
        with open(f"{OUT}/{keep}", "wb") as f:
            f.write(data)
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), data

    def combination(self):
        for key in ("ctrl", "alt", "g"):
            self.xdotool("keydown", key)
        for key in ("g", "alt", "ctrl"):
            self.xdotool("keyup", key)

    def close_window(self):
        """What a window manager does when its cross is clicked (ICCCM 4.2.8.1)."""
        class Message(ctypes.Structure):
            _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong),
                        ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                        ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                        ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                        ("pad", ctypes.c_long * 24)]

        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self.env["DISPLAY"].encode()))
        protocols = x.XInternAtom(display, b"WM_PROTOCOLS", 0)
        delete = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
        message = Message(type=33, window=int(self.window), message_type=protocols, format=32)
        message.data[0] = delete
        x.XSendEvent(display, ctypes.c_ulong(int(self.window)), 0, ctypes.c_long(0),
                     ctypes.byref(message))
        x.XCloseDisplay(display)


@claim
def a_window_shows_the_app_its_mode_and_its_speed():
    with Screen() as screen, App(screen, "--res", "640x480") as app:
        assert re.fullmatch(r"cube - 640x480 - \d+ fps", app.title()), app.title()
        assert "boot: first frame" in app.text()


@claim
def a_drag_turns_the_cube_and_a_key_stops_it():
    with Screen() as screen, App(screen, "--res", "640x480") as app:
        app.xdotool("mousemove", "--window", app.window, 320, 240)
        app.xdotool("key", "--window", app.window, "space")
        time.sleep(0.5)
        before = app.screenshot("window-before-drag.png")
        assert before == app.screenshot("window-before-drag.png"), "space does not stop it"
        app.xdotool("mousedown", 1)
        for step in range(20):
            app.xdotool("mousemove", "--window", app.window, 320 + 6 * step, 240 + 2 * step)
        app.xdotool("mouseup", 1)
        time.sleep(0.5)
        assert app.screenshot("window-after-drag.png") != before


@claim
def resizing_the_window_changes_the_mode():
    with Screen() as screen, App(screen, "--res", "640x480") as app:
        app.xdotool("windowsize", app.window, 800, 450)
        app.until(lambda: "800x450" in app.title(), "the new mode")
        width, height, _ = app.screenshot("window-resized.png")
        assert (width, height) == (800, 450)
        assert app.process.poll() is None


def coarse(png, across=8, down=6):
    """Mean brightness of each field of a grid over the picture (its PNG's rows are unfiltered)."""
    width, height, data = png
    at = data.index(b"IDAT")
    rows = zlib.decompress(data[at + 4:at + 4 + int.from_bytes(data[at - 4:at], "big")])
    means = []
    for j in range(down):
        lines = range(j * height // down, (j + 1) * height // down)
        for i in range(across):
            left, right = i * width // across, (i + 1) * width // across
            values = b"".join(rows[y * (3 * width + 1) + 1 + 3 * left:
                                   y * (3 * width + 1) + 1 + 3 * right] for y in lines)
            means.append(sum(values) / len(values))
    return means


@claim
def a_resized_fluid_keeps_its_picture_even_paused():
    args = ("--res", "640x480", "--", "--seed", "5", "--bloom", "off", "--sunrays", "off")
    with Screen() as screen, App(screen, *args, app="fluid") as app:
        app.xdotool("key", "--window", app.window, "space")
        app.xdotool("key", "--window", app.window, "p")
        time.sleep(0.5)
        before = app.screenshot("window-fluid-before.png")
        app.xdotool("windowsize", app.window, 800, 600)
        app.until(lambda: "800x600" in app.title(), "the new mode")
        after = app.screenshot("window-fluid-resized.png")
    assert after[:2] == (800, 600)
    fields = list(zip(coarse(before), coarse(after)))
    assert max(a for a, _ in fields) > 30, "there is no picture"
    assert all(abs(a - b) < 4 for a, b in fields), fields


@claim
def the_mouse_is_grabbed_and_let_go():
    with Screen() as screen, App(screen, "--res", "640x480") as app:
        app.xdotool("mousemove", "--window", app.window, 320, 240)
        app.combination()
        app.until(lambda: "lets go" in app.title(), "the grab")
        app.xdotool("key", "--window", app.window, "space")
        time.sleep(0.5)
        before = app.screenshot("window-grabbed-before.png")
        app.xdotool("mousedown", 1)
        for _ in range(20):
            app.xdotool("mousemove_relative", 7, 3)
        app.xdotool("mouseup", 1)
        time.sleep(0.5)
        assert app.screenshot("window-grabbed-after.png") != before, "the mouse does nothing"
        app.combination()
        app.until(lambda: "lets go" not in app.title(), "the end of the grab")


@claim
def closing_the_window_lets_the_app_leave():
    with Screen() as screen, App(screen, "--res", "640x480") as app:
        app.close_window()
        assert app.process.wait(PATIENCE_S) == 0
        assert "exit: cube status=0" in app.text(), app.text()


@claim
def each_scanout_has_a_window():
    with Screen() as screen:
        env = dict(os.environ, DISPLAY=screen.name, SDL_VIDEODRIVER="x11")
        process = subprocess.Popen(["build/sim/cube", "--scanouts", "2", "--res", "400x300"],
                                   env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            end, names = time.monotonic() + PATIENCE_S, []
            while time.monotonic() < end and not (len(names) == 2 and "fps" in "".join(names)):
                time.sleep(0.1)
                found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^cube - "],
                                       env=env, stdout=subprocess.PIPE).stdout.split()
                names = [subprocess.run(["xdotool", "getwindowname", w], env=env,
                                        stdout=subprocess.PIPE).stdout.decode() for w in found]
            assert len(names) == 2 and "fps" in "".join(names), names
        finally:
            process.terminate()
            assert process.wait(10) == 0


@claim
def without_a_display_it_runs_headless():
    env = {name: value for name, value in os.environ.items()
           if name not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    done = subprocess.run(["build/sim/cube", "--res", "64x48", "--frames", "5"], env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=30)
    assert done.returncode == 0


os.makedirs(OUT, exist_ok=True)
finish()
