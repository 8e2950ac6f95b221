# One real window, on a display of its own: opens, hears keys, saves what it shows, and ends.
# Skipped (77) where there is no Xvfb or xdotool.
#   window_test.sh LSM_VIZ SCRATCH
set -euo pipefail

for tool in xvfb-run xdotool; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed" && exit 77; }
done
if [[ ${3:-} != inside ]]; then
  mkdir -p "$2"
  exec xvfb-run -a -s "-screen 0 1280x720x24 +extension GLX" bash "$0" "$1" "$2" inside
fi

fail() { echo "window_test: $*" && exit 1; }
# Waits for a file that is written to its end; a window that never answers ends the test by ctest.
await() {
  until [[ -s $1 ]] && tail -c 8 "$1" | grep -aq IEND; do read -rt 0.1 <> <(:) || true; done
}

cd "$2"
rm -f ./*.png
"$1" &
program=$!
window=$(xdotool search --sync --onlyvisible --name '^lsmlab$' | head -n 1)
xdotool windowfocus --sync "$window"
xdotool key --window "$window" s
await lsm-viz-001.png
xdotool key --window "$window" 3 s
await lsm-viz-002.png
cmp -s lsm-viz-001.png lsm-viz-002.png && fail "key 3 showed nothing else"
xdotool mousemove --window "$window" 40 18
xdotool mousedown 1
xdotool mouseup 1
xdotool key --window "$window" s
await lsm-viz-003.png
cmp -s lsm-viz-002.png lsm-viz-003.png && fail "a click on the first tab showed nothing else"
xdotool keydown --window "$window" Escape  # its keyup would find no window
wait "$program" || fail "ended with $?"
echo "three pictures, keys and a click: fine"
