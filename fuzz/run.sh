#!/bin/sh
# Runs every fuzz target RUNS times (default 10 million), two at a time, with the kept corpus as a start.
# MAX_LEN is the longest input (default 768 bytes: most of what a device says is shorter; limits have unit tests).
# libFuzzer on the stable compiler: coverage comes from LLVM's own pass, so no sanitizer and no nightly is needed.
set -eu
cd "$(dirname "$0")"
RUNS=${RUNS:-10000000}
TARGETS=${TARGETS:-"printer_status qr_frames apdu_answers gateway_lines escl_answers scanner_texts scan_page"}
TRIPLE=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
export RUSTFLAGS
build() {
	cargo build --release --target "$TRIPLE" --target-dir ../target/fuzz
	mkdir -p ../target/fuzz/logs
}
one() {
	target=$1
	work=../target/fuzz/corpus/$target
	mkdir -p "$work" "corpus/$target"
	# Finds go to the work folder first; `MERGE=1` takes the smallest set that covers as much into the kept corpus.
	if "../target/fuzz/$TRIPLE/release/$target" -runs="$RUNS" -max_len="${MAX_LEN:-768}" -timeout=5 -rss_limit_mb=512 \
		-artifact_prefix="../target/fuzz/$target-" -print_final_stats=1 "$work" "corpus/$target" \
		>"../target/fuzz/logs/$target.txt" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "../target/fuzz/logs/$target.txt")
		rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "../target/fuzz/logs/$target.txt")
		peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "../target/fuzz/logs/$target.txt")
		echo "$target: $runs runs, no crash, $rate a second, peak $peak MB"
	else
		echo "$target: FOUND SOMETHING, see target/fuzz/logs/$target.txt"
		return 1
	fi
	if [ "${MERGE:-0}" = 1 ]; then
		"../target/fuzz/$TRIPLE/release/$target" -set_cover_merge=1 -max_len="${MAX_LEN:-768}" "corpus/$target" "$work" >/dev/null 2>&1
	fi
}
if [ "${1:-}" = --one ]; then
	one "$2"
	exit $?
fi
build
# Two at a time; a find in one does not end the others, but the exit code tells.
echo "$TARGETS" | tr ' ' '\n' | xargs -n 1 -P 2 ./run.sh --one
