// Target ops: the input is decoded to a trace, byte by byte; every input means something.
#include <fmt/format.h>

#include <array>

#include "format/codec.h"
#include "fuzz/input.h"
#include "fuzz/trace_check.h"
#include "testing/sim/random.h"

namespace lsm::fuzz {
namespace {

using lab::KeyRange;
using lab::Operation;
using lab::Trace;
using Kind = Operation::Kind;

// What an operation byte says; clients' operations that change something stand several times.
constexpr std::array<Kind, 40> kKinds = {
    Kind::kPut,       Kind::kPut,      Kind::kPut,        Kind::kPut,         Kind::kPut,
    Kind::kPut,       Kind::kPut,      Kind::kPut,        Kind::kDelete,      Kind::kDelete,
    Kind::kDelete,    Kind::kBatch,    Kind::kBatch,      Kind::kBatch,       Kind::kGet,
    Kind::kGet,       Kind::kMultiGet, Kind::kScan,       Kind::kReverseScan, Kind::kZigzag,
    Kind::kSnapshot,  Kind::kRelease,  Kind::kIterate,    Kind::kCheck,       Kind::kClose,
    Kind::kSleep,     Kind::kFlush,    Kind::kFlush,      Kind::kSyncWal,     Kind::kCompact,
    Kind::kCompact,   Kind::kWait,     Kind::kCheckpoint, Kind::kResume,      Kind::kReopen,
    Kind::kIntegrity, Kind::kCrash,    Kind::kCrash,      Kind::kKill,        Kind::kFail};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : input_(bytes) {}

  Trace Run() {
    Head();
    while (!input_.empty() && trace_.operations.size() < kMaxOperations) {
      trace_.operations.push_back(Next());
    }
    return std::move(trace_);
  }

 private:
  void Option(const char* name, const std::vector<std::string>& values) {
    trace_.options.emplace_back(name, input_.Pick(values));
  }

  // Small knobs: short sequences reach deep trees.
  void Head() {
    Option("memtable_bytes", {"1024", "2048", "4096"});
    Option("max_immutable_memtables", {"1", "2"});
    Option("block_cache_bytes", {"0", "256", "4096"});
    Option("block_bytes", {"64", "128", "256"});
    Option("block_restart_interval", {"1", "2", "4"});
    Option("max_file_bytes", {"1024", "4096"});
    Option("compression", AvailableCodecNames());
    Option("bits_per_key", {"0", "2", "10"});
    Option("filter_allocation", {"uniform", "monkey"});
    Option("l0_compaction_trigger", {"2", "3", "4"});
    Option("level1_bytes", {"1024", "4096"});
    Option("size_ratio", {"2", "4"});
    Option("wal_sync", {"on_request", "every_write", "interval"});
    Option("wal_sync_interval_us", {"1000", "10000"});
    Option("max_wal_bytes", {"1024", "4096", "67108864"});
    Option("wal_io", {"plain", "mapped"});
    Option("read_io", {"plain", "mapped"});
    trace_.clients = input_.Between(1, 3);
    trace_.seed = input_.Below(256);
    constexpr std::array<uint32_t, 4> kSwitches = {0, 16, 128, 512};
    trace_.switch_per_1024 = kSwitches[input_.Below(kSwitches.size())];
  }

  // Few keys, so that they meet; neighbours, prefixes, the empty key and 0xff among them.
  std::string Key(size_t client) {
    static const std::vector<std::string> kKeys = {
        "", "a", "aa", "ab", std::string("a\0", 2), "b", "k1", "k10", "k2", "\xff", "\xff\xff"};
    const std::string prefix = trace_.clients == 1 ? "" : lab::Oracle::KeyPrefix(client);
    return prefix + input_.Pick(kKeys);
  }
  std::string AnyKey() { return Key(input_.Below(trace_.clients)); }

  // Different from all others, so that an answer tells which write it comes from.
  std::string Value() {
    const uint64_t id = ++values_;
    const uint64_t draw = input_.Below(8);
    if (draw == 0) return lab::GeneratedBytes(lab::kMinGeneratedBytes + 8 * input_.Below(128), id);
    return fmt::format("v{}", id) + std::string(draw == 1 ? 100 : 0, 'x');
  }

  lab::Update MakeUpdate(size_t client, bool put) {
    lab::Update update;
    update.key = Key(client);
    if (put) update.value = Value();
    return update;
  }

  KeyRange Range() {
    KeyRange range;
    const uint8_t bounds = input_.Byte();
    if (bounds % 2 == 1) range.from = AnyKey();
    if (bounds / 2 % 2 == 1) range.to = AnyKey();
    return range;
  }

  std::string Name(char stem) { return fmt::format("{}{}", stem, input_.Between(1, 2)); }

  Operation Next() {
    Operation op;
    op.kind = kKinds[input_.Below(kKinds.size())];
    if (op.kind >= Kind::kResume) {
      WorldOperation(&op);
    } else {
      ClientOperation(&op);
    }
    return op;
  }

  void ClientOperation(Operation* op) {
    const size_t client = input_.Below(trace_.clients);
    op->client = static_cast<int>(client);
    const uint64_t draw = input_.Below(8);
    switch (op->kind) {
      case Kind::kPut:
      case Kind::kDelete:
        op->updates = {MakeUpdate(client, op->kind == Kind::kPut)};
        break;
      case Kind::kBatch:
        for (uint64_t i = 0; i < 2 + draw % 3; ++i) {
          const bool put = input_.Below(4) != 0;
          op->updates.push_back(MakeUpdate(client, put));
        }
        break;
      case Kind::kMultiGet:
        op->keys.push_back(AnyKey());
        [[fallthrough]];
      case Kind::kGet:
      case Kind::kZigzag:
        op->keys.push_back(AnyKey());
        break;
      case Kind::kIterate:
        op->name = Name('i');
        [[fallthrough]];
      case Kind::kScan:
      case Kind::kReverseScan:
      case Kind::kCompact:
        op->range = Range();
        break;
      case Kind::kCheck:
      case Kind::kClose:
        op->name = Name('i');
        break;
      case Kind::kSnapshot:
      case Kind::kRelease:
        op->name = Name('s');
        break;
      case Kind::kSleep:
        op->number = 1 + input_.Below(20'000);
        break;
      default:
        break;
    }
    const bool reads = op->kind >= Kind::kGet && op->kind <= Kind::kZigzag;
    if (op->IsWrite()) op->sync = draw == 7;
    if (reads && draw >= 6) op->at = Name('s');
  }

  lab::CrashPoint Cut() {
    lab::CrashPoint cut;
    cut.at.nth = input_.Below(26);
    const uint64_t draw = input_.Below(4);
    cut.image.kind = draw == 0   ? lab::CrashImage::Kind::kNone
                     : draw == 1 ? lab::CrashImage::Kind::kAll
                                 : lab::CrashImage::Kind::kSeed;
    if (draw >= 2) cut.image.seed = input_.Byte();
    return cut;
  }

  void WorldOperation(Operation* op) {
    if (op->kind == Kind::kCrash || op->kind == Kind::kKill) {
      op->cuts = {Cut()};
      if (op->kind == Kind::kKill) op->cuts[0].image = lab::CrashImage();
      while (op->kind == Kind::kCrash && op->cuts.size() < 3 && input_.Below(4) == 3) {
        op->cuts.push_back(Cut());
      }
    } else if (op->kind == Kind::kFail) {
      op->fault.at.nth = 1 + input_.Below(20);
      const uint8_t draw = input_.Byte();
      if (draw % 4 == 3) op->fault.code = StatusCode::kNoSpace;
      if (draw / 4 % 4 == 3) op->fault.times = sim::kForever;
    }
  }

  Input input_;
  Trace trace_;
  uint64_t values_ = 0;
};

// Bytes by chance are good inputs: all of them are traces.
std::vector<std::string> OpsSeeds() {
  constexpr size_t kSeeds = 16;
  std::vector<std::string> seeds;
  for (uint64_t i = 0; i < kSeeds; ++i) {
    sim::Random random(i);
    std::string& seed = seeds.emplace_back();
    for (size_t n = 40 + 20 * i; n > 0; --n) seed.push_back(static_cast<char>(random.Next()));
  }
  return seeds;
}

}  // namespace

Trace DecodeOperations(std::string_view input) { return Decoder(input).Run(); }

Target OpsTarget() {
  return {
      .name = "ops",
      .about = "operations, crashes and faults against the oracle; findings become traces",
      .max_bytes = 1024,
      .check = [](std::string_view input) { return CheckRun(DecodeOperations(input), DB::Open); },
      .seeds = OpsSeeds,
      .explain = [](std::string_view input) { return lab::Print(DecodeOperations(input)); },
      .to_trace = [](std::string_view input) { return Result<Trace>(DecodeOperations(input)); }};
}

}  // namespace lsm::fuzz
