"""Asks a slip printer on the network for its state through python-escpos: "<online> <paper>"."""

import sys

from escpos.printer import Network

printer = Network(sys.argv[1], port=int(sys.argv[2]), timeout=10)
print("online" if printer.is_online() else "offline", printer.paper_status())
printer.close()
