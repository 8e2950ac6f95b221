# Part of ./lab: fuzz targets under libFuzzer, with sanitizers.
#
# The corpus of a target grows from run to run, in the build directory. Under -fork a finding of one
# process ends the run, too.

fuzz_targets() { sed -n 's/^set(LSM_FUZZ_TARGETS \(.*\))$/\1/p' "$root/fuzz/CMakeLists.txt"; }

# run_fuzzer TARGET: uses seconds, jobs, json, out. The exit status of ./lab fuzz.
run_fuzzer() {
  local target=$1 dir status=0
  dir=$(build_dir)
  build lsm-fuzz "fuzz_$target"
  local corpus=$dir/fuzz/corpus/$target seeds=$dir/fuzz/seeds/$target
  mkdir -p "$corpus" "$seeds" "$out"
  "$dir/fuzz/lsm-fuzz" corpus "$target" "$seeds" >/dev/null || return 1
  local max_bytes
  max_bytes=$("$dir/fuzz/lsm-fuzz" list | awk -v target="$target" '$1 == target { print $2 }')
  # Without -entropic: choosing inputs by rare edges takes more time than running ours.
  local arguments=(-max_total_time="$seconds" -max_len="$max_bytes" -timeout=20 -entropic=0
    -rss_limit_mb=2048 -malloc_limit_mb=1024 -artifact_prefix="$out/$target-")
  [[ ! -f $root/fuzz/$target.dict ]] || arguments+=(-dict="$root/fuzz/$target.dict")
  ((jobs == 1)) || arguments+=(-fork="$jobs" -ignore_crashes=0)
  arguments+=("$corpus" "$seeds")
  [[ ! -d $root/fuzz/regressions/$target ]] || arguments+=("$root/fuzz/regressions/$target")
  say "Fuzzing $target for $seconds s."
  { "$dir/fuzz/fuzz_$target" "${arguments[@]}" 2>&1 || true; } |
    "$dir/fuzz/lsm-fuzz" watch "$target" "$out/$target.log" ${json:+--json "$json"} || status=$?
  ((status != 1)) || explain_newest "$target"
  return "$status"
}

# The newest input that libFuzzer saved: shrunk and told where it is a trace, else annotated.
explain_newest() {
  local file
  file=$(sed -n 's/.*Test unit written to //p' "$out/$1.log" | tail -n 1)
  [[ -z $file ]] || "$(build_dir)/fuzz/lsm-fuzz" explain "$1" "$file" || true
}
