#include "testing/trace.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/escape.h"
#include "lsm/options_text.h"
#include "testing/sim/random.h"
#include "testing/trace_words.h"
#include "testing/trace_world.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

std::string PrintRange(const KeyRange& range) {
  std::string text;
  if (range.from.has_value()) text += " from " + Escape(*range.from);
  if (range.to.has_value()) text += " to " + Escape(*range.to);
  return text;
}

std::string PrintUpdate(const Update& update) {
  if (!update.value.has_value()) return " delete " + Escape(update.key);
  return " put " + Escape(update.key) + " " + PrintValue(*update.value);
}

std::string PrintArguments(const Operation& op) {
  std::string text;
  switch (op.kind) {
    case Kind::kPut:
      return fmt::format(" {} {}", Escape(op.updates[0].key), PrintValue(*op.updates[0].value));
    case Kind::kDelete:
      return " " + Escape(op.updates[0].key);
    case Kind::kBatch:
      for (const Update& update : op.updates) text += PrintUpdate(update);
      return text;
    case Kind::kMultiGet:
      text = fmt::format(" {}", op.keys.size());
      [[fallthrough]];
    case Kind::kGet:
    case Kind::kPrefixScan:
    case Kind::kZigzag:
      for (const std::string& key : op.keys) text += " " + Escape(key);
      return text;
    case Kind::kIterate:
      return " " + Escape(op.name) + PrintRange(op.range);
    case Kind::kScan:
    case Kind::kReverseScan:
    case Kind::kSizes:
    case Kind::kDeleteFiles:
    case Kind::kCompact:
      return PrintRange(op.range);
    case Kind::kCompactLevel:
      return fmt::format(" {}", op.number) + PrintRange(op.range);
    case Kind::kSnapshot:
    case Kind::kRelease:
    case Kind::kCheck:
    case Kind::kClose:
      return " " + Escape(op.name);
    case Kind::kReopen:
      for (const auto& [name, value] : op.options) text += " " + name + " " + value;
      return text;
    case Kind::kSleep:
    case Kind::kClock:
      return fmt::format(" {}", op.number);
    case Kind::kCrash:
    case Kind::kKill:
      return PrintCuts(op);
    case Kind::kFail:
      return PrintFault(op.fault);
    case Kind::kDamage:
      return PrintDamage(op.damage);
    default:
      return text;
  }
}

bool CanBe(const sim::UnsyncedUnit& unit, const sim::Fate& fate) {
  return CheckImage(sim::Profile::kNoAtomicRename, {unit}, {fate}).ok();
}

}  // namespace

bool Operation::operator==(const Operation& o) const {
  return kind == o.kind && client == o.client && updates == o.updates && sync == o.sync &&
         keys == o.keys && options == o.options && range.from == o.range.from &&
         range.to == o.range.to && at == o.at && name == o.name && cuts == o.cuts &&
         number == o.number && fault == o.fault && damage == o.damage;
}

bool Trace::operator==(const Trace& o) const {
  return stages == o.stages && options == o.options && seed == o.seed &&
         switch_per_1024 == o.switch_per_1024 && priority_depth == o.priority_depth &&
         priority_points == o.priority_points && priority_at_marks == o.priority_at_marks &&
         clients == o.clients && shared_keys == o.shared_keys && start_closed == o.start_closed &&
         operations == o.operations;
}

sim::Image CrashImage::Of(const std::vector<sim::UnsyncedUnit>& all) const {
  if (kind == Kind::kProfile) return SampleImage(profile, all, seed);
  sim::Image image(all.size(), sim::Fate(kind == Kind::kAll));
  if (kind == Kind::kSeed) {
    sim::Random random(seed);
    for (sim::Fate& fate : image) fate = sim::Fate(random.Below(2) == 1);
  }
  for (const auto& [unit, fate] : units) {
    if (unit < image.size() && CanBe(all[unit], fate)) image[unit] = fate;
  }
  return image;
}

std::string GeneratedBytes(size_t size, uint64_t seed) {
  LSM_CHECK(size >= kMinGeneratedBytes);
  std::string bytes = fmt::format("@{}:{};", size, seed);
  sim::Random random(seed);
  bytes.reserve(size);
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random.Next() >> 56));
  return bytes;
}

std::string PrintValue(std::string_view value) {
  if (!value.starts_with('@')) return Escape(value);
  size_t size = 0;
  uint64_t seed = 0;
  const std::string_view words = value.substr(0, value.find(';'));
  if (ParseGenerated(words, &size, &seed) && value == GeneratedBytes(size, seed)) {
    return std::string(words);
  }
  return "\\x40" + (value.size() == 1 ? "" : Escape(value.substr(1)));
}

std::string Print(const Operation& op) {
  std::string text;
  if (op.client != Operation::kNoClient) text = fmt::format("c{} ", op.client);
  text += WordOf(op.kind);
  text += PrintArguments(op);
  if (!op.at.empty()) text += " at " + Escape(op.at);
  if (op.sync) text += " sync";
  return text;
}

std::string PrintSchedule(const Trace& trace) {
  if (trace.priority_depth == 0) {
    return fmt::format("schedule seed={} switch={}", trace.seed, trace.switch_per_1024);
  }
  return fmt::format("schedule seed={} priority={} {}={}", trace.seed, trace.priority_depth,
                     trace.priority_at_marks ? "marks" : "points", trace.priority_points);
}

std::string Print(const Trace& trace) {
  std::string text = fmt::format("lsmlab-trace {}\n", kTraceVersion);
  for (const std::string& stage : trace.stages) text += "stage " + stage + "\n";
  for (const auto& [name, value] : trace.options) {
    text += fmt::format("option {} {}\n", name, value);
  }
  text += PrintSchedule(trace) + "\n";
  text += fmt::format("clients {}\n", trace.clients);
  if (trace.shared_keys) text += "keys shared\n";
  if (trace.start_closed) text += "start closed\n";
  if (!trace.expect.empty()) text += "expect " + trace.expect + "\n";
  for (const Operation& op : trace.operations) text += Print(op) + "\n";
  return text;
}

Options OptionsOf(const Trace& trace) {
  Options options;
  options.create_if_missing = true;
  options.memtable_bytes = kTraceMemtableBytes;
  for (const auto& [name, value] : trace.options) {
    const Status status = SetOption(name, value, &options);
    LSM_CHECK(status.ok());
  }
  return options;
}

}  // namespace lsm::lab
