#include <fmt/format.h>

#include "base/escape.h"
#include "lsm/db.h"
#include "testing/files.h"
#include "testing/sim/random.h"
#include "tools/verify/rows.h"
#include "tools/verify/unicode.h"

namespace lsm::lab {
namespace {

// A database on the real file system beside the oracle. Every failure is a finding.
class Load {
 public:
  Load(const UnicodeVariant& variant, std::string dir, Reporter* reporter)
      : dir_(std::move(dir)), options_(UnicodeOptions(variant)), reporter_(reporter) {}

  // False once something was wrong.
  bool Run(const std::vector<Update>& updates) {
    if (!Expect(RemoveTree(dir_), "remove") || !Open()) return false;
    for (size_t i = 0; i < updates.size(); ++i) {
      if (!Write(updates[i], i % 1000 == 999)) return false;
      if (i == updates.size() / 3 && !Expect(db_->Flush(), "flush")) return false;
      if (i == updates.size() / 2 && !Expect(db_->CompactRange({}, {}, {}), "compact"))
        return false;
      if (i % 10'000 == 9'999 && (!CheckScan() || !Reopen())) return false;
    }
    return CheckGets(updates) && CheckScan() && Reopen() && CheckScan() && CheckGets(updates) &&
           CheckIntegrity() && Expect(db_->Close(), "close");
  }

 private:
  bool Expect(const Status& status, std::string_view what) {
    if (!status.ok()) reporter_->Finding(fmt::format("{}: {}", what, status.ToString()));
    return status.ok();
  }
  bool Expect(const Verdict& verdict) {
    if (!verdict.ok) {
      reporter_->Finding(fmt::format("{}: {} should be {}, is {}", PropertyText(verdict.property),
                                     Escape(verdict.key), verdict.expected, verdict.actual));
    }
    reporter_->Add("checks", 1);
    return verdict.ok;
  }

  bool Open() {
    auto db = DB::Open(options_, dir_);
    if (!Expect(db.status(), "open")) return false;
    db_ = std::move(*db);
    return true;
  }
  bool Reopen() {
    if (!Expect(db_->Close(), "close")) return false;
    db_.reset();
    return Open();
  }

  bool Write(const Update& update, bool sync) {
    const WriteOptions options{sync};
    oracle_.BeginWrite(0, {update});
    const Status status = update.value.has_value() ? db_->Put(options, update.key, *update.value)
                                                   : db_->Delete(options, update.key);
    oracle_.EndWrite(0, status.ok(), sync);
    if (++unreported_ == 1000) {
      reporter_->Add("operations", unreported_);
      reporter_->Done(unreported_);
      unreported_ = 0;
    }
    return Expect(status, "write");
  }

  bool CheckGets(const std::vector<Update>& updates) {
    for (size_t i = 0; i < updates.size(); i += 3) {
      for (const std::string& key : {updates[i].key, updates[i].key + "0"}) {
        Oracle::View view = oracle_.BeginView(0);
        std::string value;
        const Status status = db_->Get({}, key, &value);
        oracle_.EndView(&view);
        if (!status.IsNotFound() && !Expect(status, "get")) return false;
        Contents seen;
        if (status.ok()) seen.emplace(key, value);
        const Verdict verdict = oracle_.Check(&view, KeyRange::Only(key), seen, Property::kP15);
        if (!verdict.ok) return Expect(verdict);
      }
    }
    reporter_->Add("checks", updates.size() / 3 * 2);
    return true;
  }

  bool CheckScan() {
    Oracle::View view = oracle_.BeginView(0);
    const auto it = db_->NewIterator({});
    oracle_.EndView(&view);
    Contents forward, backward;
    for (it->SeekToFirst(); it->Valid(); it->Next()) forward.emplace(it->key(), it->value());
    if (!Expect(it->status(), "scan")) return false;
    for (it->SeekToLast(); it->Valid(); it->Prev()) backward.emplace(it->key(), it->value());
    if (!Expect(it->status(), "reverse scan")) return false;
    return Expect(oracle_.Check(&view, {}, forward, Property::kP12)) &&
           Expect(oracle_.Check(&view, {}, backward, Property::kP12));
  }

  bool CheckIntegrity() {
    std::vector<std::string> findings;
    if (!Expect(db_->CheckIntegrity(&findings), "integrity")) return false;
    for (const std::string& finding : findings) reporter_->Finding(finding);
    return findings.empty();
  }

  const std::string dir_;
  const Options options_;
  Reporter* const reporter_;
  Oracle oracle_{1};
  std::unique_ptr<DB> db_;
  uint64_t unreported_ = 0;
};

// The first records as a trace in the simulated world: synced from time to time, cut every now and
// then.
Trace SimulatedTrace(const Records& records, uint64_t seed) {
  constexpr size_t kRecords = 2500;
  sim::Random random(seed);
  Trace trace;
  trace.seed = random.Below(1 << 30);
  trace.switch_per_1024 = 32;
  trace.options = {{"memtable_bytes", "16384"},
                   {"max_file_bytes", "16384"},
                   {"level1_bytes", "65536"},
                   {"block_bytes", "1024"}};
  for (size_t i = 0; i < kRecords; ++i) {
    const auto& [key, value] = records[random.Below(records.size())];
    Operation op;
    op.kind = Operation::Kind::kPut;
    op.client = 0;
    op.updates = {{key, value}};
    op.sync = random.Below(32) == 0;
    trace.operations.push_back(op);
    if (i % 400 != 399) continue;
    Operation scan;
    scan.kind = Operation::Kind::kScan;
    scan.client = 0;
    trace.operations.push_back(scan);
    Operation cut;
    cut.kind = Operation::Kind::kCrash;
    const uint64_t io = random.Below(40), image = random.Below(1000);
    cut.cuts = {{{.nth = io}, {.kind = CrashImage::Kind::kSeed, .seed = image}}};
    trace.operations.push_back(cut);
  }
  return trace;
}

}  // namespace

Row UnicodeRow(const VerifyOptions& options) {
  const auto records = LoadUnicode();
  if (!records.ok()) {
    Row row;
    row.name = "unicode";
    row.verdict = RowVerdict::kSkipped;
    row.note = records.status().ToString() + " (package unicode-data)";
    return row;
  }
  const std::vector<UnicodeVariant> variants = UnicodeVariants(options);
  const uint64_t simulated = options.Amount(12);
  RowWork work;
  work.name = "unicode";
  work.workers = 2;
  work.total = variants.size() * (records->size() + records->size() / 5);
  work.trace = [&](uint64_t index) { return SimulatedTrace(*records, options.seed + index); };
  work.body = [&](int worker, Reporter* reporter) {
    for (size_t i = static_cast<size_t>(worker); i < variants.size(); i += 2) {
      Load load(variants[i], variants[i].Directory(options), reporter);
      if (!load.Run(UnicodeUpdates(*records, variants[i], options.seed))) return;
      reporter->Add("databases", 1);
    }
    for (uint64_t i = static_cast<uint64_t>(worker); i < simulated; i += 2) {
      reporter->Begin(i);
      const RunResult result = RunTrace(work.trace(i));
      if (!result.ok) return reporter->FailedTrace(i);
      reporter->Add("operations", result.operations);
      reporter->Add("recoveries", result.crash_states);
    }
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
