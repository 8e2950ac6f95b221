#include "testing/generator.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "format/codec.h"
#include "testing/policies.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// Draws, one at a time, inside rc::gen::exec.
uint64_t Below(uint64_t n) { return *rc::gen::inRange<uint64_t>(0, n); }
bool OneIn(uint64_t n) { return Below(n) == 0; }
uint64_t Between(uint64_t lo, uint64_t hi) { return lo + Below(hi - lo + 1); }

template <class T>
const T& Pick(const std::vector<T>& from) {
  return from[Below(from.size())];
}

struct Weight {
  Kind kind;
  uint64_t weight;
};

// What clients do; the crash and fault flavours add to it.
constexpr Weight kMix[] = {
    {Kind::kPut, 300},        {Kind::kDelete, 100},     {Kind::kBatch, 100},
    {Kind::kGet, 120},        {Kind::kMultiGet, 25},    {Kind::kScan, 25},
    {Kind::kReverseScan, 20}, {Kind::kZigzag, 20},      {Kind::kSnapshot, 25},
    {Kind::kRelease, 20},     {Kind::kIterate, 15},     {Kind::kCheck, 15},
    {Kind::kClose, 10},       {Kind::kSleep, 10},       {Kind::kFlush, 35},
    {Kind::kClock, 15},       {Kind::kSyncWal, 10},     {Kind::kCompact, 15},
    {Kind::kWait, 10},        {Kind::kCheckpoint, 3},   {Kind::kPrefixScan, 15},
    {Kind::kSizes, 8},        {Kind::kDeleteFiles, 12}, {Kind::kCompactLevel, 10},
};

// Few keys that are overwritten, flushed, compacted and read all the time.
constexpr Weight kHotMix[] = {
    {Kind::kPut, 300},    {Kind::kDelete, 40},  {Kind::kGet, 300},  {Kind::kMultiGet, 60},
    {Kind::kScan, 40},    {Kind::kIterate, 20}, {Kind::kCheck, 20}, {Kind::kSnapshot, 15},
    {Kind::kRelease, 15}, {Kind::kSleep, 20},   {Kind::kFlush, 80}, {Kind::kCompact, 80},
};

// What is to meet an error.
constexpr Weight kReads[] = {
    {Kind::kGet, 5},         {Kind::kMultiGet, 2}, {Kind::kScan, 3},
    {Kind::kReverseScan, 2}, {Kind::kZigzag, 1},
};

template <size_t n>
Kind PickKind(const Weight (&mix)[n]) {
  uint64_t total = 0;
  for (const Weight& w : mix) total += w.weight;
  uint64_t draw = Below(total);
  for (const Weight& w : mix) {
    if (draw < w.weight) return w.kind;
    draw -= w.weight;
  }
  return Kind::kGet;
}

class Generator {
 public:
  Generator(Flavour flavour, size_t operations) : flavour_(flavour), operations_(operations) {}

  Trace Run() {
    Options();
    Schedule();
    for (size_t c = 0; c < trace_.clients; ++c) keys_.push_back({Prefix(c) + "k1"});
    while (trace_.operations.size() < operations_) {
      if (OneIn(WorldOperationIn())) {
        WorldOperation();
      } else {
        ClientOperation(hot_ ? PickKind(kHotMix) : PickKind(kMix));
      }
    }
    return std::move(trace_);
  }

 private:
  void Range(std::string name, uint64_t lo, uint64_t hi) {
    trace_.options.emplace_back(std::move(name), std::to_string(Between(lo, hi)));
  }
  void Choice(std::string name, const std::vector<std::string>& values) {
    trace_.options.emplace_back(std::move(name), Pick(values));
  }

  // The shape of the tree and what ages do to it: what may change with a reopen.
  TraceOptions Shape() {
    TraceOptions drawn;
    const auto range = [&drawn](const char* name, uint64_t lo, uint64_t hi) {
      drawn.emplace_back(name, std::to_string(Between(lo, hi)));
    };
    const auto choice = [&drawn](const char* name, const std::vector<std::string>& values) {
      drawn.emplace_back(name, Pick(values));
    };
    // A history has no place for data that goes by itself.
    choice("policy", flavour_ == Flavour::kHistories ? KeepingPolicies() : Policies());
    range("runs_per_level", 2, 4);
    range("tiered_levels", 1, 3);
    range("l0_compaction_trigger", 2, 4);
    range("level1_bytes", 1024, 8192);
    range("num_levels", 3, 7);
    range("size_ratio", 2, 4);
    choice("file_pick",
           {"round_robin", "oldest", "most_overlap", "least_overlap", "most_tombstones"});
    choice("fifo_bytes_max", {"2048", "16384", "1073741824"});
    choice("ttl_us", {"0", "2000000", "60000000"});
    // The limit may not be below the retention time.
    const std::string retention_us = Pick<std::string>({"0", "0", "0", "2000000"});
    drawn.emplace_back("tombstone_retention_us", retention_us);
    choice("tombstone_age_max_us", {"0", "0", "2000000", "60000000"});
    return drawn;
  }

  void Options() {
    Range("memtable_bytes", 1024, 4096);
    Range("max_immutable_memtables", 1, 3);
    Choice("block_cache_bytes", {"0", "256", "4096"});
    Choice("max_open_files", {"16", "1000"});
    Range("block_bytes", 64, 256);
    Range("block_restart_interval", 1, 4);
    Range("max_file_bytes", 1024, 4096);
    Choice("compression", AvailableCodecNames());
    CompressionPerLevel();
    Choice("bits_per_key", {"0", "2", "10"});
    Choice("filter_allocation", {"uniform", "monkey"});
    for (auto& option : Shape()) trace_.options.push_back(std::move(option));
    Range("l0_slowdown_trigger", 4, 6);
    Range("l0_stop_trigger", 6, 8);
    Choice("max_background_jobs", {"2", "2", "3", "5"});
    Choice("background_bytes_per_second", {"0", "0", "1048576"});
    Choice("delayed_write_bytes_per_second", {"65536", "16777216"});
    Choice("wal_sync", {"on_request", "on_request", "every_write", "interval"});
    Choice("wal_sync_interval_us", {"100", "10000"});
    Choice("max_wal_bytes", {"1024", "4096", "67108864"});
    Choice("wal_io", {"plain", "mapped"});
    Choice("read_io", {"plain", "mapped"});
  }

  void CompressionPerLevel() {
    std::vector<std::string> codecs;
    for (uint64_t level = 0, levels = OneIn(2) ? Between(1, 3) : 0; level < levels; ++level) {
      codecs.push_back(Pick(AvailableCodecNames()));
    }
    trace_.options.emplace_back(
        "compression_per_level",
        codecs.empty() ? "same" : fmt::format("{}", fmt::join(codecs, ",")));
  }

  void Schedule() {
    trace_.seed = Below(uint64_t{1} << 32);
    const bool concurrent = flavour_ == Flavour::kSchedules || flavour_ == Flavour::kHistories ||
                            (flavour_ == Flavour::kFaults && OneIn(3));
    trace_.shared_keys = flavour_ == Flavour::kHistories;
    if (concurrent) trace_.clients = Between(2, trace_.shared_keys ? 4 : 3);
    hot_ = concurrent && flavour_ != Flavour::kFaults && OneIn(3);
    constexpr std::array<uint32_t, 4> kSwitches = {16, 64, 128, 512};
    trace_.switch_per_1024 = kSwitches[Below(kSwitches.size())];
    if (!concurrent && OneIn(3)) trace_.switch_per_1024 = 0;
    if (!concurrent || OneIn(2)) return;
    trace_.switch_per_1024 = 0;
    trace_.priority_depth = static_cast<uint32_t>(Between(1, 5));
    trace_.priority_at_marks = OneIn(2);
    trace_.priority_points =
        operations_ * (trace_.priority_at_marks ? kMarksPerOperation : kPointsPerOperation);
  }

  std::string Prefix(size_t client) const {
    return trace_.clients == 1 || trace_.shared_keys ? "" : Oracle::KeyPrefix(client);
  }

  // So many operations are one of the world's.
  uint64_t WorldOperationIn() const {
    if (flavour_ == Flavour::kHistories || hot_) return 40;
    return flavour_ == Flavour::kSchedules ? 20 : 12;
  }

  // A key of the client's: used before, near one, or of a special shape.
  std::string Key(size_t client) {
    if (trace_.shared_keys || hot_) {
      return Prefix(client) + "k" + std::to_string(Below(hot_ ? kHotKeys : kSharedKeys));
    }
    std::vector<std::string>& keys = keys_[client];
    const std::string base = Pick(keys);
    const size_t prefix_bytes = Prefix(client).size();
    std::string key = base;
    switch (Below(12)) {
      case 0:
        key.push_back('\0');
        break;
      case 1:
        if (key.size() > prefix_bytes) key.pop_back();
        break;
      case 2:
        if (key.size() > prefix_bytes) ++key.back();
        break;
      case 3:
        key = Prefix(client) + std::string(Below(3), '\xff');
        break;
      case 4:
      case 5:
        key = Prefix(client) + "k" + std::to_string(Below(30));
        break;
      default:
        return base;
    }
    if (key.size() <= kMaxGeneratedKeyBytes && keys.size() < kMaxKeys) keys.push_back(key);
    return key;
  }
  std::string AnyKey() { return Key(Below(trace_.clients)); }

  // Different from all others, so that an answer tells which write it comes from.
  std::string Value() {
    const uint64_t id = ++values_;
    // Longer than two blocks of a log, and than 16 bits can say.
    if (OneIn(400)) return GeneratedBytes(Between(30'000, 70'000), id);
    switch (Below(8)) {
      case 0:
        return GeneratedBytes(Between(kMinGeneratedBytes, 1200), id);
      case 1:
        return "v" + std::to_string(id) + std::string(Below(200), 'x');
      case 2:
        return OneIn(8) ? std::string() : "w" + std::to_string(id);
      default:
        return "v" + std::to_string(id);
    }
  }

  Update MakeUpdate(size_t client, bool put) {
    Update update;
    update.key = Key(client);
    if (put) update.value = Value();
    return update;
  }

  KeyRange MakeRange() {
    KeyRange range;
    if (OneIn(3)) range.from = AnyKey();
    if (OneIn(3)) range.to = AnyKey();
    return range;
  }

  // Between two keys of the client's; of all keys now and then, if they are all its own.
  KeyRange OwnRange(size_t client) {
    const std::string one = Key(client);
    const std::string other = Key(client);
    KeyRange range{std::min(one, other), std::max(one, other)};
    if (trace_.clients == 1 && OneIn(3)) range.from.reset();
    if (trace_.clients == 1 && OneIn(3)) range.to.reset();
    return range;
  }

  std::string Name(const char* stem) { return stem + std::to_string(Between(1, 3)); }

  void ClientOperation(Kind kind) {
    Operation op;
    const bool not_allowed = kind == Kind::kDeleteFiles && trace_.shared_keys;
    op.kind = not_allowed ? Kind::kGet : kind;
    const size_t client = Below(trace_.clients);
    op.client = static_cast<int>(client);
    const bool reads_at_snapshot = OneIn(4);
    switch (op.kind) {
      case Kind::kPut:
        op.updates = {MakeUpdate(client, true)};
        break;
      case Kind::kDelete:
        op.updates = {MakeUpdate(client, false)};
        break;
      case Kind::kBatch: {
        const uint64_t count = Between(2, 5);
        for (uint64_t i = 0; i < count; ++i) {
          const bool put = !OneIn(4);
          op.updates.push_back(MakeUpdate(client, put));
        }
        break;
      }
      case Kind::kMultiGet:
        op.keys = {AnyKey()};
        op.keys.push_back(AnyKey());
        op.keys.push_back(AnyKey());
        break;
      case Kind::kGet:
      case Kind::kZigzag:
        op.keys = {AnyKey()};
        break;
      case Kind::kPrefixScan: {
        const std::string key = AnyKey();
        op.keys = {key.substr(0, Below(key.size() + 1))};
        break;
      }
      case Kind::kDeleteFiles:
        op.range = OwnRange(client);
        break;
      case Kind::kCompactLevel:
        op.number = Below(3);
        [[fallthrough]];
      case Kind::kScan:
      case Kind::kReverseScan:
      case Kind::kSizes:
      case Kind::kCompact:
        op.range = MakeRange();
        break;
      case Kind::kIterate:
        op.range = MakeRange();
        [[fallthrough]];
      case Kind::kCheck:
      case Kind::kClose:
        op.name = Name("i");
        break;
      case Kind::kSnapshot:
      case Kind::kRelease:
        op.name = Name("s");
        break;
      case Kind::kSleep:
        op.number = Between(1, 20000);
        break;
      case Kind::kClock:
        op.number = clock_seconds_ = OneIn(4) ? Below(100) : clock_seconds_ + Between(1, 3);
        break;
      default:
        break;
    }
    if (op.IsWrite()) op.sync = OneIn(6);
    if (op.kind >= Kind::kGet && op.kind <= Kind::kZigzag && reads_at_snapshot) op.at = Name("s");
    trace_.operations.push_back(std::move(op));
  }

  CrashPoint Cut() {
    CrashPoint cut;
    cut.at.nth = OneIn(8) ? 0 : Between(1, 25);
    switch (Below(4)) {
      case 0:
        cut.image.kind = CrashImage::Kind::kNone;
        break;
      case 1:
        cut.image.kind = CrashImage::Kind::kAll;
        break;
      default:
        cut.image.kind = CrashImage::Kind::kProfile;
        cut.image.profile = OneIn(3) ? sim::Profile::kOrdered : sim::Profile::kRecycled;
        cut.image.seed = Below(1000);
    }
    return cut;
  }

  // An error of any operation that changes files, of a named one with one of its effects, or of a
  // read.
  sim::Fault MakeFault() {
    using sim::Effect, sim::FileRole, sim::IoKind;
    constexpr std::array<FileRole, 4> kRoles = {FileRole::kAny, FileRole::kLog, FileRole::kTable,
                                                FileRole::kManifest};
    sim::Fault fault;
    switch (Below(5)) {
      case 0:
        fault.at = {.io = IoKind::kSync};
        fault.effect = std::array{Effect::kFail, Effect::kDone, Effect::kKeep, Effect::kRevert,
                                  Effect::kLate}[Below(5)];
        break;
      case 1:
        fault.at = {.io = IoKind::kAppend};
        fault.effect = std::array{Effect::kFail, Effect::kDone, Effect::kShort}[Below(3)];
        if (fault.effect == Effect::kShort) fault.bytes = Below(64);
        break;
      case 2:
        fault.at = {.io = OneIn(3) ? IoKind::kOpen : IoKind::kRead};
        break;
      case 3:
        fault.effect = OneIn(3) ? Effect::kDone : Effect::kFail;
        [[fallthrough]];
      default:
        fault.at.nth = Between(1, 20);
        break;
    }
    if (fault.at.io != IoKind::kAny) {
      fault.at.file = kRoles[Below(kRoles.size())];
      fault.at.nth = Between(1, 6);
    }
    if (OneIn(3) && fault.at.io != IoKind::kRead) fault.code = StatusCode::kNoSpace;
    const uint64_t times = Below(6);
    if (times < 2) fault.times = times == 0 ? sim::kForever : Between(2, 5);
    return fault;
  }

  // An error that strikes what comes next: reads of tables, blocks alone or all their parts, or the
  // replay of a log.
  void FailedReads() {
    const bool replay = OneIn(4);
    if (!replay && OneIn(2)) Push(Kind::kFlush);
    Operation op;
    op.kind = Kind::kFail;
    op.fault.at.io = OneIn(6) ? sim::IoKind::kOpen : sim::IoKind::kRead;
    op.fault.at.file = replay ? sim::FileRole::kLog : sim::FileRole::kTable;
    op.fault.at.nth = Between(1, replay ? 2 : 6);
    if (op.fault.at.io == sim::IoKind::kRead && !replay) {
      if (OneIn(2)) op.fault.at.end = Between(1, 600);
      if (OneIn(3)) op.fault.effect = sim::Effect::kShort;
      if (op.fault.effect == sim::Effect::kShort) op.fault.bytes = Below(200);
    }
    if (OneIn(4)) op.fault.times = OneIn(2) ? sim::kForever : Between(2, 5);
    trace_.operations.push_back(std::move(op));
    if (replay) return Push(Kind::kReopen);
    for (uint64_t reads = Between(1, 3); reads > 0; --reads) ClientOperation(PickKind(kReads));
    if (OneIn(2)) Push(Kind::kResume);
  }

  void Push(Kind kind) {
    Operation op;
    op.kind = kind;
    trace_.operations.push_back(std::move(op));
  }

  // Of a file that matters, small and near its beginning as often as anywhere.
  FileDamage MakeDamage() {
    using sim::FileRole;
    constexpr std::array<FileRole, 6> kRoles = {FileRole::kTable,    FileRole::kTable,
                                                FileRole::kTable,    FileRole::kLog,
                                                FileRole::kManifest, FileRole::kCurrent};
    FileDamage damage;
    damage.file = kRoles[Below(kRoles.size())];
    damage.nth = Between(1, damage.file == FileRole::kTable ? 4 : 1);
    damage.removed = OneIn(12);
    if (damage.removed) return damage;
    damage.how.kind = static_cast<sim::Damage::Kind>(Below(6));
    damage.how.offset = Below(OneIn(2) ? 64 : 4096);
    const bool has_bytes = damage.how.kind != sim::Damage::Kind::kFlip &&
                           damage.how.kind != sim::Damage::Kind::kTruncate;
    if (has_bytes) damage.how.bytes = Between(1, 600);
    const bool has_number = damage.how.kind == sim::Damage::Kind::kFlip ||
                            damage.how.kind == sim::Damage::Kind::kGarbage;
    if (has_number) damage.how.number = Below(8);
    const bool has_source = damage.how.kind >= sim::Damage::Kind::kDuplicate;
    if (has_source) damage.from_nth = Between(1, 3);
    if (has_source) damage.how.from_offset = Below(2048);
    return damage;
  }

  void WorldOperation() {
    Operation op;
    const uint64_t draw = Below(8);
    const bool crashes = flavour_ == Flavour::kCrashes || (trace_.clients > 1 && draw >= 5);
    if (flavour_ == Flavour::kFaults && (draw == 4 || draw == 5)) {
      return FailedReads();
    } else if (flavour_ == Flavour::kFaults && draw >= 2) {
      op.kind = draw < 6 ? Kind::kFail : Kind::kResume;
      if (op.kind == Kind::kFail) op.fault = MakeFault();
    } else if (flavour_ == Flavour::kDamaged && draw >= 6) {
      op.kind = Kind::kDamage;
      op.damage = MakeDamage();
      trace_.operations.push_back(std::move(op));
      return Push(Kind::kReopen);
    } else if (crashes && draw >= 2) {
      op.kind = draw == 7 ? Kind::kKill : Kind::kCrash;
      op.cuts = {Cut()};
      if (op.kind == Kind::kKill) op.cuts[0].image = CrashImage();
      while (op.kind == Kind::kCrash && op.cuts.size() < 3 && OneIn(4)) op.cuts.push_back(Cut());
      if (op.kind == Kind::kCrash && OneIn(6)) {  // right behind a clean close
        op.cuts[0].at = {.io = sim::IoKind::kLock};
        trace_.operations.push_back(std::exchange(op, Operation()));
        op.kind = Kind::kReopen;
      }
    } else {
      constexpr std::array<Kind, 4> kKinds = {Kind::kReopen, Kind::kFlush, Kind::kWait,
                                              Kind::kIntegrity};
      op.kind = kKinds[Below(kKinds.size())];
      if (op.kind == Kind::kReopen && OneIn(2)) op.options = Shape();
    }
    trace_.operations.push_back(std::move(op));
  }

  static constexpr size_t kMaxGeneratedKeyBytes = 12;
  static constexpr size_t kMaxKeys = 40;
  static constexpr uint64_t kSharedKeys = 4;  // so few that clients meet at them
  static constexpr uint64_t kHotKeys = 2;     // of a client
  // About as many schedule points as an operation takes with all that it sets off.
  static constexpr uint64_t kPointsPerOperation = 40;
  static constexpr uint64_t kMarksPerOperation = 2;  // the same of those that SchedulePoint marks

  const Flavour flavour_;
  const size_t operations_;
  Trace trace_;
  bool hot_ = false;                            // few keys, much maintenance
  std::vector<std::vector<std::string>> keys_;  // used so far, by client
  uint64_t values_ = 0;
  uint64_t clock_seconds_ = 0;
};

}  // namespace

std::string_view FlavourName(Flavour flavour) {
  constexpr std::array<std::string_view, kFlavours> kNames = {"model",  "crashes",   "schedules",
                                                              "faults", "histories", "damaged"};
  return kNames[static_cast<size_t>(flavour)];
}

Trace GenerateTrace(Flavour flavour, uint64_t seed, size_t operations) {
  const rc::Gen<Trace> gen =
      rc::gen::exec([=]() -> Trace { return Generator(flavour, operations).Run(); });
  return gen(rc::Random(seed)).value();
}

Trace TraceAt(Flavour flavour, uint64_t seed, uint64_t index) {
  constexpr uint64_t kMinOperations = 20;
  sim::Random random(seed * 4 + static_cast<uint64_t>(flavour));
  sim::Random of_index(random.Next() + index);
  const uint64_t trace_seed = of_index.Next();
  const uint64_t operations =
      kMinOperations + of_index.Below(kMaxSeriesOperations - kMinOperations + 1);
  return GenerateTrace(flavour, trace_seed, operations);
}

}  // namespace lsm::lab
