# Part of ./lab: stage mixes and their builds.
#
# The reference is built in build/release, a mix in build/mix-STAGES-HASH: each directory has one
# mix for good. Another preset than release has directories of its own.
# A build goes on where an interrupted one stopped: ninja removes what it had half
# written, and what is made here is made aside and moved into place.

stages=$(sed -n 's/^set(LSM_STAGES \(.*\))$/\1/p' "$root/cmake/stages.cmake")

preset=release
mix_stages=()  # names, as given with --with
mix_values=()  # absolute paths: a directory or a patch

# entry_headers STAGE: the headers by which the engine includes a stage.
entry_headers() {
  case $1 in
    sstable) echo block.h table.h ;;
    iterator) echo merging_iterator.h visible_iterator.h ;;
    version) echo version_set.h ;;
    *) echo "$1.h" ;;
  esac
}

# check_stage STAGE DIR: the directory has the entry headers of the stage.
check_stage() {
  local header
  for header in $(entry_headers "$1"); do
    [[ -f $2/$header ]] || usage_error "$2 has no $header; a $1 stage provides it: see" \
      "engine/contract/$1/concept.h, and engine/contract/$1/alternative for an example"
  done
}

# check_patch STAGE PATCH: the patch is not one of other stages alone.
check_patch() {
  local touched
  touched=$(sed -nE 's:^(---|\+\+\+) [^/]+/engine/([^/]+)/.*:\2:p' "$2" | sort -u)
  [[ -z $touched ]] || grep -qxF -e "$1" <<<"$touched" ||
    usage_error "--with $1=$2: this patch is for stage $(paste -sd' ' <<<"$touched")"
}

# add_mix STAGE=DIR_OR_PATCH
add_mix() {
  local stage=${1%%=*} value=${1#*=}
  [[ $1 == *=* && " $stages " == *" $stage "* ]] ||
    usage_error "--with $1: must be STAGE=DIR or STAGE=FILE.patch, STAGE one of: $stages"
  [[ " ${mix_stages[*]-} " != *" $stage "* ]] || usage_error "--with: stage $stage is given twice"
  [[ -d $value || (-f $value && $value == *.patch) ]] ||
    usage_error "--with $1: $value is neither a directory nor a .patch file"
  if [[ -d $value ]]; then check_stage "$stage" "$value"; else check_patch "$stage" "$value"; fi
  mix_stages+=("$stage")
  mix_values+=("$(readlink -f "$value")")
}

# The build directory of the mix.
build_dir() {
  if ((${#mix_stages[@]} == 0)); then
    echo "$root/build/$preset"
    return
  fi
  local i words=()
  for i in "${!mix_stages[@]}"; do words+=("${mix_stages[i]}=${mix_values[i]}"); done
  local hash
  hash=$(printf '%s\n' "${words[@]}" | sort | sha256sum | cut -c 1-8)
  local kind=mix
  [[ $preset == release ]] || kind=$preset-mix
  echo "$root/build/$kind-$(printf '%s\n' "${mix_stages[@]}" | sort | paste -sd+)-$hash"
}

# patched_stage STAGE PATCH DIR: DIR/patched/engine/STAGE is the reference's stage with the patch.
# Files are replaced only when something changed, so that nothing is compiled for nothing.
patched_stage() {
  local stage=$1 patch=$2 result=$3/patched/engine/$1 fresh=$3/patched/fresh.$1
  rm -rf "$fresh"
  mkdir -p "$fresh/engine" "${result%/*}"
  cp -R "$root/engine/$stage" "$fresh/engine/$stage"
  local log wrong=
  log=$(patch -d "$fresh" -p1 --batch --forward --fuzz=0 --no-backup-if-mismatch <"$patch" 2>&1) ||
    wrong="does not apply to"
  [[ -n $wrong ]] || ! diff -rq "$root/engine/$stage" "$fresh/engine/$stage" >/dev/null ||
    wrong="changes nothing in"
  if [[ -n $wrong ]]; then
    rm -rf "$fresh"
    [[ -f $3/build.ninja ]] || rm -rf "$3"
    printf '%s\n' "$log" | sed 's/^/  /' >&2
    fail "The patch $wrong engine/$stage: $patch"
  fi
  if ! diff -rq "$fresh/engine/$stage" "$result" >/dev/null 2>&1; then
    rm -rf "$result"
    mv "$fresh/engine/$stage" "$result"
  fi
  rm -rf "$fresh"
}

# Configures $1 when it is new, or when the packages it was configured with have changed.
configure() {
  local dir=$1 i args=(--preset "$preset" -B "$1")
  for i in "${!mix_stages[@]}"; do
    local stage=${mix_stages[i]} value=${mix_values[i]}
    if [[ -f $value ]]; then
      patched_stage "$stage" "$value" "$dir"
      value=$dir/patched/engine/$stage
    fi
    args+=(-D "LSM_STAGE_${stage^^}=$value")
  done
  local state
  state=$(printf '%s\n' "${args[@]}"; installed_packages)
  [[ -f $dir/build.ninja && -f $dir/lab-state && $(<"$dir/lab-state") == "$state" ]] && return
  say "Configuring ${dir#"$root/"}."
  (cd "$root" && cmake "${args[@]}" >"$dir/configure.log" 2>&1) || {
    cat "$dir/configure.log" >&2
    fail "cmake failed."
  }
  printf '%s\n' "$state" >"$dir/lab-state"
}

# Ninja's progress: one line that changes on a terminal, a line a step elsewhere, nothing at all
# when nothing is to be done.
show_progress() {
  trap '' INT  # ninja must be able to speak until it has cleaned up
  local line open=
  while IFS= read -r line; do
    case $line in
      'ninja: no work to do.' | 'ninja: Entering directory'*) ;;
      *'] Re-checking globbed'* | *'] Re-running CMake'* | '-- '*) ;;
      '['[0-9]*/[0-9]*']'*)
        if [[ -t 2 ]]; then
          printf '\r\033[K%s' "${line:0:${COLUMNS:-80}-1}" >&2
          open=yes
        else
          printf '%s\n' "$line" >&2
        fi
        ;;
      *) printf '%s%s\n' "${open:+$'\n'}" "$line" >&2 && open= ;;
    esac
  done
  [[ -z $open ]] || printf '\r\033[K' >&2
}

# build [TARGET...]: brings the targets of the mix up to date; everything without a target.
build() {
  local dir
  dir=$(build_dir)
  mkdir -p "$dir"
  exec 9>"$dir/lab-lock"
  flock -n 9 || { say "Waiting for another build of ${dir#"$root/"}." && flock 9; }
  configure "$dir"
  # Other build directories then find what does not depend on the mix in the compiler cache.
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  ninja -C "$dir" "$@" 9>&- | show_progress || fail "The build failed."
  exec 9>&-
}
