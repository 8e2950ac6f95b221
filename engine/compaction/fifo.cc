// FIFO with a time to live (docs/policies.md): nothing is merged; what is oldest goes as a whole,
// when all tables together hold more than fifo_bytes_max, or when a table's newest update is older
// than ttl_us. Only tables of the oldest run may go: nothing older can then come to light behind
// them.
//
// Age is the clock's now less the time of the table's flush. Where the clock jumped back the age
// counts as zero, and the table stays until the clock has caught up; a table of unknown age (of
// another engine, or from before the facts) goes for its place alone.
#include <algorithm>

#include <fmt/format.h>

#include <stage/compaction/policy.h>

namespace lsm {
namespace {

class FifoPolicy final : public Policy {
 public:
  FifoPolicy(const PickerOptions& options, const InternalKeyComparator& cmp)
      : maker_(options, cmp) {}

  double Score(const Tree&, int) const override { return 0; }
  std::optional<CompactionJob> Offer(const Tree&, int, const BusyFiles&) const override {
    return std::nullopt;
  }

  std::optional<CompactionJob> Timed(const Tree& tree, const BusyFiles& busy,
                                     uint64_t now_us) const override {
    const int level = OldestLevel(tree);
    if (level < 0) return std::nullopt;
    uint64_t total = 0;
    for (const Level& l : tree.levels) total += l.Bytes();
    SortedRun oldest_first = tree.levels[static_cast<size_t>(level)].runs.back();
    std::sort(oldest_first.begin(), oldest_first.end(),
              [](const FileRef& a, const FileRef& b) { return a->number < b->number; });
    CompactionJob job;
    job.level = job.output_level = level;
    job.output_run = RunNumber(oldest_first);
    job.expired = true;
    SortedRun gone;
    for (const FileRef& file : oldest_first) {
      const bool too_much = total > maker_.options().fifo_bytes_max;
      if (!too_much && DueAt(*file) > now_us) continue;
      if (busy.count(file->number) > 0) return std::nullopt;
      if (gone.empty()) job.reason = Reason(*file, total, too_much, now_us);
      total -= file->bytes;
      gone.push_back(file);
    }
    if (gone.empty()) return std::nullopt;
    std::sort(gone.begin(), gone.end(), [this](const FileRef& a, const FileRef& b) {
      return maker_.cmp().Compare(a->smallest, b->smallest) < 0;
    });
    job.inputs.push_back({level, std::move(gone)});
    return job;
  }

  uint64_t NextDue(const Tree& tree, uint64_t now_us) const override {
    const int level = OldestLevel(tree);
    uint64_t next = UINT64_MAX;
    if (level < 0) return next;
    for (const FileRef& file : tree.levels[static_cast<size_t>(level)].runs.back()) {
      if (const uint64_t due = DueAt(*file); due > now_us) next = std::min(next, due);
    }
    return next;
  }

 private:
  // The deepest that holds data; -1: none does.
  static int OldestLevel(const Tree& tree) {
    auto level = static_cast<int>(tree.levels.size()) - 1;
    while (level >= 0 && tree.levels[static_cast<size_t>(level)].runs.empty()) --level;
    return level;
  }
  uint64_t DueAt(const FileMeta& file) const {
    const uint64_t ttl_us = maker_.options().ttl_us;
    if (ttl_us == 0 || file.facts.newest_us == 0) return UINT64_MAX;
    return file.facts.newest_us > UINT64_MAX - ttl_us ? UINT64_MAX : file.facts.newest_us + ttl_us;
  }
  std::string Reason(const FileMeta& file, uint64_t total, bool too_much, uint64_t now_us) const {
    if (too_much) {
      return fmt::format("the tables hold {} of {} at most", BytesText(static_cast<double>(total)),
                         BytesText(static_cast<double>(maker_.options().fifo_bytes_max)));
    }
    return fmt::format("table {} is {} us old, ttl {} us", file.number,
                       now_us - file.facts.newest_us, maker_.options().ttl_us);
  }

  JobMaker maker_;
};

}  // namespace

std::unique_ptr<const Policy> NewFifoPolicy(const PickerOptions& options,
                                            const InternalKeyComparator& cmp) {
  return std::make_unique<FifoPolicy>(options, cmp);
}

}  // namespace lsm
