#include "amplification/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "contract/compaction/closed_forms.h"
#include "db/filter_allocation.h"
#include "format/internal_key.h"
#include "lsm/db.h"
#include "testing/sim/random.h"
#include "testing/sim/sim_env.h"
#include "workloads/data.h"

namespace lsm::bench {
namespace {

constexpr size_t kValueBytes = 48;
constexpr double kPairBytes = kKeyBytes + kTagBytes + kValueBytes;  // in a table
constexpr double kHotKeys = 0.2, kHotUpdates = 0.8, kDeleted = 0.1;
constexpr double kLevel1Memtables = 1.25;  // target of level 1, in T memtables
constexpr uint64_t kLookups = 20'000;      // of each kind, shared among the counted flushes

class NoLog final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

double D(uint64_t n) { return static_cast<double>(n); }

// What the tree must have seen before it is full: 4 updates a key, in a power of T memtables.
int PeriodsOf(const SweepPoint& p) {
  int periods = 1;
  while (D(p.memtable) * std::pow(p.ratio, periods) < 4 * D(p.keys)) ++periods;
  return periods;
}

Options OptionsOf(const SweepPoint& p) {
  constexpr double kStored = 1.25;  // bytes in a table for one of a pair, about
  const double pair = kPairBytes * kStored;
  Options o;
  o.create_if_missing = true;
  o.memtable_bytes = o.max_wal_bytes = size_t{1} << 20;  // never met: flushes are by hand
  o.block_bytes = 512;
  o.block_cache_bytes = 0;
  o.read_io = o.wal_io = IoMode::kPlain;
  o.compression = Compression::kNone;
  o.policy = p.policy;
  o.bits_per_key = p.bits;
  o.filter_allocation = p.allocation;
  o.l0_compaction_trigger = o.runs_per_level = o.size_ratio = p.ratio;
  o.l0_slowdown_trigger = 4 * p.ratio;  // never met, as each flush waits
  o.l0_stop_trigger = 6 * p.ratio;
  o.level1_bytes = static_cast<uint64_t>(kLevel1Memtables * D(p.memtable) * p.ratio * pair);
  o.max_file_bytes = static_cast<size_t>(D(p.memtable) / 2 * pair);
  return o;
}

class Counter {
 public:
  explicit Counter(const SweepPoint& point)
      : point_(point), options_(OptionsOf(point)), flushes_(1) {
    for (int i = PeriodsOf(point); i > 0; --i) flushes_ *= static_cast<uint64_t>(point.ratio);
    options_.env = &env_;
    options_.info_log = &no_log_;
  }

  Result<Amplification> Run() {
    LSM_ASSIGN_OR_RETURN(db_, DB::Open(options_, "/db"));
    for (uint64_t i = 0; i < flushes_; ++i) LSM_RETURN_IF_ERROR(WriteMemtable());
    const Statistics before = db_->GetStatistics();
    for (uint64_t i = 0; i < flushes_; ++i) {
      LSM_RETURN_IF_ERROR(WriteMemtable());
      LSM_RETURN_IF_ERROR(Observe());
    }
    CountWrites(before);
    LSM_RETURN_IF_ERROR(db_->Close());
    return result_;
  }

 private:
  uint64_t LookupsBehindAFlush() const { return 1 + kLookups / flushes_; }

  // The first updates write each key once.
  uint64_t DrawKey() {
    if (loaded_ < point_.keys) return loaded_++;
    if (point_.load != UpdateLoad::kSkewed) return random_.Below(point_.keys);
    const auto hot = static_cast<uint64_t>(kHotKeys * D(point_.keys));
    return random_.Below(100) < static_cast<uint64_t>(kHotUpdates * 100)
               ? random_.Below(hot)
               : hot + random_.Below(point_.keys - hot);
  }

  Status WriteMemtable() {
    const std::string value(kValueBytes, 'v');
    for (uint64_t i = 0; i < point_.memtable; ++i) {
      ScatteredKey(DrawKey(), &key_);
      const bool deletes =
          point_.load == UpdateLoad::kDeletes && random_.Below(100) < kDeleted * 100;
      LSM_RETURN_IF_ERROR(deletes ? db_->Delete({}, key_) : db_->Put({}, key_, value));
    }
    LSM_RETURN_IF_ERROR(db_->Flush());
    return db_->WaitForBackgroundWork();
  }

  // The tree as it stands behind a flush, and what lookups cost in it.
  Status Observe() {
    const Statistics s = db_->GetStatistics();
    TreeShape shape;
    for (const LevelStatistics& level : s.level) {
      shape.push_back({level.runs, level.bytes});
      result_.runs.counted += D(level.runs) / D(flushes_);
      bytes_ += D(level.bytes) / D(flushes_);
    }
    const std::vector<double> bits = options_.filter_allocation == FilterAllocation::kMonkey
                                         ? MonkeyBits(shape, options_.bits_per_key)
                                         : std::vector<double>(shape.size(), options_.bits_per_key);
    result_.searched.closed += ExpectedFalsePositives(shape, bits) / D(flushes_);
    const double lookups = D(LookupsBehindAFlush()) * D(flushes_);
    LSM_RETURN_IF_ERROR(Lookups(point_.keys));
    const Statistics absent = db_->GetStatistics();
    result_.searched.counted += D(absent.tables_probed - s.tables_probed) / lookups;
    result_.blocks_absent += D(absent.blocks_read - s.blocks_read) / lookups;
    LSM_RETURN_IF_ERROR(Lookups(0));
    const Statistics present = db_->GetStatistics();
    result_.blocks_present += D(present.blocks_read - absent.blocks_read) / lookups;
    LSM_RETURN_IF_ERROR(Scan10());
    result_.blocks_scan10 +=
        D(db_->GetStatistics().blocks_read - present.blocks_read) / D(flushes_);
    return Status::Ok();
  }

  // Of keys that are written; with offset `keys`, of others that stand between them.
  Status Lookups(uint64_t offset) {
    std::string value;
    for (uint64_t i = 0; i < LookupsBehindAFlush(); ++i) {
      ScatteredKey(offset + probes_.Below(point_.keys), &key_);
      const Status s = db_->Get({}, key_, &value);
      if (!s.ok() && !s.IsNotFound()) return s;
    }
    return Status::Ok();
  }
  Status Scan10() {
    const auto it = db_->NewIterator({});
    ScatteredKey(probes_.Below(point_.keys), &key_);
    it->Seek(key_);
    for (int i = 0; it->Valid() && i < 10; ++i) it->Next();
    return it->status();
  }

  // Tables hold a tag with each key, so an update counts with one too.
  void CountWrites(const Statistics& before) {
    const Statistics s = db_->GetStatistics();
    const double user =
        D(s.user_bytes_in - before.user_bytes_in) + kTagBytes * D(flushes_ * point_.memtable);
    double pairs = 0, stored = 0;
    for (size_t i = 0; i < s.level.size(); ++i) {
      const double written =
          D(s.level[i].entry_bytes_written - before.level[i].entry_bytes_written);
      result_.write_per_level.push_back(written / user);
      result_.write.counted += written / user;
      pairs += D(s.level[i].entry_bytes_written);
      stored += D(s.level[i].bytes_written);
    }
    const double packed = stored / pairs;
    const double live = point_.load == UpdateLoad::kDeletes ? 1 - kDeleted : 1;
    result_.space.counted = bytes_ / packed / (D(point_.keys) * live * kPairBytes);
    LoadModel m;
    m.keys = D(point_.keys);
    m.memtable = D(point_.memtable);
    m.table = D(options_.max_file_bytes) / (kPairBytes * packed);
    m.level1 = D(options_.level1_bytes) / (kPairBytes * packed);
    m.ratio = point_.ratio;
    m.tiered_levels = options_.tiered_levels;
    m.periods = PeriodsOf(point_);
    m.loaded = true;
    if (point_.load == UpdateLoad::kSkewed) {
      m.hot_keys = kHotKeys;
      m.hot_updates = kHotUpdates;
    }
    const Costs closed = CostsOf(point_.policy, m);
    result_.write.closed = closed.write;
    result_.runs.closed = closed.read;
    result_.space.closed = (closed.space - 1) / live + 1;  // the last level holds the live ones
  }

  const SweepPoint point_;
  Options options_;
  uint64_t flushes_;
  NoLog no_log_;
  sim::SimEnv env_{sim::SimOptions{}};
  sim::Random random_{7}, probes_{11};
  std::unique_ptr<DB> db_;
  double bytes_ = 0;  // of all tables, on average behind a flush
  uint64_t loaded_ = 0;
  std::string key_;
  Amplification result_;
};

constexpr CompactionPolicy kPolicies[] = {CompactionPolicy::kLeveled, CompactionPolicy::kTiered,
                                          CompactionPolicy::kLazyLeveled,
                                          CompactionPolicy::kHybrid};

}  // namespace

std::vector<NamedFigure> Figures(const Amplification& a) {
  return {{"write", a.write}, {"runs", a.runs}, {"searched", a.searched}, {"space", a.space}};
}

Result<Amplification> CountPoint(const SweepPoint& point) { return Counter(point).Run(); }

std::string Explanation(const SweepPoint& point, std::string_view figure) {
  if (figure != "searched") return "";
  if (point.allocation == FilterAllocation::kMonkey) {
    return "searched, monkey: the form divides the memory anew for each shape of the tree, but a "
           "run "
           "keeps the bits that it was written with. The last level was written when little stood "
           "above it, with nearly the average, and smaller runs come on top: somewhat more memory, "
           "fewer false positives.";
  }
  return "searched: the form takes the optimum 0.6185^bits; LevelDB's filter may have 1.6 times as "
         "many false positives, and in 20,000 lookups there are few of them at 10 bits.";
}

std::vector<SweepPoint> QuickSweep() {
  std::vector<SweepPoint> points;
  for (const CompactionPolicy policy : kPolicies) {
    SweepPoint p;
    p.policy = policy;
    p.keys = 2048;
    p.memtable = 32;
    points.push_back(p);
  }
  return points;
}

std::vector<SweepPoint> FullSweep() {
  std::vector<SweepPoint> points;
  for (const UpdateLoad load : {UpdateLoad::kUniform, UpdateLoad::kSkewed, UpdateLoad::kDeletes}) {
    for (const CompactionPolicy policy : kPolicies) {
      for (const int ratio : {4, 8}) {
        for (const uint64_t memtable : {uint64_t{64}, uint64_t{256}}) {
          SweepPoint p;
          p.policy = policy;
          p.ratio = ratio;
          p.memtable = memtable;
          p.load = load;
          points.push_back(p);
          if (load != UpdateLoad::kUniform) continue;
          p.bits = 5;
          points.push_back(p);
          p.allocation = FilterAllocation::kMonkey;
          points.push_back(p);
        }
      }
    }
  }
  return points;
}

std::string PolicyName(CompactionPolicy policy) {
  switch (policy) {
    case CompactionPolicy::kLeveled:
      return "leveled";
    case CompactionPolicy::kTiered:
      return "tiered";
    case CompactionPolicy::kLazyLeveled:
      return "lazy_leveled";
    case CompactionPolicy::kHybrid:
      return "hybrid";
    default:
      return "fifo";
  }
}

std::string LoadName(UpdateLoad load) {
  switch (load) {
    case UpdateLoad::kSkewed:
      return "skewed";
    case UpdateLoad::kDeletes:
      return "deletes";
    default:
      return "uniform";
  }
}

}  // namespace lsm::bench
