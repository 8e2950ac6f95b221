# For the scripts beside it. Environment: ROOT, the source tree; SCRATCH, a directory of the test's
# own; CXX, the compiler.
set -euo pipefail

rm -rf "$SCRATCH"
mkdir -p "$SCRATCH"
failures=0
checks=0

complain() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

# Compiles a file without output: check_syntax INCLUDE_ROOT FILE...
check_syntax() {
  local stages=$1
  shift
  "$CXX" -std=c++20 -fsyntax-only -w -I "$stages" -I "$ROOT/engine/include" -I "$ROOT/engine" "$@"
}

# expect WHAT STATUS PATTERN COMMAND...: the command must end with the status and print the pattern.
expect() {
  local what=$1 status=$2 pattern=$3 output actual=0
  shift 3
  output=$("$@" 2>&1) || actual=$?
  checks=$((checks + 1))
  if [[ $actual != "$status" ]] || ! grep -qE -e "$pattern" <<<"$output"; then
    complain "$what: status $actual (expected $status), expected output: $pattern"
    printf '%s\n' "$output" | head -n 30
  fi
}

finish() {
  printf '%d checks, %d failures\n' "$checks" "$failures"
  ((checks > 0 && failures == 0))
}
