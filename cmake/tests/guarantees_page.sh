# docs/guarantees.md shows the matrix of the code. $1: lsm-verify.
source "$(dirname "$0")/common.sh"

page=$ROOT/docs/guarantees.md
"$1" --guarantees >"$SCRATCH/matrix.md"
sed '1,/^<!-- guarantees: begin -->$/d;/^<!-- guarantees: end -->$/,$d' "$page" >"$SCRATCH/page.md"
checks=$(grep -c '^|' "$SCRATCH/matrix.md")
if ! diff "$SCRATCH/page.md" "$SCRATCH/matrix.md"; then
  complain "docs/guarantees.md (<) is not what engine/testing/guarantees.cc says (>)"
fi
finish
