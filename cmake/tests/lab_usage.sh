# What ./lab says to wrong usage, and on machines where it cannot install. Builds nothing.
source "$(dirname "$0")/common.sh"

cd "$SCRATCH"
lab=$ROOT/lab

for verb in verify replay fuzz test lsm viz bench build grade mutants setup ci; do
  expect "--help lists $verb" 0 "^  $verb " "$lab" --help
  expect "$verb --help" 0 "[Uu]sage: .*$verb" "$lab" "$verb" --help
done
expect "no verb" 0 '^Usage' "$lab"
expect "unknown verb" 2 'unknown verb frob' "$lab" frob
expect "unknown option of setup" 2 '--frob' "$lab" setup --frob
expect "unknown option of build" 2 '--frob' "$lab" build --frob
expect "unknown option of replay" 2 '--frob' "$lab" replay --frob
expect "fuzz without a target" 2 'needs a target' "$lab" fuzz
expect "fuzz of an unknown target" 2 'no target frob; there are: wal' "$lab" fuzz frob
expect "fuzz of a missing file" 2 'no such file: none' "$lab" fuzz wal none
expect "fuzz for no time" 2 '--seconds needs a number' "$lab" fuzz wal --seconds 0
expect "unknown option of fuzz" 2 '--frob' "$lab" fuzz wal --frob
expect "an unknown suite of bench" 2 'no suite frob; there are: workloads' "$lab" bench --suite frob
expect "libraries of peers that are none" 2 'no such directory' "$lab" bench --peer-libs none
expect "unknown step of ci" 2 'frob' "$lab" ci frob
expect "unknown option of mutants" 2 '--frob' "$lab" mutants --frob
expect "grade without a stage" 2 'one of: bloom iterator memtable wal' "$lab" grade
expect "grade of an unknown stage" 2 'one of: bloom iterator memtable wal' "$lab" grade frob
expect "a slice that is none" 2 'K/N' "$lab" mutants --dry --slice 3
expect "mutants of no folder" 1 'none selected' "$lab" mutants --dry --only 'frob/*'
expect "replay without a trace" 2 'one trace' "$lab" replay
expect "replay of a missing trace" 2 'no such file: none.trace' "$lab" replay none.trace
expect "--with without a value" 2 'needs STAGE=' "$lab" build --with
expect "--with an unknown stage" 2 'STAGE one of' "$lab" build --with frob="$SCRATCH"
expect "--with a missing directory" 2 'neither' "$lab" build --with wal=none
mkdir wal
expect "--with a stage without its entry header" 2 \
  'lab: wal has no wal.h; a wal stage provides it: see engine/contract/wal/concept.h' \
  "$lab" build --with wal=wal
: >wal/wal.h
expect "--with a stage twice" 2 'twice' "$lab" build --with wal=wal --with=wal=wal
for stage in $(sed -n 's/^set(LSM_STAGES \(.*\))$/\1/p' "$ROOT/cmake/stages.cmake"); do
  expect "the reference as stage $stage" 2 'unknown option --frob' \
    "$lab" build --with "$stage=$ROOT/engine/$stage" --frob
done
printf -- '--- a/engine/version/x.h\n+++ b/engine/version/x.h\n@@ -1 +1 @@\n-a\n+b\n' >x.patch
expect "a patch of another stage" 2 'this patch is for stage version' \
  "$lab" build --with wal=x.patch
printf -- '--- a/engine/wal/none.h\n+++ b/engine/wal/none.h\n@@ -1 +1 @@\n-a\n+b\n' >none.patch
expect "a patch that does not apply" 1 'does not apply to engine/wal' \
  env LAB_SETUP=skip "$lab" build --with wal=none.patch
: >empty.patch
expect "a patch that changes nothing" 1 'changes nothing in engine/wal' \
  env LAB_SETUP=skip "$lab" build --with wal=empty.patch

# Machines: a directory of commands decides what there is.
tools=(env bash readlink dirname sed awk uniq grep id cat mkdir)
machine() {
  local name
  rm -rf bin
  mkdir bin
  for name in "${tools[@]}"; do ln -s "$(command -v "$name")" "bin/$name"; done
  for name in "$@"; do
    printf '#!/bin/bash\n[[ $1 == -u ]] && echo 1000\n' >"bin/$name.new"
    chmod +x "bin/$name.new"
    mv -f "bin/$name.new" "bin/$name"
  done
}
machine
expect "a machine without apt" 1 'no Debian.*' env PATH="$PWD/bin" bash "$lab" build
machine dpkg-query apt-get id
expect "without root and sudo" 1 'apt-get install --no-install-recommends g\+\+ cmake' \
  env PATH="$PWD/bin" bash "$lab" build
expect "the reasons are given" 1 'g\+\+ +the compiler' env PATH="$PWD/bin" bash "$lab" build
finish
