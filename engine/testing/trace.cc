#include "testing/trace.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/escape.h"
#include "testing/options_text.h"
#include "testing/sim/random.h"
#include "testing/trace_words.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

std::string PrintRange(const KeyRange& range) {
  std::string text;
  if (range.from.has_value()) text += " from " + Escape(*range.from);
  if (range.to.has_value()) text += " to " + Escape(*range.to);
  return text;
}

// Runs of indexes as "0-3,7".
std::string PrintUnits(const std::vector<size_t>& units) {
  std::string text;
  for (size_t i = 0; i < units.size();) {
    size_t last = i;
    while (last + 1 < units.size() && units[last + 1] == units[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(units[i]);
    if (last > i) text += "-" + std::to_string(units[last]);
    i = last + 1;
  }
  return text;
}

std::string PrintImage(const CrashImage& image) {
  switch (image.kind) {
    case CrashImage::Kind::kNone:
      return "none";
    case CrashImage::Kind::kAll:
      return "all";
    case CrashImage::Kind::kSeed:
      return fmt::format("seed:{}", image.seed);
    case CrashImage::Kind::kUnits:
      return PrintUnits(image.units);
  }
  return "none";
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
    case Kind::kZigzag:
      for (const std::string& key : op.keys) text += " " + Escape(key);
      return text;
    case Kind::kIterate:
      return " " + Escape(op.name) + PrintRange(op.range);
    case Kind::kScan:
    case Kind::kReverseScan:
    case Kind::kCompact:
      return PrintRange(op.range);
    case Kind::kSnapshot:
    case Kind::kRelease:
    case Kind::kCheck:
    case Kind::kClose:
      return " " + Escape(op.name);
    case Kind::kSleep:
      return fmt::format(" {}", op.number);
    case Kind::kCrash:
      for (const CrashPoint& cut : op.cuts) {
        text += fmt::format("{} io={} keep={}", text.empty() ? "" : " again", cut.io,
                            PrintImage(cut.image));
      }
      return text;
    case Kind::kKill:
      return fmt::format(" io={}", op.cuts[0].io);
    case Kind::kFail:
      return fmt::format(" io={} code={} {}", op.number,
                         op.code == StatusCode::kNoSpace ? "nospace" : "io",
                         op.sticky ? "sticky" : "once");
    default:
      return text;
  }
}

}  // namespace

bool Operation::operator==(const Operation& o) const {
  return kind == o.kind && client == o.client && updates == o.updates && sync == o.sync &&
         keys == o.keys && range.from == o.range.from && range.to == o.range.to && at == o.at &&
         name == o.name && cuts == o.cuts && number == o.number && code == o.code &&
         sticky == o.sticky;
}

bool Trace::operator==(const Trace& o) const {
  return stages == o.stages && options == o.options && seed == o.seed &&
         switch_per_1024 == o.switch_per_1024 && priority_depth == o.priority_depth &&
         priority_points == o.priority_points && clients == o.clients &&
         shared_keys == o.shared_keys && start_closed == o.start_closed &&
         operations == o.operations;
}

std::vector<bool> CrashImage::Keep(size_t n) const {
  std::vector<bool> keep(n, kind == Kind::kAll);
  if (kind == Kind::kSeed) {
    sim::Random random(seed);
    for (size_t i = 0; i < n; ++i) keep[i] = random.Below(2) == 1;
  }
  for (const size_t unit : units) {
    if (unit < n) keep[unit] = true;
  }
  return keep;
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
  return fmt::format("schedule seed={} priority={} points={}", trace.seed, trace.priority_depth,
                     trace.priority_points);
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
