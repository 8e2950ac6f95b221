# The grader: who is right gets full marks, the starters get what their handouts say, and no
# submission takes the grader down, gets points that it did not earn, or reaches anything.
source "$(dirname "$0")/common.sh"

cd "$ROOT"
export LAB_SETUP=skip

field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }

# mutant STAGE NAME: a copy of the reference with the bug.
mutant() {
  mkdir -p "$SCRATCH/mutant/engine"
  cp -R "engine/$1" "$SCRATCH/mutant/engine/$1"
  patch -s -d "$SCRATCH/mutant" -p1 <"labs/mutants/$1/$2.patch"
}

cp -R engine/bloom "$SCRATCH/renamed"
expect "the reference under another name" 0 '^95 of 95 points' \
  ./lab grade bloom --quick --src "$SCRATCH/renamed"
expect "the memtable" 0 '^84 of 84 points' ./lab grade memtable --quick --src engine/memtable
expect "iterators" 0 '^100 of 100 points' ./lab grade iterator --src engine/iterator
for stage in memtable iterator; do
  expect "the starter of the $stage" 1 '^0 of (84|100) points' ./lab grade "$stage" --quick
done
expect "another implementation of a log" 0 '^100 of 100 points' \
  ./lab grade wal --src engine/contract/wal/alternative
expect "the starter of the log" 1 'W-FRAME: LogWriter::Append is not written yet' \
  ./lab grade wal --json "$SCRATCH/wal.json" --gradescope "$SCRATCH/gradescope.json"
expect "its points" 0 '^0$' field "$SCRATCH/wal.json" points
expect "its points elsewhere" 0 '^0$' field "$SCRATCH/gradescope.json" score
expect "the starter of the filter" 1 'do next: B-EMPTY' \
  ./lab grade bloom --quick --json "$SCRATCH/bloom.json"
expect "its points" 0 '^20$' field "$SCRATCH/bloom.json" points
mutant wal sync-only-flushes
expect "a bug costs its clause" 1 '^FAIL   0/8 +W-SYNC' \
  ./lab grade wal --quick --src "$SCRATCH/mutant/engine/wal"

# bad NAME WHERE CODE: a filter that is right but for CODE at the beginning of the function WHERE.
bad() {
  mkdir "$SCRATCH/$1"
  { printf '#include <sys/socket.h>\n#include <sys/uio.h>\n#include <unistd.h>\n'
    printf '#include <cstdio>\n#include <cstdlib>\n#include <stdexcept>\n#include <thread>\n'
    sed "s|static .*$2(.*{\$|&\n    $3|" engine/contract/bloom/alternative/bloom.h
  } >"$SCRATCH/$1/bloom.h"
}
test=BloomContract.B_BITS_stay_in_their_range
# refused NAME CODE PATTERN: one call runs CODE; the test fails with a message that has PATTERN.
refused() {
  bad "$1" BitsPerKeyFor "$2"
  expect "$1" 1 "$3" ./lab grade bloom --src "$SCRATCH/$1" --only "$test"
}

bad harmless BitsPerKeyFor ';'
expect "a control" 0 "$test passes" ./lab grade bloom --src "$SCRATCH/harmless" --only "$test"
: >"$SCRATCH/precious"
system='asked the system for a file, a process or the network'
refused loops 'for (volatile int i = 0;; i = 1) {}' 'computed for 5 s without an answer'
refused forks 'for (;;) fork();' "$system"
refused threads 'for (;;) std::thread([] { for (;;) pause(); }).detach();' 'signal 6'
refused allocates 'static char* volatile kept; for (;;) kept = new char[1 << 24];' 'bad_alloc'
refused segfaults '*reinterpret_cast<volatile int*>(8) = 1;' 'signal 11'
refused overwrites_memory 'for (volatile char* p = (char*)\&rate;; p += 64) *p = 1;' 'signal 11'
refused throws 'throw std::runtime_error("out of here");' 'out of here'
refused exits 'std::exit(0);' 'ended its process with status 0'
refused writes_results "std::fopen(\"$SCRATCH/result.json\", \"w\");" "$system"
refused deletes "unlink(\"$SCRATCH/precious\");" "$system"
refused writes_into_others 'iovec v{\&rate, 8}; process_vm_writev(1, \&v, 1, \&v, 1, 0);' "$system"
refused talks 'socket(AF_INET, SOCK_STREAM, 0);' "$system"
refused runs_a_program 'execl("/bin/true", "true", nullptr);' "$system"
refused sends_nonsense 'for (int i = 3; i < 20; ++i) (void)!write(i, "nonsense", 8);' 'no message'
expect "a file that was to be deleted" 0 precious ls "$SCRATCH"
expect "a result that was to be written" 2 'No such file' ls "$SCRATCH/result.json"

# What is printed is quoted, and counts for nothing; the other clauses give their points.
bad prints BitsPerKeyFor 'std::puts("[  PASSED  ] 15 tests."); return 0;'
expect "a fake verdict" 1 '\| \[  PASSED  \] 15 tests' \
  ./lab grade bloom --quick --src "$SCRATCH/prints" --json "$SCRATCH/prints.json"
expect "partial credit" 0 '^80$' field "$SCRATCH/prints.json" points

bad early BitsPerKeyFor ';'
printf 'static const int gone = unlink("%s");\n' "$SCRATCH/precious" >>"$SCRATCH/early/bloom.h"
expect "before main" 1 "$system" ./lab grade bloom --src "$SCRATCH/early" --only "$test"
expect "the file still" 0 precious ls "$SCRATCH"

bad wrong Hash 'int number = "text";'
expect "does not compile" 1 'DOES NOT COMPILE.*bloom.h' \
  ./lab grade bloom --quick --src "$SCRATCH/wrong" --json "$SCRATCH/wrong.json"
expect "no points" 0 '^0$' field "$SCRATCH/wrong.json" points
mkdir "$SCRATCH/empty"
expect "an empty folder" 1 'NO SUBMISSION: .* has no bloom.h' \
  ./lab grade bloom --quick --src "$SCRATCH/empty"
expect "another stage" 1 'which a bloom stage provides' ./lab grade bloom --quick --src engine/wal
expect "no such folder" 1 'is no folder' ./lab grade bloom --quick --src "$SCRATCH/none"
mkdir "$SCRATCH/class"
mv "$SCRATCH/empty" "$SCRATCH/wrong" "$SCRATCH/class"
expect "a folder of submissions" 1 '2/2 wrong: 0 of 95, does not compile' \
  ./lab grade bloom --quick --each "$SCRATCH/class" --csv "$SCRATCH/class.csv"
expect "its table" 0 '^empty,no submission,0,95,' cat "$SCRATCH/class.csv"
expect "no stage" 2 'one of: bloom iterator memtable wal' ./lab grade
expect "wrong usage" 2 'unrecognized arguments: --frob' ./lab grade bloom --quick --frob
finish
