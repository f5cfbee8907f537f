#!/usr/bin/env python3
"""The fluid as a thing to play with: what each key and stroke does to the picture.

Runs in the simulator, whose --input lets the same hands do the same things at
the same frames; so every claim is exact or about pictures that are always the
same. Effects that light up the whole picture are off where places matter.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.chdir(ROOT)
sys.path.insert(0, "tools")

from claims import claim, finish  # noqa: E402

FLUID = "build/sim/fluid"
WIDTH, HEIGHT = 320, 240
PLAIN = ("--bloom", "off", "--sunrays", "off", "--shading", "off")
TOUCHED = ["2 tablet down", "2 tablet up"]  # ends the attract mode
LOOK = 40  # the frame whose picture is looked at, unless told otherwise


def command(script, folder, frames, args, *sim_args):
    with open(f"{folder}/script", "w") as f:
        f.write("\n".join(script) + "\n")
    # Frames come faster than on a screen; what is in them does not change.
    return [FLUID, "--headless", "--res", f"{WIDTH}x{HEIGHT}@240", "--crc", "--frames", str(frames),
            "--input", f"{folder}/script", *sim_args, "--", "--seed", "5", "--path", "fixed", *args]


def rows_of(png):
    """The bytes R, G, B of a PNG as the simulator writes it, unfiltered."""
    with open(png, "rb") as f:
        data = f.read()
    at = data.index(b"IDAT")
    rows = zlib.decompress(data[at + 4:at + 4 + int.from_bytes(data[at - 4:at], "big")])
    return b"".join(rows[y * (3 * WIDTH + 1) + 1:(y + 1) * (3 * WIDTH + 1)] for y in range(HEIGHT))


def crcs_of(text):
    return re.findall(r"^crc: 0 \d+ (\w+)", text, re.M)


def end_of(words):
    """(exit status, output)"""
    done = subprocess.run(words, timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def run(script, folder, frames, args, *sim_args):
    """(exit status, output)"""
    return end_of(command(script, folder, frames, args, *sim_args))


def play(*script, frames=LOOK, args=PLAIN):
    """(CRCs of all frames, picture of the last one) after these hands."""
    with tempfile.TemporaryDirectory(prefix="rivulet-") as folder:
        picture = f"{folder}/picture.png"
        status, text = run(script, folder, frames, args, "--screenshot", picture)
        assert status == 0 and len(crcs_of(text)) == frames, text
        return crcs_of(text), rows_of(picture)


def run_to_the_end(*script, frames=1000, args=PLAIN):
    """(exit status, output) of an app that leaves by itself."""
    with tempfile.TemporaryDirectory(prefix="rivulet-") as folder:
        return run(script, folder, frames, args)


def at(picture, x, y):
    """Red, green and blue at a place in the tablet's units."""
    place = 3 * (y * HEIGHT // 32768 * WIDTH + x * WIDTH // 32768)
    return picture[place:place + 3]


def most_changed(before, after, x, y):
    return max(abs(a - b) for a, b in zip(at(before, x, y), at(after, x, y)))


def mean_change(before, after):
    return sum(abs(a - b) for a, b in zip(before, after)) / len(before)


def brightness(picture):
    return sum(picture) / len(picture)


def stroke(frame, points, device="tablet"):
    x, y = points[0]
    return [f"{frame} {device} {x} {y}", f"{frame} {device} down",
            *(f"{frame} {device} {x} {y}" for x, y in points[1:]), f"{frame} {device} up"]


def between(points, steps=12):
    """Places along the straight lines from point to point."""
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        for i in range(steps + 1):
            yield x0 + (x1 - x0) * i // steps, y0 + (y1 - y0) * i // steps


# ---- strokes

@claim
def a_stroke_is_in_the_next_picture():
    ready = [*TOUCHED, "5 tablet 8000 8000", "5 tablet down"]
    without, _ = play(*ready)
    for frame in (10, 23):
        crcs, _ = play(*ready, f"{frame} tablet 9000 8000")
        assert crcs[:frame] == without[:frame], "another picture before the stroke"
        assert crcs[frame] != without[frame], "the picture after the stroke does not show it"


@claim
def input_is_shown_within_two_flips():
    hands = [line for frame in range(10, 100, 3)
             for line in stroke(frame, [(9000 + 100 * frame, 9000), (9500 + 100 * frame, 20000)])]
    _, text = run_to_the_end(*hands, args=("--latency", "--frames", "120"))
    inputs, flips = map(int, re.search(r'"inputs":(\d+),.*"frames_max":(\d+)', text).groups())
    assert inputs == 30 and flips <= 2, text


@claim
def every_turn_of_a_fast_stroke_is_drawn():
    # Paused, so that nothing flows away: all of it happens between two frames.
    points = [(8000, 12000), (14000, 22000), (20000, 12000)]
    # Late, when the burst at the start has gone and nothing is saturated.
    paused = [*TOUCHED, "199 key p"]
    _, before = play(*paused, frames=200)
    _, after = play(*paused, *stroke(199, points), frames=200)
    # The dye of a stroke is that of one splat, spread over its length: a little each.
    gaps = [p for p in list(between(points))[1:] if most_changed(before, after, *p) < 2]
    assert not gaps, f"nothing drawn at {gaps}"
    for x, y in ((14000, 12000), (8000, 22000), (20000, 22000), (29000, 29000)):
        assert most_changed(before, after, x, y) == 0, f"something drawn at {x}, {y}"


@claim
def mouse_and_tablet_draw_at_once_in_colours_of_their_own():
    paused = [*TOUCHED, f"{LOOK - 1} key p"]
    _, before = play(*paused)
    tablet, mouse = (4000, 4000), (16384 + 640, 16384)  # it begins in the middle
    _, after = play(*paused, *stroke(LOOK - 1, [(3600, 4000), tablet]),
                       f"{LOOK - 1} mouse down", f"{LOOK - 1} mouse 6 0", f"{LOOK - 1} mouse up")
    added = [[b - a for a, b in zip(at(before, *p), at(after, *p))] for p in (tablet, mouse)]
    assert all(max(colour) > 20 for colour in added), added
    assert max(abs(a - b) for a, b in zip(*added)) > 10, added


@claim
def left_alone_it_plays_by_itself_until_somebody_touches_it():
    _, alone = play(frames=300)
    _, touched = play(*TOUCHED, frames=300)
    assert brightness(alone) > 10 * brightness(touched), (brightness(alone), brightness(touched))


# ---- keys

@claim
def space_throws_random_splats():
    _, before = play(*TOUCHED, frames=200)
    _, after = play(*TOUCHED, "199 key space", frames=200)
    assert mean_change(before, after) > 8, mean_change(before, after)


@claim
def p_stops_the_flow_and_lets_it_go_on():
    # A picture is drawn for every touch, or else nothing would count frames.
    hands = [*TOUCHED, "20 key p", *(f"{n} tablet {n}000 9000" for n in range(21, 30)), "30 key p"]
    crcs, _ = play(*hands)
    assert len(set(crcs[19:30])) == 1, crcs[19:30]
    assert len(set(crcs[30:])) == len(crcs[30:]), crcs[30:]
    assert len(set(crcs[:20])) > 15, crcs[:20]


@claim
def a_paused_fluid_draws_nothing():
    with tempfile.TemporaryDirectory(prefix="rivulet-") as folder:
        process = subprocess.Popen(command(["20 key p"], folder, 1000, PLAIN),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        text = ""
        while "crc: 0 21 " not in text:
            line = process.stdout.readline()
            assert line, text
            text += line
        time.sleep(0.5)
        process.terminate()
        text += process.communicate(timeout=10)[0]
    crcs = crcs_of(text)
    assert len(crcs) == 21 and crcs[19] == crcs[20], crcs


@claim
def effects_are_switched_by_their_keys_and_back():
    on = ("--bloom", "on", "--sunrays", "on", "--shading", "on")
    without, _ = play(*TOUCHED, args=on)
    for key, option in (("b", "--bloom"), ("s", "--sunrays"), ("l", "--shading")):
        once, _ = play(*TOUCHED, f"20 key {key}", args=on)
        assert once[:20] == without[:20] and not set(once[20:]) & set(without[20:]), key
        twice, _ = play(*TOUCHED, f"20 key {key}", f"25 key {key}", args=on)
        assert twice[:25] == once[:25] and twice[25:] == without[25:], key
        off, _ = play(*TOUCHED, args=(*on, option, "off"))
        assert once[20:] == off[20:], f"{key} is not {option} off"


@claim
def h_shows_the_hud_and_hides_it():
    without, plain = play(*TOUCHED)
    shown, picture = play(*TOUCHED, f"{LOOK - 5} key h")
    assert shown[:LOOK - 5] == without[:LOOK - 5] and shown[LOOK - 5] != without[LOOK - 5]
    assert picture.count(b"\xff\xff\xff") > plain.count(b"\xff\xff\xff") + 500  # its letters
    hidden, _ = play(*TOUCHED, f"{LOOK - 5} key h", f"{LOOK - 2} key h")
    assert hidden[LOOK - 2:] == without[LOOK - 2:]


@claim
def c_changes_the_colours_of_what_comes():
    paused = [*TOUCHED, f"{LOOK - 1} key p"]
    place = (4000, 4000)
    _, before = play(*paused)
    colours = set()
    for presses in range(5):
        keys = [f"{LOOK - 1} key c"] * presses
        _, after = play(*paused, *keys, *stroke(LOOK - 1, [(3600, 4000), place]))
        added = [b - a for a, b in zip(at(before, *place), at(after, *place))]
        assert max(added) > 20, (presses, added)
        colours.add(tuple(added))
        if presses == 1:  # fire
            assert added[0] > 20 and added[2] == 0, added
    assert len(colours) == 5, colours
    keys = [f"{LOOK - 1} key c"] * 5
    assert play(*paused, *keys)[1] == play(*paused)[1]


@claim
def qualities_change_the_fields_and_keep_the_picture():
    without, plain = play(*TOUCHED)
    for key in "1234":
        crcs, picture = play(*TOUCHED, f"{LOOK - 1} key {key}")
        assert crcs[:LOOK - 1] == without[:LOOK - 1], key
        # 3 is what it was; 1 has a quarter of the cells each way.
        least, most = {"3": (0, 1)}.get(key, (0.01, 6))
        change = mean_change(plain, picture)
        assert least <= change < most, f"quality {key}: the picture changed by {change}"
        assert abs(brightness(picture) / brightness(plain) - 1) < 0.05, key
    # And it flows on, through all of them.
    crcs, _ = play(*TOUCHED, *(f"{10 + 4 * i} key {key}" for i, key in enumerate("142431")))
    assert len(set(crcs)) > LOOK - 4, crcs


@claim
def esc_leaves():
    status, text = run_to_the_end("10 key esc")
    assert status == 0 and "exit: fluid status=0" in text, text


# ---- all of it again

@claim
def a_seed_and_the_same_hands_make_the_same_show():
    hands = [*TOUCHED, *stroke(5, [(3000, 3000), (20000, 9000), (9000, 30000)]), "9 key space",
             "12 key 2", "15 key c", "18 mouse down", "19 mouse 30 9", "22 key s", "25 key h",
             "25 key h", "30 key 4"]
    for path in ("fixed", "float"):
        args = ("--path", path)
        first, _ = play(*hands, args=args)
        assert first == play(*hands, args=args)[0], path
        assert first != play(*hands, args=(*args, "--seed", "6"))[0], path


@claim
def bad_scripts_are_refused():
    for lines in (["5 key nothing"], ["7 key a", "6 key a"]):
        status, text = run_to_the_end(*lines)
        assert status == 2 and f"line {len(lines)} " in text, text


@claim
def a_replay_that_cannot_be_read_is_refused():
    good = "splat .5 .5 1 1 1 1 1\nsplat\t.5 .5 1 -1 1e-1 .1 1.\n# two\n\nstep 2\n"
    for text, size, says in ((good, "64x36", None), ("step 3x", "64x36", ":1: neither"),
                             ("step -5", "64x36", ":1: neither"),
                             ("step 99999999999999999999", "64x36", ":1: neither"),
                             ("\nsplat 0.5.5 1 1 1 1 1 1", "64x36", ":2: neither"),
                             ("splat .5 .5 1 1 1 1 1 1", "64x36", ":1: neither"),
                             ("splat .5 .5 1 1 1 1 1e999999999", "64x36", ":1: neither"),
                             ("#" * 300, "64x36", ":1: neither"),
                             (good, "4294967360x36", "not a size"), (good, "64x0", "not a size"),
                             (good, "64x9000", "from 2 to 4096")):
        with tempfile.NamedTemporaryFile("w", prefix="rivulet-") as f:
            f.write(text)
            f.flush()
            status, output = end_of([FLUID, "--headless", "--", "--path", "fixed", "--replay",
                                     f.name, "--size", size])
        assert (says or "") in output, (text, size, output)
        assert status == (1 if says else 0), (text, size, output)


@claim
def dye_fades_away_at_sizes_of_all_kinds():
    # Odd numbers of columns in dye of another size; and twelve seconds' fading in three.
    for size in ("427x241", "426x240", "642x361"):
        status, output = end_of([FLUID, "--headless", "--res", size, "--frames", "30", "--",
                                 "--path", "fixed", "--seed", "2"])
        assert status == 0, output
    crcs, _ = play(*TOUCHED, frames=600, args=("--quality", "draft"))
    assert len(set(crcs[:200])) > 50, "nothing moved before it faded"


finish()
