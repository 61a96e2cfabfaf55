"""Prints the upper half of a code page as Python has it, one code point a line; fffd is an unassigned place."""

import sys

for byte in range(0x80, 0x100):
    try:
        print(f"{ord(bytes([byte]).decode(sys.argv[1])):x}")
    except UnicodeDecodeError:
        print("fffd")
