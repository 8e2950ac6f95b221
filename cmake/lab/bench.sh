# Part of ./lab: benchmarks, and release builds of the peers.
#
# The peers are shared libraries, so another build of one is chosen when the program starts: the
# headers, and the program, are the same.

bench_suites="workloads amplification curves micro report"

help_bench() {
  cat <<END
Usage: $self bench [--with STAGE=DIR_OR_PATCH]... [--suite NAME] [OPTION]...
       $self bench --compare BEFORE.json AFTER.json
       $self bench --list

Measures the mix, and with --peers LevelDB and RocksDB beside it, and saves what it found. Suites:
  workloads      db_bench's workloads and YCSB (the default); takes --workloads NAME,...
  amplification  what each policy writes, reads and stores, beside the closed forms; counted
  curves         time, memory, recovery and bytes written from 10^5 to 10^7 keys
  micro          each stage by itself, with Google Benchmark and its options
  report         one page, lsm-bench.out/report.html, of what the others saved (not micro)

$with_help
  --peers                   measure the peers too: Debian's libraries, which carry assertions
  --release-peers           the same, built from Debian's sources without assertions (minutes, once)
  --peer-libs DIR           the same, from your own builds: shared libraries in DIR
  --quick | --full          fewer keys; or more rounds, behind one that is not kept
  --compare A.json B.json   what became slower from A to B, beyond noise
  --list                    the workloads

Other options go to the program; '$self bench --suite workloads --help' lists them.
Exit status: 0 fine, 1 something failed or became slower, 2 wrong usage.
END
}

# Debian's sources of the peers, unpacked with Debian's patches into DIR.
fetch_peer_sources() {  # fetch_peer_sources DIR
  local dir=$1 parts=$1/parts debian=/etc/apt/sources.list.d/debian.sources apt
  rm -rf "$parts"
  mkdir -p "$dir/lists/partial" "$parts"
  [[ ! -f /etc/apt/sources.list ]] ||
    sed -nE 's/^deb +/deb-src /p' /etc/apt/sources.list >"$parts/debian.list"
  [[ ! -f $debian ]] || sed 's/^Types:.*/Types: deb-src/' "$debian" >"$parts/debian.sources"
  apt=(apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$parts"
    -o "Dir::State::lists=$dir/lists" -o APT::Sandbox::User= -o Debug::NoLocking=1)
  "${apt[@]}" update >&2
  (cd "$dir" && "${apt[@]}" source leveldb rocksdb >&2)
}

# Builds the peers without assertions, once; prints the directory of their libraries.
release_peers() {
  local dir=$root/build/release-peers peer
  local -A options=(
    [leveldb]="-DLEVELDB_BUILD_TESTS=OFF -DLEVELDB_BUILD_BENCHMARKS=OFF"
    [rocksdb]="-DWITH_TESTS=OFF -DWITH_BENCHMARK_TOOLS=OFF -DWITH_TOOLS=OFF -DWITH_CORE_TOOLS=OFF
      -DWITH_GFLAGS=OFF -DWITH_SNAPPY=ON -DUSE_RTTI=1 -DPORTABLE=OFF -DFAIL_ON_WARNINGS=OFF
      -DROCKSDB_BUILD_SHARED=ON"
  )
  mkdir -p "$dir/lib"
  for peer in leveldb rocksdb; do
    compgen -G "$dir/lib/lib$peer.so*" >/dev/null && continue
    compgen -G "$dir/$peer-*/CMakeLists.txt" >/dev/null || fetch_peer_sources "$dir" ||
      fail "Debian's sources of $peer could not be fetched; give your own build by --peer-libs."
    say "Building $peer without assertions; this takes minutes, once."
    # shellcheck disable=SC2086  # the options are words
    cmake -G Ninja -S "$(compgen -G "$dir/$peer-*/")" -B "$dir/$peer" -DCMAKE_BUILD_TYPE=Release \
      -DBUILD_SHARED_LIBS=ON ${options[$peer]} >"$dir/$peer.log" 2>&1 &&
      ninja -C "$dir/$peer" "$([[ $peer == leveldb ]] && echo leveldb || echo rocksdb-shared)" \
        >>"$dir/$peer.log" 2>&1 || fail "The build of $peer failed: see $dir/$peer.log."
    cp -P "$dir/$peer"/lib"$peer".so* "$dir/lib"
  done
  echo "$dir/lib"
}

verb_bench() {
  parse_mix "$@"
  local suite=workloads libs= peers= words=()
  set -- ${rest[@]+"${rest[@]}"}
  while (($#)); do
    case $1 in
      --suite | --peer-libs) [[ -n ${2:-} ]] || usage_error "bench: $1 needs a value" ;;&
      --suite) suite=$2 && shift ;;
      --peers) peers=yes ;;
      --release-peers) peers=yes && libs=release ;;
      --peer-libs) [[ -d $2 ]] || usage_error "bench: --peer-libs $2: no such directory"
        peers=yes && libs=$(readlink -f "$2") && shift ;;
      --compare) suite=compare ;;
      --list) suite=list ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  [[ " $bench_suites compare list " == *" $suite "* ]] ||
    usage_error "bench: no suite $suite; there are: $bench_suites"
  if [[ $suite == report ]]; then
    ensure_packages bench
    exec "$root/bench/report/report.py" ${words[@]+"${words[@]}"}
  fi
  if [[ $suite == micro ]]; then
    ensure_packages core bench
    build lsm-micro
    exec "$(build_dir)/bench/lsm-micro" ${words[@]+"${words[@]}"}
  fi
  ensure_packages core ${peers:+peers}
  build lsm-bench
  [[ $libs != release ]] || libs=$(release_peers)
  [[ -z $libs ]] || export LD_LIBRARY_PATH=$libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  [[ $suite != workloads && $suite != curves ]] || words+=(${peers:+--peers})
  exec "$(build_dir)/bench/lsm-bench" "$suite" ${words[@]+"${words[@]}"}
}
