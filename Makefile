# Two commands do everything on a fresh Debian machine with a Rust toolchain: `make demo` and `make test`.
# Each target first installs the Debian packages it needs (through sudo where you are not root).

CARGO ?= cargo
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# To build: a C compiler for SQLite, ALSA's headers for the loudspeaker, PC/SC's for the card reader.
BUILD_PACKAGES := build-essential pkg-config libasound2-dev libpcsclite-dev
# To open windows: X11 and Wayland client libraries, one font so that text can always fall back; to speak: espeak-ng.
WINDOW_PACKAGES := libxkbcommon0 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 \
	libwayland-client0 libwayland-cursor0 libfontconfig1 fonts-dejavu-core espeak-ng
# To test: an independent QR decoder, a browser with its driver, and a peer for each device that shares no code with us:
# SANE's test backends and its eSCL client, PC/SC with a virtual reader, a sound server without a card, PTYs by socat,
# an IPP printer with the bus it wants and a PDF reader; the tools that will read our units and rules; for archived
# documents a second PDF reader, an unpacker of ZIPs and a validator of PDF/A, which wants Java. Tesseract reads words.
TEST_PACKAGES := zbar-tools chromium chromium-driver sane-utils sane-airscan socat pcscd opensc vsmartcard-vpcd \
	pulseaudio pulseaudio-utils libasound2-plugins python3-venv cups-ipp-utils dbus-daemon poppler-utils systemd udev \
	tesseract-ocr tesseract-ocr-ind tesseract-ocr-osd fonts-liberation qpdf unzip default-jre-headless libpdfbox2-java libjaxb-api-java libactivation-java libcommons-io-java
# Python peers of the tests, in a folder of their own under target/: a second ESC/POS encoder, a second QR decoder,
# a second maker of archive PDFs.
PEERS := target/peers
PEER_PACKAGES := python-escpos==3.1 zxing-cpp==3.1.1 pillow img2pdf==0.6.3 opencv-python-headless==5.0.0.93
# To measure: a display without a screen, and two programs that also straighten scanned pages.
BENCH_PACKAGES := xvfb imagemagick unpaper

define need
	@missing=""; for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; $(SUDO) apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

.PHONY: demo test screens faults sim fuzz tour pictures lint bench bench-scan setup-build setup-windows setup-test setup-bench

setup-build:
	$(call need,$(BUILD_PACKAGES))

setup-windows: setup-build
	$(call need,$(WINDOW_PACKAGES))

setup-test: setup-windows $(PEERS)/done
	$(call need,$(TEST_PACKAGES))

$(PEERS)/done:
	$(call need,python3-venv)
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check $(PEER_PACKAGES)
	@touch $@

setup-bench: setup-test
	$(call need,$(BENCH_PACKAGES))

# A whole office on this machine; without a display, the tour.
demo: setup-windows
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(CARGO) run --release -- demo; \
	else echo "No display found (DISPLAY and WAYLAND_DISPLAY are empty): running the tour instead."; $(MAKE) --no-print-directory tour; fi

test: setup-test
	$(CARGO) test --workspace

# Every screen of the kiosk in every language, size, contrast and orientation, drawn and measured.
screens: setup-test
	ANJUNGAN_SCREENS=all $(CARGO) test --release --package anjungan --test screens -- --nocapture

# Every device fault in every state of kiosk and counter that can meet it, on the wire: docs/device-faults.md.
faults: setup-test
	$(CARGO) run --example fault_matrix

# Office days of 350 and 700 applicants, a year of them, and Erlang's formula, through the real queue: docs/queue.md.
sim: setup-build
	$(CARGO) run --release --package anjungan --no-default-features --features hub --example sim

# Ten million runs of each parser of device bytes, guided by coverage; RUNS and TARGETS choose less.
fuzz: setup-build
	./fuzz/run.sh

# The eight steps with no display; pictures, slip and timeline under target/tour/.
tour: setup-test
	$(CARGO) run --example tour

# The pictures of the README, from the tour.
pictures: setup-test
	ANJUNGAN_README_PICTURES=1 $(CARGO) run --example tour

lint: setup-build
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy --package anjungan --no-default-features --features hub -- -D warnings

# Start, memory, touch and print figures of the release build, with peers in the same run; a thousand visitors; the window while devices
# hang; how soon the voice speaks and is silent; a day of device traffic with faults, which takes ten minutes.
bench: setup-bench
	$(CARGO) build --release --bins --example empty_window
	$(CARGO) bench --bench kiosk --bench kiosk_sessions --bench archive --bench hall --bench submit --bench hanging_devices --bench voice --bench device_day

# How well and how fast scanned pages are judged, straightened and read: docs/scan-quality.md. PAGES and WORDS choose less.
bench-scan: setup-bench
	$(CARGO) bench --bench scan
