#include <stage/compaction/leveled_picker.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <stage/compaction/merge_tables.h>
#include "base/check.h"
#include "base/escape.h"
#include "base/marks.h"

namespace lsm {
namespace {

// Inputs grow for free only up to this many output files: a job should end soon. LevelDB's.
constexpr uint64_t kMaxGrownFactor = 25;

// User keys, both inclusive. Views into the tables they were taken from.
struct UserRange {
  std::string_view begin, end;
};

uint64_t TotalBytes(const std::vector<FileRef>& files) {
  uint64_t sum = 0;
  for (const FileRef& file : files) sum += file->bytes;
  return sum;
}

bool AnyBusy(const std::vector<FileRef>& files, const BusyFiles& busy) {
  return std::any_of(files.begin(), files.end(),
                     [&busy](const FileRef& file) { return busy.count(file->number) > 0; });
}

// The tables of a level that meet the range, in the level's order.
std::vector<FileRef> Overlapping(const Level& level, const InternalKeyComparator& cmp,
                                 const UserRange& range) {
  std::vector<FileRef> result;
  for (const SortedRun& run : level.runs) {
    for (FileRef& file : OverlappingFiles(run, cmp, range.begin, range.end)) {
      result.push_back(std::move(file));
    }
  }
  return result;
}

// Requires files.
UserRange Hull(const std::vector<FileRef>& files, const InternalKeyComparator& cmp) {
  UserRange hull{ExtractUserKey(files[0]->smallest), ExtractUserKey(files[0]->largest)};
  for (const FileRef& file : files) {
    const std::string_view smallest = ExtractUserKey(file->smallest);
    const std::string_view largest = ExtractUserKey(file->largest);
    if (cmp.CompareUserKeys(smallest, hull.begin) < 0) hull.begin = smallest;
    if (cmp.CompareUserKeys(largest, hull.end) > 0) hull.end = largest;
  }
  return hull;
}

// Both sets of inputs; the first is not empty.
UserRange Hull(const CompactionJob& job, const InternalKeyComparator& cmp) {
  std::vector<FileRef> all = job.inputs;
  all.insert(all.end(), job.next_inputs.begin(), job.next_inputs.end());
  return Hull(all, cmp);
}

std::string BytesText(double bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.4g} {}", bytes, kUnits[unit]);
}

std::string BoundText(std::string_view key, std::string_view open) {
  return key.data() == nullptr ? std::string(open) : Escape(key);
}

}  // namespace

double LeveledPicker::TargetBytes(int level) const {
  // In floating point: with a large ratio the target of level 6 does not fit an integer.
  auto target = static_cast<double>(options_.level1_bytes);
  for (int i = 1; i < level; ++i) target *= options_.size_ratio;
  return target;
}

double LeveledPicker::Score(const Tree& tree, int level) const {
  const auto index = static_cast<size_t>(level);
  LSM_DCHECK(index < tree.levels.size());
  if (index + 1 >= tree.levels.size()) return 0;
  if (level == 0) {
    return static_cast<double>(tree.levels[0].runs.size()) / options_.l0_trigger;
  }
  return static_cast<double>(tree.levels[index].Bytes()) / TargetBytes(level);
}

std::optional<CompactionJob> LeveledPicker::Pick(const Tree& tree, const BusyFiles& busy) const {
  std::vector<std::pair<double, int>> due;
  for (int level = 0; level < static_cast<int>(tree.levels.size()); ++level) {
    const double score = Score(tree, level);
    if (score >= 1) due.emplace_back(score, level);
  }
  // Of equal scores the upper level first: what is newer is read more often.
  std::stable_sort(due.begin(), due.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [score, level] : due) {
    std::optional<CompactionJob> job = Complete(tree, level, {NextInRound(tree, level)}, busy);
    if (!job) continue;
    const auto last = std::max_element(job->inputs.begin(), job->inputs.end(),
                                       [this](const FileRef& a, const FileRef& b) {
                                         return cmp_.Compare(a->largest, b->largest) < 0;
                                       });
    job->compact_pointer = (*last)->largest;
    job->score = score;
    job->reason = Reason(tree, level);
    return job;
  }
  return std::nullopt;
}

std::optional<CompactionJob> LeveledPicker::PickRange(const Tree& tree, int level,
                                                      std::string_view begin, std::string_view end,
                                                      const BusyFiles& busy) const {
  const auto index = static_cast<size_t>(level);
  LSM_DCHECK(index < tree.levels.size());
  if (index + 1 >= tree.levels.size()) return std::nullopt;
  std::vector<FileRef> seeds = Overlapping(tree.levels[index], cmp_, {begin, end});
  if (seeds.empty()) return std::nullopt;
  std::optional<CompactionJob> job = Complete(tree, level, std::move(seeds), busy);
  if (!job) return std::nullopt;
  job->score = Score(tree, level);
  job->reason = fmt::format("manual compaction of level {} from {} to {}", level,
                            BoundText(begin, "the front"), BoundText(end, "the end"));
  return job;
}

std::string LeveledPicker::Reason(const Tree& tree, int level) const {
  const auto index = static_cast<size_t>(level);
  if (level == 0) {
    return fmt::format("level 0 has {} runs, trigger {}", tree.levels[0].runs.size(),
                       options_.l0_trigger);
  }
  const std::string& pointer = tree.compact_pointers[index];
  return fmt::format(
      "level {} holds {} of {}; next in round robin {}", level,
      BytesText(static_cast<double>(tree.levels[index].Bytes())), BytesText(TargetBytes(level)),
      pointer.empty() ? "from the front" : "after key " + Escape(ExtractUserKey(pointer)));
}

// The table with the least largest key behind the level's compact pointer, or of all.
FileRef LeveledPicker::NextInRound(const Tree& tree, int level) const {
  const auto index = static_cast<size_t>(level);
  const std::string& pointer = tree.compact_pointers[index];
  FileRef first, next;
  const auto improve = [this](FileRef* best, const FileRef& file) {
    if (*best == nullptr || cmp_.Compare(file->largest, (*best)->largest) < 0) *best = file;
  };
  for (const SortedRun& run : tree.levels[index].runs) {
    for (const FileRef& file : run) {
      improve(&first, file);
      if (!pointer.empty() && cmp_.Compare(file->largest, pointer) > 0) improve(&next, file);
    }
  }
  return next != nullptr ? next : first;
}

// Adds to `files` what their level must not separate from them, until nothing is left to add. In
// level 0 that is every table that overlaps (an older version must not stay above a newer one);
// deeper, a neighbour that begins with the user key with which a table ends.
std::vector<FileRef> LeveledPicker::Closure(const Level& level, std::vector<FileRef> files) const {
  for (size_t before = 0; before != files.size();) {
    before = files.size();
    files = Overlapping(level, cmp_, Hull(files, cmp_));
  }
  return files;
}

std::vector<FileRef> LeveledPicker::OverlapClosure(const Level& level,
                                                   const std::vector<FileRef>& files) const {
  return Closure(level, Overlapping(level, cmp_, Hull(files, cmp_)));
}

// The job that compacts `seeds`; none if it would need a busy table.
std::optional<CompactionJob> LeveledPicker::Complete(const Tree& tree, int level,
                                                     std::vector<FileRef> seeds,
                                                     const BusyFiles& busy) const {
  const auto index = static_cast<size_t>(level);
  CompactionJob job;
  job.level = level;
  job.output_level = level + 1;
  const size_t seed_count = seeds.size();
  job.inputs = Closure(tree.levels[index], std::move(seeds));
  if (level == 0 && job.inputs.size() > seed_count) LSM_MARK(l0_overlap_expanded);
  job.next_inputs = OverlapClosure(tree.levels[index + 1], job.inputs);
  if (AnyBusy(job.inputs, busy) || AnyBusy(job.next_inputs, busy)) return std::nullopt;
  Grow(tree, busy, &job);
  if (index + 2 < tree.levels.size()) {
    job.grandparents = Overlapping(tree.levels[index + 2], cmp_, Hull(job, cmp_));
  }
  // A moved table obeys the bound of an output, so that its later compaction stays cheap.
  job.trivial_move =
      job.inputs.size() == 1 && job.next_inputs.empty() &&
      TotalBytes(job.grandparents) <= kMaxGrandparentFactor * options_.max_file_bytes;
  return job;
}

// Takes more of the level along where that adds nothing to next_inputs: the same bytes below are
// rewritten for more data from above.
void LeveledPicker::Grow(const Tree& tree, const BusyFiles& busy, CompactionJob* job) const {
  if (job->next_inputs.empty()) return;
  const auto index = static_cast<size_t>(job->level);
  const Level& level = tree.levels[index];
  std::vector<FileRef> grown = Closure(level, Overlapping(level, cmp_, Hull(*job, cmp_)));
  if (grown.size() == job->inputs.size() || AnyBusy(grown, busy)) return;
  const uint64_t bytes = TotalBytes(grown) + TotalBytes(job->next_inputs);
  if (bytes > kMaxGrownFactor * options_.max_file_bytes) return;
  if (OverlapClosure(tree.levels[index + 1], grown).size() != job->next_inputs.size()) return;
  job->inputs = std::move(grown);
}

}  // namespace lsm
