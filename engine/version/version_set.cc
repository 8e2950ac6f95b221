#include <stage/version/version_set.h>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <stage/version/current_file.h>
#include <stage/version/manifest_reader.h>
#include <stage/version/tree_builder.h>
#include "base/check.h"
#include "base/marks.h"
#include "contract/version/concept.h"
#include "format/filename.h"

namespace lsm {

static_assert(VersionSetStage<VersionSet>);

namespace {

// A manifest is replaced when its edits outweigh its first record by this much: open time and disk
// space stay bounded, and rewriting costs at most as much as the edits did.
constexpr uint64_t kEditBytesMin = uint64_t{1} << 20;

}  // namespace

// An open manifest. The destructor closes it; all of it was synced, so that closing cannot lose
// anything.
struct VersionSet::Manifest {
  explicit Manifest(std::unique_ptr<WritableFile> f) : file(std::move(f)), writer(file.get()) {}

  bool TooLarge() const {
    return writer.Size() > first_record_bytes + std::max(first_record_bytes, kEditBytesMin);
  }
  Status AppendAndSync(const VersionEdit& edit) {
    std::string record;
    EncodeEdit(edit, &record);
    VersionEdit reread;  // nothing is written that could not be read back
    LSM_RETURN_IF_ERROR(DecodeEdit(record, &reread));
    LSM_RETURN_IF_ERROR(writer.Append(record));
    return writer.Sync();
  }

  std::unique_ptr<WritableFile> file;
  LogWriter writer;
  uint64_t first_record_bytes = 0;
};

VersionSet::VersionSet(const VersionOptions& options)
    : options_(options),
      cmp_(options.comparator),
      mu_(options.env),
      current_(std::make_shared<const Tree>(static_cast<size_t>(options.num_levels))) {}

VersionSet::~VersionSet() = default;

Result<std::unique_ptr<VersionSet>> VersionSet::Create(const VersionOptions& options,
                                                       const VersionEdit& initial) {
  const auto existing = options.env->OpenSequential(CurrentFileName(options.dir));
  if (existing.ok()) {
    return Status::InvalidArgument(fmt::format("{} holds a database already", options.dir));
  }
  if (!existing.status().IsNotFound()) return existing.status();
  std::unique_ptr<VersionSet> set(new VersionSet(options));
  LSM_ASSIGN_OR_RETURN(set->current_, set->NextTree(initial));
  VersionEdit full = initial;
  set->FillNumbers(&full);
  set->log_number_ = *full.log_number;
  set->last_sequence_ = *full.last_sequence;
  set->sequence_runs_ahead_ = full.sequence_runs_ahead;
  LSM_RETURN_IF_ERROR(set->BeginManifest());
  return set;
}

Result<std::unique_ptr<VersionSet>> VersionSet::Recover(const VersionOptions& options) {
  LSM_ASSIGN_OR_RETURN(const uint64_t number, ReadCurrent(options.env, options.dir));
  LSM_ASSIGN_OR_RETURN(ManifestState state, ReadManifest(options, number));
  std::unique_ptr<VersionSet> set(new VersionSet(options));
  set->next_file_number_ = state.next_file_number;
  set->MarkFileNumberUsed(number);
  set->last_sequence_ = state.last_sequence;
  set->sequence_runs_ahead_ = state.sequence_runs_ahead;
  set->log_number_ = state.log_number;
  set->manifest_number_ = number;
  set->current_ = std::move(state.tree);
  if (options.complete) {
    LSM_ASSIGN_OR_RETURN(set->current_, WithFacts(set->current_, options.complete));
  }
  return set;
}

Status VersionSet::Apply(const VersionEdit& edit) {
  if (error_.ok()) error_ = ApplyUnlessFailed(edit);
  return error_;
}

Status VersionSet::Rotate() {
  Status status = BeginManifest();
  if (status.ok()) {
    LSM_MARK(manifest_rotated);
    error_ = Status::Ok();
  } else if (error_.ok()) {
    // CURRENT may name the new manifest already: an edit appended to the old one could be lost.
    error_ = status;
  }
  return status;
}

Status VersionSet::ApplyUnlessFailed(const VersionEdit& edit) {
  LSM_ASSIGN_OR_RETURN(std::shared_ptr<const Tree> tree, NextTree(edit));
  if (manifest_ == nullptr || manifest_->TooLarge()) LSM_RETURN_IF_ERROR(BeginManifest());
  VersionEdit full = edit;
  FillNumbers(&full);
  LSM_RETURN_IF_ERROR(manifest_->AppendAndSync(full));
  log_number_ = *full.log_number;
  last_sequence_ = *full.last_sequence;
  sequence_runs_ahead_ = full.sequence_runs_ahead;
  const MutexLock lock(&mu_);
  current_ = std::move(tree);
  return Status::Ok();
}

// The caller's edit takes the way through its bytes: decoding is where keys and levels are checked.
Result<std::shared_ptr<const Tree>> VersionSet::NextTree(const VersionEdit& edit) const {
  std::string bytes;
  EncodeEdit(edit, &bytes);
  VersionEdit decoded;
  LSM_RETURN_IF_ERROR(DecodeEdit(bytes, &decoded));
  if (edit.comparator.value_or(std::string(cmp_.user_comparator()->Name())) !=
      cmp_.user_comparator()->Name()) {
    return Status::InvalidArgument(fmt::format("version edit: comparator {} instead of {}",
                                               *edit.comparator, cmp_.user_comparator()->Name()));
  }
  TreeBuilder builder(cmp_, *current());
  LSM_RETURN_IF_ERROR(builder.Apply(edit));  // not `decoded`: the facts of tables have no bytes
  return builder.Build();
}

void VersionSet::FillNumbers(VersionEdit* edit) {
  if (!edit->log_number.has_value()) edit->sequence_runs_ahead |= sequence_runs_ahead_;
  edit->log_number = std::max(edit->log_number.value_or(0), log_number_);
  edit->last_sequence = std::max(edit->last_sequence.value_or(0), last_sequence_);
  MarkFileNumberUsed(*edit->log_number);
  for (const auto& [level, file] : edit->added) MarkFileNumberUsed(file.number);
  if (edit->next_file_number.value_or(0) > 0) MarkFileNumberUsed(*edit->next_file_number - 1);
  edit->next_file_number = next_file_number_.load(std::memory_order_relaxed);
}

void VersionSet::MarkFileNumberUsed(uint64_t number) {
  if (number >= kFileNumberLimit) return;  // a stray file's name: the counter never gets there
  uint64_t next = next_file_number_.load(std::memory_order_relaxed);
  while (next <= number &&
         !next_file_number_.compare_exchange_weak(next, number + 1, std::memory_order_relaxed)) {
  }
}

std::shared_ptr<const Tree> VersionSet::current() const {
  const MutexLock lock(&mu_);
  return current_;
}

Status VersionSet::BeginManifest() {
  const uint64_t number = NewFileNumber();
  LSM_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                       options_.env->CreateWritable(ManifestFileName(options_.dir, number), {}));
  auto manifest = std::make_unique<Manifest>(std::move(file));
  LSM_RETURN_IF_ERROR(manifest->AppendAndSync(Snapshot()));
  manifest->first_record_bytes = manifest->writer.Size();
  LSM_RETURN_IF_ERROR(options_.env->SyncDir(options_.dir));
  LSM_RETURN_IF_ERROR(ReplaceCurrent(options_.env, options_.dir, number));
  manifest_ = std::move(manifest);
  manifest_number_ = number;
  return Status::Ok();
}

VersionEdit VersionSet::Snapshot() const {
  VersionEdit edit;
  edit.comparator = cmp_.user_comparator()->Name();
  edit.log_number = log_number_;
  edit.next_file_number = next_file_number_.load(std::memory_order_relaxed);
  edit.last_sequence = last_sequence_;
  edit.sequence_runs_ahead = sequence_runs_ahead_;
  const std::shared_ptr<const Tree> tree = current();
  for (size_t level = 0; level < tree->levels.size(); ++level) {
    const int n = static_cast<int>(level);
    if (const std::string& key = tree->compact_pointers[level]; !key.empty()) {
      edit.compact_pointers.emplace_back(n, key);
    }
    for (const SortedRun& run : tree->levels[level].runs) {
      for (const FileRef& file : run) edit.added.emplace_back(n, *file);
    }
  }
  return edit;
}

}  // namespace lsm
