#!/usr/bin/env python3
"""Writes chime.wav: three soft falling notes (G5, E5, C5), each a sine with two quiet overtones that dies away."""
import math
import struct
import sys
import wave

RATE = 22_050
NOTES = [(783.99, 0.00), (659.26, 0.28), (523.25, 0.56)]  # hertz, seconds from the start
LENGTH_S = 1.6
OVERTONES = [(1.0, 0.60), (2.0, 0.12), (3.0, 0.05)]  # multiple of the note, loudness


def sample(time_s: float) -> float:
    total = 0.0
    for hertz, start in NOTES:
        t = time_s - start
        if t < 0:
            continue
        swell = min(1.0, t / 0.012)  # no click at the start
        fade = math.exp(-t * 4.2)
        total += swell * fade * sum(l * math.sin(2 * math.pi * hertz * m * t) for m, l in OVERTONES)
    end = min(1.0, (LENGTH_S - time_s) / 0.05)  # nor at the end
    return 0.5 * total * end


path = sys.argv[1] if len(sys.argv) > 1 else "chime.wav"
with wave.open(path, "wb") as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(RATE)
    for n in range(int(RATE * LENGTH_S)):
        value = max(-1.0, min(1.0, sample(n / RATE)))
        out.writeframesraw(struct.pack("<h", round(value * 32_000)))
