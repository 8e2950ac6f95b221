#include "testing/metamorphic.h"

#include <fmt/format.h>

#include <utility>

#include "format/codec.h"
#include "testing/policies.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// One codec each, of those that this build has.
std::vector<TraceOptions> CodecChoices(const char* option, const std::string& before) {
  std::vector<TraceOptions> choices;
  for (const std::string& codec : AvailableCodecNames()) {
    choices.push_back({{option, before + codec}});
  }
  return choices;
}

// What a random set chooses from; options that must fit together stand in one choice.
const std::vector<std::vector<TraceOptions>>& Choices() {
  static const auto* const kChoices = new std::vector<std::vector<TraceOptions>>{
      {{{"memtable_bytes", "1024"}}, {{"memtable_bytes", "3000"}}, {{"memtable_bytes", "65536"}}},
      {{{"max_immutable_memtables", "1"}}, {{"max_immutable_memtables", "4"}}},
      {{{"block_cache_bytes", "0"}}, {{"block_cache_bytes", "2000"}}},
      {{{"max_open_files", "16"}}},
      {{{"block_bytes", "64"}}, {{"block_bytes", "300"}}, {{"block_bytes", "65536"}}},
      {{{"block_restart_interval", "1"}}, {{"block_restart_interval", "2"}}},
      {{{"max_file_bytes", "1024"}}, {{"max_file_bytes", "5000"}}},
      CodecChoices("compression", ""),
      CodecChoices("compression_per_level", "none,"),
      {{{"bits_per_key", "0"}}, {{"bits_per_key", "1"}}, {{"bits_per_key", "16"}}},
      {{{"filter_allocation", "monkey"}}},
      {{{"verify_checksums", "false"}}},
      {{{"l0_compaction_trigger", "1"}, {"l0_slowdown_trigger", "2"}, {"l0_stop_trigger", "3"}},
       {{"l0_compaction_trigger", "2"}, {"l0_slowdown_trigger", "8"}, {"l0_stop_trigger", "12"}},
       {{"l0_compaction_trigger", "8"}, {"l0_slowdown_trigger", "50"}, {"l0_stop_trigger", "99"}}},
      {{{"max_background_jobs", "3"}}, {{"max_background_jobs", "8"}}},
      {{{"background_bytes_per_second", "65536"}}, {{"background_bytes_per_second", "1048576"}}},
      {{{"delayed_write_bytes_per_second", "1024"}}},
      {{{"level1_bytes", "1024"}}, {{"level1_bytes", "8192"}}},
      {{{"size_ratio", "2"}}, {{"size_ratio", "100"}}},
      {{{"file_pick", "oldest"}},
       {{"file_pick", "most_overlap"}},
       {{"file_pick", "least_overlap"}},
       {{"file_pick", "most_tombstones"}}},
      {{{"tombstone_age_max_us", "1000000"}, {"tombstone_retention_us", "0"}},
       {{"tombstone_age_max_us", "0"}, {"tombstone_retention_us", "5000000"}},
       {{"tombstone_age_max_us", "9000000"}, {"tombstone_retention_us", "5000000"}}},
      {{{"wal_sync", "every_write"}}, {{"wal_sync", "interval"}, {"wal_sync_interval_us", "100"}}},
      {{{"max_wal_bytes", "1024"}}, {{"max_wal_bytes", "4096"}}},
      {{{"wal_io", "plain"}}, {{"wal_io", "mapped"}}},
      {{{"read_io", "plain"}}, {{"read_io", "mapped"}}},
  };
  return *kChoices;
}

// The first answer that differs.
std::string Difference(const Trace& one, const RunResult& of_one, const Trace& other,
                       const RunResult& of_other, const std::string& names) {
  for (size_t i = 0; i < of_one.steps.size(); ++i) {
    if (of_one.steps[i].answer == of_other.steps[i].answer) continue;
    return fmt::format("step {} ({}) answers '{}' and '{}' under {}; the traces:\n{}\n{}", i + 1,
                       Print(one.operations[i]), of_one.steps[i].answer, of_other.steps[i].answer,
                       names, Print(one), Print(other));
  }
  return "";
}

}  // namespace

std::vector<OptionSet> NamedOptionSets() {
  std::vector<OptionSet> sets = {
      {"defaults", {}},
      {"tiny_memtable", {{"memtable_bytes", "1024"}}},
      {"small_memtable", {{"memtable_bytes", "4096"}}},
      {"one_sealed_memtable", {{"memtable_bytes", "1024"}, {"max_immutable_memtables", "1"}}},
      {"many_sealed_memtables", {{"memtable_bytes", "1024"}, {"max_immutable_memtables", "16"}}},
      {"no_cache", {{"block_cache_bytes", "0"}, {"read_io", "plain"}}},
      {"cache_of_a_block", {{"block_cache_bytes", "4096"}, {"read_io", "plain"}}},
      {"few_open_files", {{"max_open_files", "16"}, {"max_file_bytes", "1024"}}},
      {"tiny_blocks", {{"block_bytes", "64"}}},
      {"huge_blocks", {{"block_bytes", "1048576"}}},
      {"full_keys", {{"block_restart_interval", "1"}}},
      {"no_full_keys", {{"block_restart_interval", "1024"}}},
      {"tiny_files", {{"max_file_bytes", "1024"}}},
      {"uncompressed", {{"compression", "none"}}},
      {"compressed",
       {{"compression", AvailableCodecNames().back()}, {"compression_per_level", "same"}}},
      {"compressed_by_level",
       {{"compression_per_level", fmt::format("{}", fmt::join(AvailableCodecNames(), ","))}}},
      {"no_filter", {{"bits_per_key", "0"}}},
      {"poor_filter", {{"bits_per_key", "1"}}},
      {"rich_filter", {{"bits_per_key", "30"}}},
      {"monkey_filter", {{"filter_allocation", "monkey"}, {"bits_per_key", "4"}}},
      {"no_checksums", {{"verify_checksums", "false"}}},
      {"eager_compaction",
       {{"memtable_bytes", "1024"},
        {"l0_compaction_trigger", "1"},
        {"l0_slowdown_trigger", "8"},
        {"l0_stop_trigger", "12"}}},
      {"lazy_compaction",
       {{"memtable_bytes", "1024"},
        {"l0_compaction_trigger", "90"},
        {"l0_slowdown_trigger", "95"},
        {"l0_stop_trigger", "100"}}},
      {"stalls",
       {{"memtable_bytes", "1024"},
        {"l0_compaction_trigger", "1"},
        {"l0_slowdown_trigger", "1"},
        {"l0_stop_trigger", "2"}}},
      {"deep_tree", {{"memtable_bytes", "1024"}, {"level1_bytes", "1024"}, {"size_ratio", "2"}}},
      {"shallow_tree", {{"memtable_bytes", "1024"}, {"size_ratio", "100"}}},
      {"sync_every_write", {{"wal_sync", "every_write"}}},
      {"sync_by_interval", {{"wal_sync", "interval"}, {"wal_sync_interval_us", "100"}}},
      {"tiny_logs", {{"max_wal_bytes", "1024"}}},
      {"plain_files", {{"wal_io", "plain"}, {"read_io", "plain"}}},
      {"mapped_files", {{"wal_io", "mapped"}, {"read_io", "mapped"}}},
      {"mapped_logs_alone", {{"wal_io", "mapped"}, {"read_io", "plain"}}},
      {"no_auto_resume", {{"auto_resume", "false"}}},
      {"all_tiny",
       {{"memtable_bytes", "1024"},
        {"block_bytes", "64"},
        {"max_file_bytes", "1024"},
        {"level1_bytes", "1024"},
        {"size_ratio", "2"},
        {"l0_compaction_trigger", "2"},
        {"l0_slowdown_trigger", "4"},
        {"l0_stop_trigger", "6"},
        {"block_cache_bytes", "1024"},
        {"max_wal_bytes", "1024"},
        {"read_io", "plain"}}},
  };
  for (const std::string& policy : KeepingPolicies()) {
    sets.push_back({policy,
                    {{"policy", policy},
                     {"runs_per_level", "2"},
                     {"memtable_bytes", "1024"},
                     {"level1_bytes", "1024"},
                     {"size_ratio", "2"},
                     {"l0_compaction_trigger", "2"},
                     {"l0_slowdown_trigger", "4"},
                     {"l0_stop_trigger", "6"}}});
  }
  return sets;
}

OptionSet RandomOptionSet(uint64_t seed) {
  sim::Random random(seed);
  OptionSet set{fmt::format("random_{}", seed), {}};
  const std::vector<std::string>& policies = KeepingPolicies();
  set.options = {{"policy", policies[random.Below(policies.size())]},
                 {"runs_per_level", std::to_string(2 + random.Below(3))},
                 {"tiered_levels", std::to_string(1 + random.Below(4))}};
  for (const std::vector<TraceOptions>& choice : Choices()) {
    const uint64_t draw = random.Below(choice.size() + 1);
    if (draw == choice.size()) continue;  // the default
    set.options.insert(set.options.end(), choice[draw].begin(), choice[draw].end());
  }
  return set;
}

Trace UnderOptions(const Trace& base, const std::vector<OptionSet>& sets, size_t first) {
  constexpr size_t kStride = 7;  // neighbours in the list are alike
  Trace trace = base;
  trace.options = sets[first].options;
  size_t set = first;
  std::erase_if(trace.operations,
                [](const Operation& op) { return op.kind == Kind::kDeleteFiles; });
  for (Operation& op : trace.operations) {
    if (op.kind != Kind::kReopen) continue;
    set = (set + kStride) % sets.size();
    op.options = sets[set].options;
  }
  return trace;
}

MetamorphicReport RunUnderAll(const Trace& base, const std::vector<OptionSet>& sets,
                              const std::function<void(const Trace&)>& on_trace,
                              const RunOptions& run) {
  MetamorphicReport report;
  Trace first_trace;
  RunResult first;
  for (size_t i = 0; i < sets.size(); ++i) {
    Trace trace = UnderOptions(base, sets, i);
    on_trace(trace);
    RunResult result = RunTrace(trace, run);
    ++report.runs;
    if (!result.ok) {
      report.failed = std::move(trace);
      return report;
    }
    if (i == 0) {
      first_trace = std::move(trace);
      first = std::move(result);
      continue;
    }
    report.answers += result.steps.size();
    report.difference = Difference(first_trace, first, trace, result,
                                   fmt::format("'{}' and '{}'", sets[0].name, sets[i].name));
    if (!report.difference.empty()) return report;
  }
  return report;
}

}  // namespace lsm::lab
