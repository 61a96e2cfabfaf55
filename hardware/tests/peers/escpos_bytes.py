"""Writes to standard output what python-escpos sends to a printer."""

import sys

from escpos.printer import Dummy

case, text = sys.argv[1], sys.argv[2]
printer = Dummy()
if case == "sizes":
    printer.set(align="left", custom_size=True, width=1, height=1)
    printer.text("H\n")
    printer.set(align="center", custom_size=True, width=2, height=3)
    printer.text("H\n")
    printer.set(align="right", double_width=True, double_height=True)
    printer.text("H\n")
elif case == "text":
    for encoding in ("CP437", "CP850", "CP852", "CP858", "CP1252"):
        printer.charcode(encoding)
        printer.text(text.split("|")[0] + "\n")
        text = text.partition("|")[2]
elif case == "native":
    printer.set(align="center")
    printer.text("python-escpos\n\n")
    printer.qr(text, native=True, size=6, ec=1)
else:
    printer.set(align="center")
    printer.qr(text, native=False, size=5, ec=1, impl=case)
printer.cut()
sys.stdout.buffer.write(printer.output)
