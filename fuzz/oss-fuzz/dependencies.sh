#!/bin/bash -eu
# Sources of the libraries, in the versions that the project uses, for build.sh to compile with the
# fuzzer's compiler and flags: the base image has another standard library than its packages.
get() {  # get NAME URL VERSION
  git clone -q "$2" "$SRC/$1"
  git -C "$SRC/$1" checkout -q "$3"
}
get fmt https://github.com/fmtlib/fmt 9.1.0
get rapidcheck https://github.com/emil-e/rapidcheck 08b5058
get CLI11 https://github.com/CLIUtils/CLI11 v2.1.2
get json https://github.com/nlohmann/json v3.11.2
get snappy https://github.com/google/snappy 1.1.9
get lz4 https://github.com/lz4/lz4 v1.9.4
get zstd https://github.com/facebook/zstd v1.5.4
