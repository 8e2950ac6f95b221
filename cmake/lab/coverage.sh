# Part of ./lab: which lines of the engine run in the tests.

# What counts: the engine, the harness and the tools; not the tests, and not what only they use.
coverage_filters=(--root "$root" --filter "$root/engine/" --exclude '.*_test\.(cc|h)'
  --exclude '.*engine/(contract|interop|tidy)/')

# Lines by folder of engine/, from gcovr's CSV.
coverage_by_folder() {
  awk -F, '
    function show(name, n, ran, to) {
      printf "%-14s %6d lines %6.1f %%\n", name, n, 100 * ran / n | to
    }
    NR > 1 {
      split($1, parts, "/"); lines[parts[2]] += $2; run[parts[2]] += $3; all += $2; all_run += $3
    }
    END {
      for (folder in lines)
        show(folder, lines[folder], run[folder], "sort")
      close("sort")
      show("in all", all, all_run, "cat")
    }'
}

run_coverage() {
  local dir=$root/build/coverage report=$root/build/coverage/report
  (cd "$root" && cmake --preset coverage >/dev/null) || fail "cmake failed."
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  ninja -C "$dir" | show_progress || fail "The build failed."
  find "$dir" -name '*.gcda' -delete
  CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)} \
    ctest --test-dir "$dir" --output-on-failure "$@" || exit 1
  (($#)) || "$dir/engine/tools/lsm-verify" --quick --out "$dir/verify" || exit 1
  rm -rf "$report"
  mkdir -p "$report"
  # gcovr writes its scratch files where it runs.
  (cd "$report" && gcovr "${coverage_filters[@]}" --object-directory "$dir" -j "$(nproc)" \
    --exclude-unreachable-branches --csv "$report/lines.csv" --txt "$report/missing.txt" \
    --html-details "$report/index.html" "$dir") || fail "gcovr failed."
  # A stage's headers are included through the include root of the mix.
  sed -i 's:^build/coverage/stages/stage/:engine/:' "$report/lines.csv" "$report/missing.txt"
  coverage_by_folder <"$report/lines.csv"
  printf 'lines that never ran: %s\nas pages: %s\n' "${report#"$root/"}/missing.txt" \
    "${report#"$root/"}/index.html"
}
