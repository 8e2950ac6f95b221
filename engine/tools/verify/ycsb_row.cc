// A YCSB-like workload: keys user<hash>, a zipfian choice with the skew of YCSB (0.99), and a mix
// of 50 % reads, 25 % updates, 5 % inserts, 10 % scans, 10 % read-modify-writes. Every answer is
// checked.
#include <fmt/format.h>

#include "base/escape.h"
#include "format/codec.h"
#include "lsm/db.h"
#include "testing/files.h"
#include "testing/sim/random.h"
#include "testing/zipfian.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

std::string KeyOf(uint64_t i) { return fmt::format("user{:019}", sim::Random(i).Next() >> 1); }

class Ycsb {
 public:
  Ycsb(uint64_t records, uint64_t seed, Reporter* reporter)
      : records_(records), zipfian_(records), random_(seed), reporter_(reporter) {}

  bool Run(const std::string& dir, uint64_t operations) {
    Options options;
    options.create_if_missing = true;
    options.memtable_bytes = 512 << 10;
    options.max_file_bytes = 256 << 10;
    options.level1_bytes = 1 << 20;
    if (!CodecAvailable(options.compression)) options.compression = Compression::kNone;
    auto db = DB::Open(options, dir);
    if (!Expect(db.status(), "open")) return false;
    db_ = std::move(*db);
    for (uint64_t i = 0; i < records_; ++i) {
      if (!Put(KeyOf(i)) || !Tick()) return false;
    }
    for (uint64_t i = 0; i < operations; ++i) {
      if (!Step() || !Tick()) return false;
    }
    if (!Expect(db_->WaitForBackgroundWork(), "wait") || !Scan("", UINT64_MAX)) return false;
    Report(db_->GetStatistics());
    return Expect(db_->Close(), "close");
  }

 private:
  bool Tick() {
    constexpr uint64_t kStep = 1000;
    if (++ticks_ % kStep != 0) return true;
    reporter_->Add("operations", kStep);
    reporter_->Add("checks", std::exchange(checks_, 0));
    reporter_->Done(kStep);
    return true;
  }
  bool Expect(const Status& status, std::string_view what) {
    if (!status.ok()) reporter_->Finding(fmt::format("{}: {}", what, status.ToString()));
    return status.ok();
  }

  bool Step() {
    const std::string key = KeyOf(zipfian_.Draw(&random_));
    const uint64_t draw = random_.Below(100);
    if (draw < 50) return Get(key);
    if (draw < 75) return Put(key);
    if (draw < 80) return Put(KeyOf(records_ + inserted_++));
    if (draw < 90) return Scan(key, 1 + random_.Below(100));
    return Get(key) && Put(key);
  }

  bool Put(const std::string& key) {
    std::string value(100, '\0');
    for (char& c : value) c = static_cast<char>('a' + random_.Below(16));
    const Status status = db_->Put({}, key, value);
    model_[key] = std::move(value);
    return Expect(status, "put");
  }

  bool Get(const std::string& key) {
    ++checks_;
    std::string value;
    const Status status = db_->Get({}, key, &value);
    const auto expected = model_.find(key);
    if (!status.IsNotFound() && !Expect(status, "get")) return false;
    if (status.ok() == (expected != model_.end()) && (!status.ok() || value == expected->second)) {
      return true;
    }
    reporter_->Finding(fmt::format("{}: get {} answers '{}' with {}", PropertyText(Property::kP15),
                                   key, Escape(value), status.ToString()));
    return false;
  }

  bool Scan(const std::string& from, uint64_t length) {
    ++checks_;
    const auto it = db_->NewIterator({});
    auto expected = model_.lower_bound(from);
    for (it->Seek(from); it->Valid() && length > 0; it->Next(), ++expected, --length) {
      if (expected == model_.end() || it->key() != expected->first ||
          it->value() != expected->second) {
        break;
      }
    }
    if (!Expect(it->status(), "scan")) return false;
    if (length == 0 || (!it->Valid() && expected == model_.end())) return true;
    reporter_->Finding(fmt::format("{}: scan from {} finds {}, not {}",
                                   PropertyText(Property::kP12), from,
                                   it->Valid() ? Escape(it->key()) : "the end",
                                   expected == model_.end() ? "the end" : expected->first));
    return false;
  }

  void Report(const Statistics& s) {
    const auto per_mille = [](double ratio) { return static_cast<uint64_t>(ratio * 1000); };
    reporter_->Add("write/1000", per_mille(s.WriteAmplification()));
    reporter_->Add("read/1000", per_mille(s.ReadAmplification()));
    reporter_->Add("space/1000", per_mille(s.SpaceAmplification()));
  }

  const uint64_t records_;
  const Zipfian zipfian_;
  sim::Random random_;
  Reporter* const reporter_;
  std::unique_ptr<DB> db_;
  Contents model_;
  uint64_t inserted_ = 0, ticks_ = 0, checks_ = 0;
};

}  // namespace

Row YcsbRow(const VerifyOptions& options) {
  const uint64_t records = options.Amount(30'000), operations = options.Amount(180'000);
  const std::string dir = options.out + "/ycsb";
  RowWork work;
  work.name = "ycsb";
  work.total = records + operations;
  work.body = [&](int, Reporter* reporter) {
    if (Status s = RemoveTree(dir); !s.ok()) return reporter->Finding(s.ToString());
    Ycsb ycsb(records, options.seed, reporter);
    if (ycsb.Run(dir, operations)) RemoveTree(dir).IgnoreError();  // only in the way
  };
  return RunRow(options, work);
}

Row AmplificationRow(Row* ycsb) {
  Row row;
  row.name = "amplification";
  row.verdict = RowVerdict::kReport;
  std::erase_if(ycsb->counts, [&](const auto& count) {
    if (!count.first.ends_with("/1000")) return false;
    row.note += fmt::format("{}{} {:.2f}", row.note.empty() ? "" : ", ",
                            count.first.substr(0, count.first.find('/')),
                            static_cast<double>(count.second) / 1000);
    return true;
  });
  return row;
}

}  // namespace lsm::lab
