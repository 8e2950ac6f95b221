// The rows of a verification.
#pragma once

#include <vector>

#include "testing/generator.h"
#include "tools/verify/row.h"

namespace lsm::lab {

// A hundred keys written, read, scanned, and found again after a reopen.
Row SmokeRow(const VerifyOptions& options);
// The contract suites of all stages, which must be built; a finding names the clause.
Row ContractsRow(const VerifyOptions& options);
// The tests of what stands around the stages: database, formats, cache.
Row UnitsRow(const VerifyOptions& options);
// Random traces of a flavour in the simulated world, by two workers.
Row TraceRow(const VerifyOptions& options, Flavour flavour);
// The workloads of crash_tests, each with the power cut at every I/O.
Row SweepRow(const VerifyOptions& options);
// The same workloads, each with an error at every I/O.
Row IoErrorsRow(const VerifyOptions& options);
// Real threads that write the same keys on the real file system; each round a history.
Row ThreadsRow(const VerifyOptions& options);
// All sequences of four operations, in a full run of five, the power cut at every I/O of the last.
Row ExhaustiveRow(const VerifyOptions& options);
// Random operations under many option sets: the same answers.
Row MetamorphicRow(const VerifyOptions& options);
// Processes killed by SIGKILL on the real file system.
Row KillRow(const VerifyOptions& options);
// Flipped bytes in logs and tables.
Row DamageRow(const VerifyOptions& options);
// Seeds and mutations of every fuzz target (fuzz/fuzz_row.cc).
Row FuzzRow(const VerifyOptions& options);
// The same traces twice: the same event log, byte for byte.
Row DeterminismRow(const VerifyOptions& options);
// The Unicode character database in databases on the real file system, in file order and shuffled,
// with mapped and plain I/O, and in the simulated world with power cuts.
Row UnicodeRow(const VerifyOptions& options);
// LevelDB reads what UnicodeRow left, and the engine what LevelDB wrote.
Row LevelDbRow(const VerifyOptions& options);
// A skewed mix of reads, updates, inserts, scans and read-modify-writes on the real file system.
Row YcsbRow(const VerifyOptions& options);
// Its amplification, taken out of YcsbRow's row.
Row AmplificationRow(Row* ycsb);
// Coverage marks reached. In a full run a mark that was not reached is a finding.
Row MarksRow(bool full_run);

}  // namespace lsm::lab
