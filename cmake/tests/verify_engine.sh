# verify_engine.sh LSM_VERIFY: the verification of engines that were written elsewhere, from the
# command line. The example passes, its flawed variant does not, and what was saved fails again.
source "$(dirname "$0")/common.sh"

verify=$1
cd "$SCRATCH"
# A kept size over a lost sector.
printf '%s\n' 'lsmlab-recording 1' 'begin open' 'open 3 NOTES create' 'end OK' 'write 3 0 x' \
  'crash at=4 keep=1-2' >torn.recording

expect "the example" 0 '^verified$' \
  "$verify" --engine notes --quick --operations 2000 --out passed --json passed.json
expect "its report" 0 '"findings": 0' cat passed.json
expect "nothing is left behind" 2 'No such file' ls passed
expect "a directory that is not synced" 1 \
  'missing barrier: a sync of the directory before step 1 was acknowledged' \
  "$verify" --engine notes-no-dirsync --quick --only crashes --out found --json found.json
expect "its report" 0 'lab verify --engine notes-no-dirsync --profile weakest --replay found/' \
  cat found.json
expect "the saved recording" 1 'entry NOTES created' \
  "$verify" --engine notes-no-dirsync --replay found/notes-no-dirsync-crash-1.recording
expect "its calls" 1 '^ +[0-9]+  create NOTES$' \
  "$verify" --engine notes-no-dirsync --text --replay found/notes-no-dirsync-crash-1.recording

expect "the same where directories are in order" 1 'P1 .*synced acknowledged writes survive' \
  "$verify" --engine notes-no-sync --profile ordered --quick --only crashes --out ordered
expect "a cut that the profile does not allow" 2 'not one of profile ordered' \
  "$verify" --engine notes-no-sync --profile ordered --replay torn.recording

expect "an unknown engine" 2 'engine frob: this build has notes' "$verify" --engine frob
expect "a row that engines lack" 2 'model and crashes, not damage' \
  "$verify" --engine notes --only damage
expect "a missing file" 2 'none.recording' "$verify" --engine notes --replay none.recording
printf 'lsmlab-recording 1\nfsync x\n' >bad.recording
expect "a malformed recording" 2 'bad.recording, line 2: "x" is no number' \
  "$verify" --engine notes --replay bad.recording
printf 'lsmlab-recording 1\nfsync 3\n' >short.recording
expect "a recording without its cut" 2 'short.recording, it has no line "crash' \
  "$verify" --engine notes --replay short.recording
printf 'lsmlab-trace 1\nc0 put k v\nc0 get k\n' >good.trace
expect "a trace" 0 'c0 get k -> v' "$verify" --engine notes --text --replay good.trace
expect "--replay without --engine" 2 'engine' "$verify" --replay good.trace

finish
