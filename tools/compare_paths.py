"""Both arithmetic paths of the fluid in QEMU, side by side with their difference.

    from compare_paths import compare

    rows = compare("docs/pictures")

The same seed and the same frame (--hold) for --path float and --path fixed,
everything on; their screens and sixteen times their difference become one
picture, scaled down. Called by tools/pictures.py.
"""
import os
import time

from qmp import Machine, write_png

SEED = 11
AMPLIFIED = 16
SETTLE_SECONDS = 20
# Size, by how much it is scaled down, the frame that is held, and seconds the
# float path may take to it: it makes two frames a second in QEMU at 640x480, and
# less than one at 1280x720.
SHOWS = (("640x480", 3, 20, 300), ("1280x720", 5, 20, 600))


def still(m):
    """The screen once two dumps a moment apart are the same."""
    end = time.monotonic() + SETTLE_SECONDS
    before = None
    while time.monotonic() < end:
        now = m.screendump(None)
        if now == before:
            return now[2]
        before = now
        time.sleep(0.5)
    raise SystemExit("the held frame does not come to rest")


def held(size, frame, path, seconds):
    """RGB bytes of the frame as QEMU shows it."""
    width, height = size.split("x")
    with Machine(["-M", "virt", "-smp", "2", "-m", "256M", "-kernel", "build/rv64/fluid.elf",
                  "-display", "none", "-serial", "stdio",
                  "-device", f"virtio-gpu-device,xres={width},yres={height}",
                  "-append", f"-- --seed {SEED} --path {path} --hold {frame}"]) as m:
        m.wait_for(f"fluid: holds frame {frame}", seconds)
        return still(m)


def scaled(rgb, width, factor):
    """Rows of the means of factor x factor pixels; what is left over is dropped."""
    across, down = width // factor, len(rgb) // (3 * width) // factor
    rows = []
    for y in range(0, down * factor, factor):
        lines = [rgb[3 * width * (y + i):3 * width * (y + i + 1)] for i in range(factor)]
        sums = [sum(column) for column in zip(*lines)]
        rows.append(bytes(sum(sums[3 * (factor * x + i) + c] for i in range(factor)) //
                          factor ** 2 for x in range(across) for c in range(3)))
    return rows


def compare(folder):
    """Writes the pictures; yields (file, frame, largest difference, mean difference,
    percent of values within 3), differences of 255."""
    for size, factor, frame, seconds in SHOWS:
        width = int(size.split("x")[0])
        float_rgb, fixed_rgb = (held(size, frame, path, seconds) for path in ("float", "fixed"))
        difference = [abs(a - b) for a, b in zip(float_rgb, fixed_rgb)]
        amplified = bytes(min(255, d * AMPLIFIED) for d in difference)
        rows = [b"".join(three) for three in zip(*(
            scaled(rgb, width, factor) for rgb in (float_rgb, fixed_rgb, amplified)))]
        path = os.path.join(folder, f"paths-{size}.png")
        write_png(path, len(rows[0]) // 3, len(rows), b"".join(rows))
        yield (path, frame, max(difference), sum(difference) / len(difference),
               100 * sum(d <= 3 for d in difference) / len(difference))
