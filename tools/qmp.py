"""Runs QEMU with an image and talks to it over QMP.

    with Machine(["-M", "virt", ...]) as m:
        m.wait_for("boot: first frame", seconds=10)
        m.screendump("out.png")
        m.command("input-send-event", events=[...])
        status = m.wait(seconds=10)

Serial output is collected line by line in m.lines. Used by tools/run_qemu.py
and the tests; Python's standard library only.
"""
import json
import os
import socket
import struct
import subprocess
import tempfile
import threading
import time
import zlib


class Timeout(Exception):
    pass


class NotStarted(OSError):
    pass


def read_ppm(path):
    """Returns (width, height, rgb bytes) of a binary PPM as QEMU writes it."""
    with open(path, "rb") as f:
        data = f.read()
    fields, at = [], 0
    while len(fields) < 4:
        end = at
        while data[end:end + 1] not in (b" ", b"\n"):
            end += 1
        fields.append(data[at:end])
        at = end + 1
    return int(fields[1]), int(fields[2]), data[at:]


def write_png(path, width, height, rgb):
    """Writes 8-bit RGB rows, top first."""
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body +
                struct.pack(">I", zlib.crc32(kind + body)))

    # Each value as the difference from the pixel to the left: a quarter smaller.
    rows = b"".join(
        b"\1" + row[:3] + bytes((a - b) & 255 for a, b in zip(row[3:], row))
        for row in (rgb[y * width * 3:(y + 1) * width * 3] for y in range(height)))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" +
                chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b""))


class Machine:
    def __init__(self, args, qemu="qemu-system-riscv64", echo=False):
        self.dir = tempfile.TemporaryDirectory(prefix="rivulet-")
        path = os.path.join(self.dir.name, "qmp")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(20)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [qemu, *args, "-S", "-qmp", "unix:" + path], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines, self.echo, self.changed = [], echo, threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            self.qmp = listener.accept()[0].makefile("rw")
            json.loads(self.qmp.readline())
            self.command("qmp_capabilities")
        except (EOFError, OSError, ValueError):  # timed out, or QEMU has ended
            self.close()
            self.reader.join(5)
            raise NotStarted("QEMU did not start" +
                             ("" if self.echo else ":\n" + "\n".join(self.lines)))
        try:
            self.command("cont")  # it waited for us, so that it cannot end before
        except (EOFError, OSError):
            pass  # it ended at once, which is what the caller may want to see

    def _read(self):
        for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            if self.echo:
                print(line, flush=True)
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def command(self, name, **arguments):
        self.qmp.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.qmp.flush()
        while True:
            line = self.qmp.readline()
            if not line:
                raise EOFError(f"{name}: the machine is off")
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']['desc']}")

    def wait_for(self, text, seconds, count=1):
        """The count-th line with `text`; raises Timeout, also when QEMU ends first."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                ended = not self.reader.is_alive()
                found = [line for line in self.lines if text in line]
                if len(found) >= count:
                    return found[count - 1]
                left = end - time.monotonic()
                if left <= 0 or ended:
                    raise Timeout(f"no '{text}' within {seconds} s; output:\n" +
                                  "\n".join(self.lines[-40:]))
                self.changed.wait(min(left, 0.2))

    def type(self, text):
        """Into the serial line, if that is QEMU's stdio."""
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def screendump(self, path, **arguments):
        """Saves what the display shows as PNG; returns (width, height, rgb)."""
        ppm = os.path.join(self.dir.name, "screen.ppm")
        self.command("screendump", filename=ppm, **arguments)
        width, height, rgb = read_ppm(ppm)
        if path:
            write_png(path, width, height, rgb)
        return width, height, rgb

    def wait(self, seconds):
        """Exit status of QEMU; raises Timeout and kills it when it does not end."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.close()
            raise Timeout(f"still running after {seconds} s; output:\n" +
                          "\n".join(self.lines[-40:]))
        self.reader.join(5)
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.reader.join(5)
        self.dir.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
