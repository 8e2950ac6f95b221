# The commands in README.md and the Markdown pages of docs, fuzz, labs and crash_tests run: each
# block fenced as ```sh, in order, one shell a page, in a copy of the tree whose ./lab is this
# tree's. A block that cannot run here says why in the line above it: <!-- not run: REASON -->.
source "$(dirname "$0")/common.sh"

# The sh blocks of document $1; a block with a reason not to run is left out.
commands_of() {
  awk '/^<!-- not run: .+ -->$/ { skip = 1; next }
       /^```sh$/ { inside = !skip; skip = 0; next }
       /^```/ { inside = 0; skip = 0; next }
       inside { print }' "$1"
}

# A negative control first: a wrong command must be noticed, and one with a reason left alone.
printf '```sh\ntrue\nfalse\n```\n' >"$SCRATCH/wrong.md"
printf '<!-- not run: a control -->\n```sh\nfalse\n```\n```text\nfalse\n```\n' >"$SCRATCH/fine.md"
commands_of "$SCRATCH/wrong.md" >"$SCRATCH/wrong.sh"
commands_of "$SCRATCH/fine.md" >"$SCRATCH/fine.sh"
expect "a wrong command" 1 '' bash -e "$SCRATCH/wrong.sh"
expect "a command with a reason not to run" 0 '' bash -e "$SCRATCH/fine.sh"

cd "$ROOT"
for document in README.md $(find docs fuzz labs crash_tests -name '*.md' | sort); do
  [[ -f $document ]] || continue
  commands_of "$document" >"$SCRATCH/commands.sh"
  [[ -s $SCRATCH/commands.sh ]] || continue
  rm -rf "$SCRATCH/root"
  mkdir "$SCRATCH/root"
  find . -mindepth 1 -maxdepth 1 -not -name build -not -name .git \
    -exec cp -R -t "$SCRATCH/root" {} +
  ln -sf "$ROOT/lab" "$SCRATCH/root/lab"
  printf '%s:\n' "$document"
  expect "the commands of $document" 0 '' \
    env -C "$SCRATCH/root" bash -euo pipefail "$SCRATCH/commands.sh"
done
finish
