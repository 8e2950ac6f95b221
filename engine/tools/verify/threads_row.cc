#include <fmt/format.h>

#include "testing/files.h"
#include "testing/thread_run.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;
constexpr uint64_t kRounds = 300;  // of a worker in a full run: some ten seconds

}  // namespace

Row ThreadsRow(const VerifyOptions& options) {
  const uint64_t rounds = options.Amount(kRounds);
  constexpr uint64_t kRoundsADatabase = 50;
  RowWork work;
  work.name = "threads";
  work.workers = kWorkers;
  work.total = kWorkers * rounds;
  // Each round tells of itself, and takes some ms. Clients that wait for each other are found after
  // a minute by the clock, although the maintenance may go on.
  work.silence_ms = 5000;
  work.body = [&](int worker, Reporter* reporter) {
    const std::string path = fmt::format("{}/threads-{}", options.out, worker);
    Options db_options;
    db_options.create_if_missing = true;
    db_options.memtable_bytes = 4096;
    db_options.max_file_bytes = 4096;
    db_options.level1_bytes = 8192;
    db_options.l0_slowdown_trigger = 20;  // no delays
    db_options.l0_stop_trigger = 24;
    for (uint64_t done = 0; done < rounds; done += kRoundsADatabase) {
      reporter->Begin(done);
      db_options.read_io = done % (2 * kRoundsADatabase) == 0 ? IoMode::kPlain : IoMode::kMapped;
      db_options.wal_io = db_options.read_io;
      if (Status s = RemoveTree(path); !s.ok()) return reporter->Finding(s.ToString());
      auto db = DB::Open(db_options, path);
      if (!db.ok()) return reporter->Finding(db.status().ToString());
      ThreadRunOptions run;
      run.seed = options.seed * 1'000'000 + done * kWorkers + static_cast<uint64_t>(worker);
      run.rounds = std::min(kRoundsADatabase, rounds - done);
      run.on_round = [reporter] { reporter->Done(1); };
      const ThreadRunReport report = RunThreads(Env::Default(), db->get(), run);
      if (!report.finding.empty()) return reporter->Finding(report.finding);
      if (Status s = (*db)->Close(); !s.ok()) return reporter->Finding(s.ToString());
      reporter->Add("histories", report.rounds);
      reporter->Add("operations", report.acts);
      reporter->Add("keys seen", report.sightings);
      reporter->Add("undecided", report.undecided);
    }
    RemoveTree(path).IgnoreError();
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
