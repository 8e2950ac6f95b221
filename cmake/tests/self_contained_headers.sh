# Every header compiles alone. $1: the include root of the stage mix.
# A header that a source file includes before all others is shown to by the build of that file; the
# rest is compiled here, each as the only include of a file.
source "$(dirname "$0")/common.sh"

cd "$ROOT"
# Another implementation of a stage than the mix's would be compiled with foreign neighbours.
tree() { find engine fuzz -name "$1" -not -path '*/alternative/*' | sort; }

mapfile -t sources < <(tree '*.cc')
shown=$(grep -m 1 -h '^#include' "${sources[@]}" | sed -E 's:^#include ["<](stage/)?::; s:[">].*::')
alone=()
while read -r header; do
  checks=$((checks + 1))
  name=${header#engine/}
  grep -qxF -e "${name#include/}" <<<"$shown" && continue
  printf '#include "%s"\n' "$ROOT/$header" >"$SCRATCH/$checks.cc"
  alone+=("$SCRATCH/$checks.cc")
done < <(tree '*.h')

# One run of the compiler for all: it names each header that fails, and goes on.
((${#alone[@]} > 0)) || complain "no header is compiled alone: this test looks at nothing"
check_syntax "$1" -I "$ROOT" "${alone[@]}" || complain "see the messages of the compiler above"
printf '%d of %d headers compiled alone\n' "${#alone[@]}" "$checks"
finish
