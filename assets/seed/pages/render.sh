#!/bin/sh
# Renders src/*.html to the scans beside this script: 150 dpi, slightly skewed, with paper and shadow.
# Needs Debian packages chromium, imagemagick and fonts-liberation. Usage: ./render.sh [kind...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    for page in "$here"/src/*.html; do set -- "$@" "$(basename "$page" .html)"; done
fi

for kind in "$@"; do
    case $kind in
        kk_*) width=1754 height=1240 ;;
        buku_nikah) width=1240 height=886 ;;
        *) width=1240 height=1754 ;;
    esac
    # The window is taller than the page: headless Chromium keeps some rows for itself.
    chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" \
        --window-size="$width,$((height + 200))" --screenshot="$work/page.png" \
        "file://$here/src/$kind.html" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    # 0.3 to 0.8 degrees to one side or the other, the same for a kind every time.
    turn=$(printf '%s' "$kind" | cksum | awk '{ t = 0.3 + ($1 % 6) / 10; if ($1 % 2) t = -t; print t }')
    convert "$work/page.png" -crop "${width}x$height+0+0" +repage \
        -background '#dcd8ce' -virtual-pixel background -distort SRT "0.992 $turn" \
        \( -size "${width}x$height" -seed 7 plasma:fractal -modulate 100,0 -blur 0x14 \
           +level-colors '#f5f1e7','#fffefb' \) -compose multiply -composite \
        \( -size "${height}x$width" gradient:'#ffffff'-'#d9d4c8' -rotate -90 -resize "${width}x$height!" \
           -level '0%,42%' \) -compose multiply -composite \
        -blur 0x0.55 -seed 11 -attenuate 0.12 +noise Gaussian \
        -units PixelsPerInch -density 150 -strip -sampling-factor 4:2:0 -quality 72 \
        -density 150 "$here/$kind.jpg"
    printf '%s %s bytes\n' "$kind" "$(wc -c <"$here/$kind.jpg")"
done
