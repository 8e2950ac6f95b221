# Every header compiles alone. $1: the include root of the stage mix.
source "$(dirname "$0")/common.sh"

cd "$ROOT/engine"
# A header of another implementation than the mix's would be compiled with foreign neighbours.
mapfile -t headers < <(find . -name '*.h' -not -path '*/alternative/*' | sort)
for header in "${headers[@]}"; do
  printf '#include "%s"\n' "$ROOT/engine/${header#./}" >"$SCRATCH/$((checks++)).cc"
done

# One run of the compiler for all: it names each header that fails, and goes on.
if ! check_syntax "$1" "$SCRATCH"/*.cc; then
  complain "see the messages of the compiler above"
fi
finish
