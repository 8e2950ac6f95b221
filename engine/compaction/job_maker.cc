#include <stage/compaction/job_maker.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <stage/compaction/merge_tables.h>
#include "base/check.h"
#include "base/marks.h"

namespace lsm {
namespace {

// Inputs grow for free only up to this many output files: a job should end soon. LevelDB's.
constexpr uint64_t kMaxGrownFactor = 25;

bool AnyBusy(const std::vector<FileRef>& files, const BusyFiles& busy) {
  return std::any_of(files.begin(), files.end(),
                     [&busy](const FileRef& file) { return busy.count(file->number) > 0; });
}

std::vector<FileRef> Both(const std::vector<FileRef>& a, const std::vector<FileRef>& b) {
  std::vector<FileRef> both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

// `files` stand in the level's order, so that those of one run stand together.
void AddInputs(int level, const std::vector<FileRef>& files, CompactionJob* job) {
  for (size_t i = 0; i < files.size(); ++i) {
    if (i == 0 || files[i]->run != files[i - 1]->run) job->inputs.push_back({level, {}});
    job->inputs.back().files.push_back(files[i]);
  }
}

uint64_t OldestRun(const Level& level) {
  return level.runs.empty() ? 0 : RunNumber(level.runs.back());
}

// No two meet in a user key.
bool Disjoint(std::vector<FileRef> files, const InternalKeyComparator& cmp) {
  std::sort(files.begin(), files.end(), [&cmp](const FileRef& a, const FileRef& b) {
    return cmp.Compare(a->smallest, b->smallest) < 0;
  });
  for (size_t i = 1; i < files.size(); ++i) {
    if (cmp.CompareUserKeys(ExtractUserKey(files[i - 1]->largest),
                            ExtractUserKey(files[i]->smallest)) >= 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<FileRef> AllTables(const Level& level) {
  std::vector<FileRef> files;
  for (const SortedRun& run : level.runs) files.insert(files.end(), run.begin(), run.end());
  return files;
}

std::string BytesText(double bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.4g} {}", bytes, kUnits[unit]);
}

double TargetBytes(const PickerOptions& options, int level) {
  // In floating point: with a large ratio the target of level 6 does not fit an integer.
  auto target = static_cast<double>(options.level1_bytes);
  for (int i = 1; i < level; ++i) target *= options.size_ratio;
  return target;
}

std::vector<FileRef> JobMaker::Meeting(const Level& level, std::string_view begin,
                                       std::string_view end) const {
  std::vector<FileRef> result;
  for (const SortedRun& run : level.runs) {
    for (FileRef& file : OverlappingFiles(run, cmp_, begin, end)) {
      result.push_back(std::move(file));
    }
  }
  return result;
}

// Adds to `files` what their level must not separate from them, until nothing is left to add: every
// table of another run that overlaps (an older version must not stay above a newer one), and in the
// same run a neighbour that begins with the user key with which a table ends.
std::vector<FileRef> JobMaker::Closure(const Level& level, std::vector<FileRef> files) const {
  for (size_t before = 0; before != files.size();) {
    before = files.size();
    const UserRange hull = Hull(files, cmp_);
    files = Meeting(level, hull.begin, hull.end);
  }
  return files;
}

std::vector<FileRef> JobMaker::OverlapClosure(const Level& level,
                                              const std::vector<FileRef>& files) const {
  const UserRange hull = Hull(files, cmp_);
  std::vector<FileRef> met = Meeting(level, hull.begin, hull.end);
  return met.empty() ? met : Closure(level, std::move(met));
}

std::optional<CompactionJob> JobMaker::MergeDown(const Tree& tree, int level,
                                                 std::vector<FileRef> seeds,
                                                 const BusyFiles& busy) const {
  const auto index = static_cast<size_t>(level);
  LSM_DCHECK(index + 1 < tree.levels.size() && !seeds.empty());
  const size_t seed_count = seeds.size();
  std::vector<FileRef> inputs = Closure(tree.levels[index], std::move(seeds));
  if (level == 0 && inputs.size() > seed_count) LSM_MARK(l0_overlap_expanded);
  const std::vector<FileRef> next = OverlapClosure(tree.levels[index + 1], inputs);
  if (AnyBusy(inputs, busy) || AnyBusy(next, busy)) return std::nullopt;
  Grow(tree, level, busy, &inputs, next);
  CompactionJob job;
  job.level = level;
  job.output_level = level + 1;
  job.output_run = OldestRun(tree.levels[index + 1]);
  AddInputs(level, inputs, &job);
  AddInputs(level + 1, next, &job);
  if (index + 2 < tree.levels.size() && !tree.levels[index + 2].runs.empty()) {
    const UserRange hull = Hull(Both(inputs, next), cmp_);
    job.grandparents =
        OverlappingFiles(tree.levels[index + 2].runs.back(), cmp_, hull.begin, hull.end);
  }
  // A moved table obeys the bound of an output, so that its later compaction stays cheap.
  job.trivial_move =
      inputs.size() == 1 && next.empty() &&
      TotalBytes(job.grandparents) <= kMaxGrandparentFactor * options_.max_file_bytes;
  return job;
}

std::optional<CompactionJob> JobMaker::MergeWithin(const Tree& tree, int level,
                                                   std::vector<FileRef> seeds,
                                                   const BusyFiles& busy) const {
  const Level& shape = tree.levels[static_cast<size_t>(level)];
  LSM_DCHECK(!seeds.empty());
  const std::vector<FileRef> inputs = Closure(shape, std::move(seeds));
  if (AnyBusy(inputs, busy)) return std::nullopt;
  CompactionJob job;
  job.level = job.output_level = level;
  job.output_run = OldestRun(shape);
  AddInputs(level, inputs, &job);
  job.trivial_move = inputs.size() == 1;
  return job;
}

std::optional<CompactionJob> JobMaker::StackDown(const Tree& tree, int level,
                                                 const BusyFiles& busy) const {
  const auto index = static_cast<size_t>(level);
  LSM_DCHECK(index + 1 < tree.levels.size() && !tree.levels[index].runs.empty());
  const std::vector<FileRef> inputs = AllTables(tree.levels[index]);
  if (AnyBusy(inputs, busy)) return std::nullopt;
  CompactionJob job;
  job.level = level;
  job.output_level = level + 1;
  const std::vector<SortedRun>& below = tree.levels[index + 1].runs;
  job.output_run = below.empty() ? 0 : RunNumber(below.front()) + 1;
  AddInputs(level, inputs, &job);
  job.trivial_move = Disjoint(inputs, cmp_);
  return job;
}

std::optional<CompactionJob> JobMaker::SinkTombstones(const Tree& tree, int level,
                                                      const FileRef& file,
                                                      const BusyFiles& busy) const {
  if (level == 0) return MergeDown(tree, level, {file}, busy);  // LevelDB has a run a table there
  const auto index = static_cast<size_t>(level);
  const UserRange range = Hull({file}, cmp_);
  for (size_t below = index + 1; below < tree.levels.size(); ++below) {
    if (!Meeting(tree.levels[below], range.begin, range.end).empty()) {
      return MergeDown(tree, level, {file}, busy);
    }
  }
  Level own;
  for (const SortedRun& run : tree.levels[index].runs) {
    if (RunNumber(run) < file->run &&
        !OverlappingFiles(run, cmp_, range.begin, range.end).empty()) {
      return MergeWithin(tree, level, {file}, busy);
    }
    if (RunNumber(run) == file->run) own.runs.push_back(run);
  }
  const std::vector<FileRef> inputs = Closure(own, {file});
  if (AnyBusy(inputs, busy)) return std::nullopt;
  CompactionJob job;
  job.level = job.output_level = level;
  job.output_run = file->run;
  AddInputs(level, inputs, &job);
  job.at_bottom = true;
  return job;
}

// Takes more of the level along where that adds nothing to `next`: the same bytes below are
// rewritten for more data from above.
void JobMaker::Grow(const Tree& tree, int level, const BusyFiles& busy,
                    std::vector<FileRef>* inputs, const std::vector<FileRef>& next) const {
  if (next.empty()) return;
  const auto index = static_cast<size_t>(level);
  const UserRange hull = Hull(Both(*inputs, next), cmp_);
  std::vector<FileRef> grown =
      Closure(tree.levels[index], Meeting(tree.levels[index], hull.begin, hull.end));
  if (grown.size() == inputs->size() || AnyBusy(grown, busy)) return;
  if (TotalBytes(grown) + TotalBytes(next) > kMaxGrownFactor * options_.max_file_bytes) return;
  if (OverlapClosure(tree.levels[index + 1], grown).size() != next.size()) return;
  *inputs = std::move(grown);
}

}  // namespace lsm
