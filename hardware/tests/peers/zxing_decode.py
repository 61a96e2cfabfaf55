"""Prints the text of every code that zxing-cpp finds on a picture, one a line."""

import sys

import zxingcpp
from PIL import Image

for code in zxingcpp.read_barcodes(Image.open(sys.argv[1])):
    print(code.text)
