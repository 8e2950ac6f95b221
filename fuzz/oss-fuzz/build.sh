#!/bin/bash -eu
# Builds every fuzz target by the rules of OSS-Fuzz: with $CC, $CXX, $CFLAGS, $CXXFLAGS and
# $LIB_FUZZING_ENGINE, into $OUT; $WORK is scratch. Runs in the root of the project. Libraries whose
# sources stand in $SRC (dependencies.sh) are compiled first; without them the installed ones are
# used.
: "${CC:?} ${CXX:?} ${CXXFLAGS:?} ${LIB_FUZZING_ENGINE:?} ${OUT:?} ${SRC:?}"
root=$PWD
work=${WORK:-/tmp/fuzz-work}
prefix=$work/prefix
mkdir -p "$work" "$OUT"

library() {  # library NAME CMAKE_ARGUMENT...
  local name=$1
  shift
  [[ -d $SRC/$name ]] || return 0
  local source=$SRC/$name
  [[ -f $source/CMakeLists.txt ]] || source=$source/build/cmake
  cmake -S "$source" -B "$work/$name" -G Ninja -D CMAKE_BUILD_TYPE=Release \
    -D CMAKE_INSTALL_PREFIX="$prefix" -D BUILD_SHARED_LIBS=OFF "$@"
  ninja -C "$work/$name" install
}
library fmt -D FMT_TEST=OFF -D FMT_DOC=OFF
library rapidcheck
library CLI11 -D CLI11_BUILD_TESTS=OFF -D CLI11_BUILD_EXAMPLES=OFF -D CLI11_BUILD_DOCS=OFF
library json -D JSON_BuildTests=OFF
library snappy -D SNAPPY_BUILD_TESTS=OFF -D SNAPPY_BUILD_BENCHMARKS=OFF
library lz4 -D LZ4_BUILD_CLI=OFF -D LZ4_BUILD_LEGACY_LZ4C=OFF -D BUILD_STATIC_LIBS=ON
library zstd -D ZSTD_BUILD_PROGRAMS=OFF -D ZSTD_BUILD_SHARED=OFF

mapfile -t targets < <(sed -n 's/^set(LSM_FUZZ_TARGETS \(.*\))$/\1/p' fuzz/CMakeLists.txt |
  tr ' ' '\n')
cmake -S "$root" -B "$work/lsmlab" -G Ninja -D CMAKE_BUILD_TYPE=None \
  -D CMAKE_PREFIX_PATH="$prefix" -D LSM_TESTS=OFF -D LSM_WERROR=OFF -D LSM_FUZZ=ON \
  -D LSM_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
ninja -C "$work/lsmlab" lsm-fuzz "${targets[@]/#/fuzz_}"

for target in "${targets[@]}"; do
  seeds=$work/seeds/$target
  mkdir -p "$seeds"
  "$work/lsmlab/fuzz/lsm-fuzz" corpus "$target" "$seeds"
  [[ ! -d fuzz/regressions/$target ]] || cp fuzz/regressions/"$target"/* "$seeds"
  (cd "$seeds" && zip -q -r "$OUT/fuzz_${target}_seed_corpus.zip" .)
  cp "$work/lsmlab/fuzz/fuzz_$target" "$OUT"
  printf '[libfuzzer]\nentropic = 0\n' >"$OUT/fuzz_$target.options"  # as ./lab fuzz does, see there
  [[ ! -f fuzz/$target.dict ]] || cp "fuzz/$target.dict" "$OUT/fuzz_$target.dict"
done
