#include <fmt/format.h>

#include <array>

#include "testing/files.h"
#include "testing/kill.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;

struct Variant {
  const char* name;
  IoMode io;
  WalSync sync;
};
constexpr std::array<Variant, 4> kVariants = {{
    {"plain", IoMode::kPlain, WalSync::kOnRequest},
    {"mapped", IoMode::kMapped, WalSync::kOnRequest},
    {"plain-synced", IoMode::kPlain, WalSync::kEveryWrite},
    {"mapped-synced", IoMode::kMapped, WalSync::kEveryWrite},
}};

}  // namespace

Row KillRow(const VerifyOptions& options) {
  constexpr uint64_t kRounds = 90;
  const uint64_t rounds = options.Amount(kRounds);
  RowWork work;
  work.name = "kill";
  work.workers = kWorkers;
  work.total = rounds * kVariants.size();
  work.body = [&](int worker, Reporter* reporter) {
    for (auto v = static_cast<size_t>(worker); v < kVariants.size(); v += kWorkers) {
      const Variant& variant = kVariants[v];
      reporter->Begin(v);
      KillOptions kill;
      kill.dir = fmt::format("{}/kill-{}", options.out, variant.name);
      kill.seed = options.seed * kVariants.size() + v;
      kill.rounds = rounds;
      kill.options.memtable_bytes = 16 << 10;
      kill.options.max_file_bytes = 8 << 10;
      kill.options.wal_io = kill.options.read_io = variant.io;
      kill.options.wal_sync = variant.sync;
      kill.on_round = [reporter] { reporter->Done(1); };
      if (Status s = RemoveTree(kill.dir); !s.ok()) return reporter->Finding(s.ToString());
      const KillReport report = KillAgainAndAgain(kill);
      if (!report.finding.empty()) return reporter->Finding(report.finding);
      RemoveTree(kill.dir).IgnoreError();
      reporter->Add("kills", report.rounds);
      reporter->Add("acknowledged writes", report.acknowledged);
      reporter->Add("within an open", report.in_open);
    }
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
