#!/usr/bin/env python3
"""Makes src/scan/upright/weights.bin: the small network that tells how upright a letter stands.

Needs python3-numpy, python3-pil and the fonts named below (fonts-liberation, fonts-dejavu-core, fonts-freefont-ttf).
The pages of the tests and the bench are set in Atkinson Hyperlegible, which is NOT among them: they measure letters
that were never seen. Run it again only to change the network; the result depends on the versions of the fonts.
"""
import glob
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE, HIDDEN = 12, 32
rng = np.random.default_rng(5)
FONTS = [f for pattern in ("liberation*/*.ttf", "dejavu/*.ttf", "freefont/*.ttf")
         for f in sorted(glob.glob("/usr/share/fonts/truetype/" + pattern)) if "Math" not in f]
# As often as they stand on the office's papers: capitals and figures first.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3 + "AAAAIIIINNNNEEETTTRRRUUSSKKLLGGDDPP" + "0123456789" * 2 + \
    "abcdefghijklmnopqrstuvwxyz" * 2 + "aaaaiiinnneeettrruukklggdd"


def sample():
    font = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], int(rng.integers(24, 60)))
    big = Image.new("L", (140, 140), 0)
    ImageDraw.Draw(big).text((40, 30), LETTERS[rng.integers(len(LETTERS))], fill=255, font=font)
    big = big.rotate(rng.normal(0, 2), Image.BILINEAR)
    box = big.getbbox()
    if not box:
        return sample()
    height = box[3] - box[1]
    big = big.filter(ImageFilter.GaussianBlur(height * rng.uniform(0, 0.10)))
    box = big.point(lambda v: 255 if v > 70 else 0).getbbox() or box
    side = max(box[2] - box[0], box[3] - box[1]) * (1 + rng.normal(0, 0.06))
    x, y = (box[0] + box[2]) / 2 + rng.normal(0, 0.03) * side, (box[1] + box[3]) / 2 + rng.normal(0, 0.03) * side
    cut = big.transform((SIDE * 3, SIDE * 3), Image.EXTENT, (x - side / 2, y - side / 2, x + side / 2, y + side / 2),
                        Image.BILINEAR)
    grid = np.asarray(cut, dtype=np.float32).reshape(SIDE, 3, SIDE, 3).mean((1, 3)) / 255
    return np.clip(grid / max(grid.max(), 0.05) + rng.normal(0, 0.04, grid.shape), 0, 1).astype(np.float32)


def turned(x):  # the four turns of each letter
    return np.stack([np.rot90(x, k, axes=(1, 2)).reshape(len(x), -1) for k in range(4)], 1)


count = int(sys.argv[1]) if len(sys.argv) > 1 else 60000
data = turned(np.stack([sample() for _ in range(count)]))
train, test = data[: count * 9 // 10], data[count * 9 // 10:]
n = SIDE * SIDE
w1 = rng.normal(0, 0.12, (n, HIDDEN)).astype(np.float32)
b1 = np.zeros(HIDDEN, np.float32)
w2 = rng.normal(0, 0.2, HIDDEN).astype(np.float32)
params, moment, square = [w1, b1, w2], [0, 0, 0], [0, 0, 0]
step = 0
for epoch in range(24):
    order = rng.permutation(len(train))
    rate = 3e-3 * 0.88 ** epoch
    for at in range(0, len(order), 256):
        x = train[order[at:at + 256]]
        m = len(x)
        pre = x @ w1 + b1
        h = np.maximum(pre, 0)
        s = h @ w2
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        d = p.copy()
        d[:, 0] -= 1
        d /= m
        g2 = (h * d[..., None]).sum((0, 1))
        dh = d[..., None] * w2 * (pre > 0)
        grads = [x.reshape(-1, n).T @ dh.reshape(-1, HIDDEN) + 1e-5 * w1, dh.sum((0, 1)), g2]
        step += 1
        for i, g in enumerate(grads):
            moment[i] = 0.9 * moment[i] + 0.1 * g
            square[i] = 0.999 * square[i] + 0.001 * g * g
            params[i] -= (rate * (moment[i] / (1 - 0.9 ** step)) / (np.sqrt(square[i] / (1 - 0.999 ** step)) + 1e-8)).astype(np.float32)
    s = np.maximum(test @ w1 + b1, 0) @ w2
    print(epoch, "right of four:", (s.argmax(1) == 0).mean(), "right of two:", (s[:, 0] > s[:, 2]).mean(), flush=True)
# Little endian: 144 x 32 weights, 32 offsets, 32 weights of the sum, each a signed 16-bit in 1/2048.
flat = np.concatenate([w1.reshape(-1), b1, w2])
assert np.abs(flat).max() < 15.9, np.abs(flat).max()
(flat * 2048).round().astype("<i2").tofile(sys.argv[2] if len(sys.argv) > 2 else "src/scan/upright/weights.bin")
