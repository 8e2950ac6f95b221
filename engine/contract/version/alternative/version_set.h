// A second implementation of the version stage, as different from the reference as the contract
// allows: each Apply writes a complete manifest and replaces CURRENT, and the tree is rebuilt from
// one flat table list. The suite beside it must pass on both. Format: docs/formats/manifest.md.
//
// Invariant: every manifest of its own holds one record. (It reads manifests of many.)
// Thread-safety: as contract/version/concept.h asks.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <stage/wal/wal.h>
#include "base/coding.h"
#include "contract/version/concept.h"
#include "env/sync.h"
#include "format/batch.h"
#include "format/filename.h"

namespace lsm {

inline void EncodeEdit(const VersionEdit& edit, std::string* out) {
  const auto put = [out](std::initializer_list<uint64_t> numbers) {
    for (const uint64_t number : numbers) PutVarint64(out, number);
  };
  const auto level_of = [](int level) { return static_cast<uint64_t>(level); };
  if (edit.comparator) {
    put({1});
    PutLengthPrefixed(out, *edit.comparator);
  }
  if (edit.log_number) put({2, *edit.log_number});
  if (edit.next_file_number) put({3, *edit.next_file_number});
  if (edit.last_sequence) put({4, *edit.last_sequence});
  if (edit.sequence_runs_ahead) put({9, 0});
  for (const auto& [level, key] : edit.compact_pointers) {
    put({5, level_of(level)});
    PutLengthPrefixed(out, key);
  }
  for (const auto& [level, number] : edit.removed) put({6, level_of(level), number});
  for (const auto& [level, file] : edit.added) {
    if (file.run == DefaultRun(level, file.number)) {
      put({7, level_of(level), file.number, file.bytes});
    } else {
      put({64, level_of(level), file.run, file.number, file.bytes});
    }
    PutLengthPrefixed(out, file.smallest);
    PutLengthPrefixed(out, file.largest);
    if (file.compression != Compression::kNone) put({65, static_cast<uint64_t>(file.compression)});
  }
}

namespace alternative {

// Reads operands; after the first bad one `problem` is set and all that follows is void.
struct EditParser {
  std::string_view rest;
  std::string problem{};

  uint64_t Number(const char* field, uint64_t max) {
    uint64_t number = 0;
    if (!GetVarint64(&rest, &number) || number > max) Fail(field);
    return number;
  }
  int Level() { return static_cast<int>(Number("level", kMaxLevels - 1)); }
  uint64_t File(const char* field) { return Number(field, kFileNumberLimit - 1); }
  std::string Bytes(const char* field) {
    std::string_view bytes;
    if (!GetLengthPrefixed(&rest, &bytes)) Fail(field);
    return std::string(bytes);
  }
  std::string Key(const char* field) {
    std::string key = Bytes(field);
    ParsedInternalKey parsed;
    if (!ParseInternalKey(key, &parsed)) Fail(field);
    return key;
  }
  void Fail(const char* field) {
    if (problem.empty()) problem = std::string("version edit: bad ") + field;
  }
};

inline void ParseField(uint64_t tag, EditParser* in, VersionEdit* edit) {
  if (tag == 1) {
    edit->comparator = in->Bytes("comparator");
  } else if (tag == 2) {
    edit->log_number = in->File("log number");
  } else if (tag == 3) {
    edit->next_file_number = in->Number("next file number", kFileNumberLimit);
  } else if (tag == 4) {
    edit->last_sequence = in->Number("last sequence", kMaxSequence);
  } else if (tag == 5) {
    const int level = in->Level();
    edit->compact_pointers.emplace_back(level, in->Key("compact pointer"));
  } else if (tag == 6) {
    const int level = in->Level();
    edit->removed.emplace_back(level, in->File("removed file"));
  } else if (tag == 7 || tag == 64) {
    const int level = in->Level();
    FileMeta file;
    if (tag == 64) file.run = in->File("run");
    file.number = in->File("new file");
    if (tag == 7) file.run = DefaultRun(level, file.number);
    file.bytes = in->Number("size", UINT64_MAX);
    file.smallest = in->Key("smallest key");
    file.largest = in->Key("largest key");
    edit->added.emplace_back(level, std::move(file));
  } else if (tag == 9) {
    in->Number("previous log number", 0);
    edit->sequence_runs_ahead = true;
  } else if (tag == 65) {
    const auto codec = static_cast<Compression>(in->Number("codec", UINT8_MAX));
    if (edit->added.empty()) return in->Fail("codec of no new file");
    edit->added.back().second.compression = codec;
  } else {
    in->Fail("tag");
  }
}

}  // namespace alternative

inline Status DecodeEdit(std::string_view bytes, VersionEdit* edit) {
  *edit = {};
  alternative::EditParser in{bytes};
  while (!in.rest.empty() && in.problem.empty()) {
    alternative::ParseField(in.Number("tag", UINT32_MAX), &in, edit);
  }
  return in.problem.empty() ? Status::Ok() : Status::Corruption(in.problem);
}

class VersionSet {
 public:
  static Result<std::unique_ptr<VersionSet>> Create(const VersionOptions& options,
                                                    const VersionEdit& initial = {}) {
    const auto current = options.env->OpenSequential(CurrentFileName(options.dir));
    if (current.ok()) return Status::InvalidArgument(options.dir + " holds a database already");
    if (!current.status().IsNotFound()) return current.status();
    std::unique_ptr<VersionSet> set(new VersionSet(options));
    LSM_RETURN_IF_ERROR(set->Apply(initial));
    return set;
  }

  static Result<std::unique_ptr<VersionSet>> Recover(const VersionOptions& options) {
    std::unique_ptr<VersionSet> set(new VersionSet(options));
    LSM_RETURN_IF_ERROR(set->Load());
    return set;
  }

  Status Apply(const VersionEdit& edit) {
    if (!error_.ok()) return error_;
    State next = state_;
    std::string bytes;
    EncodeEdit(edit, &bytes);
    VersionEdit checked;
    error_ = DecodeEdit(bytes, &checked);
    if (error_.ok()) error_ = Change(edit, &next);
    if (error_.ok()) {
      for (const auto& [level, file] : checked.added) MarkFileNumberUsed(file.number);
      MarkFileNumberUsed(next.log);
      if (checked.next_file_number.value_or(0) > 0)
        MarkFileNumberUsed(*checked.next_file_number - 1);
      error_ = Save(next);
    }
    return error_;
  }
  Status Rotate() {
    const Status status = Save(state_);
    if (status.ok() || error_.ok()) error_ = status;
    return status;
  }
  std::shared_ptr<const Tree> current() const {
    const MutexLock lock(&mu_);
    return tree_;
  }
  uint64_t NewFileNumber() {
    const MutexLock lock(&mu_);
    return next_++;
  }
  void MarkFileNumberUsed(uint64_t number) {
    const MutexLock lock(&mu_);
    if (number < kFileNumberLimit) next_ = std::max(next_, number + 1);
  }
  SequenceNumber last_sequence() const { return state_.sequence; }
  bool sequence_runs_ahead() const { return state_.sequence_runs_ahead; }
  uint64_t log_number() const { return state_.log; }
  uint64_t manifest_number() const { return manifest_; }

 private:
  struct State {
    std::map<uint64_t, std::pair<int, FileRef>> tables;  // by number
    std::map<int, std::string> pointers;
    uint64_t log = 0;
    SequenceNumber sequence = 0;
    bool sequence_runs_ahead = false;
  };

  explicit VersionSet(const VersionOptions& options)
      : options_(options), cmp_(options.comparator), mu_(options.env), tree_(*Shape(State())) {}

  Status Change(const VersionEdit& edit, State* state) const {
    if (edit.comparator && *edit.comparator != options_.comparator->Name()) {
      return Status::InvalidArgument("comparator " + *edit.comparator + " is not " +
                                     std::string(options_.comparator->Name()));
    }
    for (const auto& [level, key] : edit.compact_pointers) state->pointers[level] = key;
    for (const auto& [level, number] : edit.removed) {
      const auto it = state->tables.find(number);
      if (it == state->tables.end() || it->second.first != level) {
        return Status::Corruption("no table " + std::to_string(number) + " to remove");
      }
      state->tables.erase(it);
    }
    for (const auto& [level, file] : edit.added) {
      std::pair<int, FileRef> entry(level, std::make_shared<const FileMeta>(file));
      if (!state->tables.emplace(file.number, std::move(entry)).second) {
        return Status::Corruption("table " + std::to_string(file.number) + " is there already");
      }
    }
    if (edit.log_number || edit.sequence_runs_ahead) {
      state->sequence_runs_ahead = edit.sequence_runs_ahead;
    }
    state->log = std::max(state->log, edit.log_number.value_or(0));
    state->sequence = std::max(state->sequence, edit.last_sequence.value_or(0));
    return Shape(*state).status();
  }

  // The tree that the table list stands for.
  Result<std::shared_ptr<const Tree>> Shape(const State& state) const {
    auto tree = std::make_shared<Tree>(kMaxLevels);
    for (const auto& [number, entry] : state.tables) {
      const FileRef& file = entry.second;
      std::vector<SortedRun>& runs = tree->levels[static_cast<size_t>(entry.first)].runs;
      auto run = std::find_if(runs.begin(), runs.end(), [&](const SortedRun& other) {
        return RunNumber(other) <= file->run;
      });
      if (run == runs.end() || RunNumber(*run) != file->run) run = runs.insert(run, SortedRun());
      const auto behind = std::find_if(run->begin(), run->end(), [&](const FileRef& other) {
        return cmp_.Compare(file->smallest, other->smallest) < 0;
      });
      run->insert(behind, file);
    }
    for (const auto& [level, key] : state.pointers) {
      tree->compact_pointers[static_cast<size_t>(level)] = key;
    }
    LSM_RETURN_IF_ERROR(CheckTree(*tree, cmp_));
    return std::shared_ptr<const Tree>(std::move(tree));
  }

  std::string Record(const State& state) {
    VersionEdit edit;
    edit.comparator = options_.comparator->Name();
    edit.log_number = state.log;
    edit.last_sequence = state.sequence;
    edit.sequence_runs_ahead = state.sequence_runs_ahead;
    edit.compact_pointers.assign(state.pointers.begin(), state.pointers.end());
    for (const auto& [number, entry] : state.tables) {
      edit.added.emplace_back(entry.first, *entry.second);
    }
    const MutexLock lock(&mu_);
    edit.next_file_number = next_;
    std::string record;
    EncodeEdit(edit, &record);
    return record;
  }

  Status WriteFile(const std::string& path, std::string_view contents, bool framed) {
    LSM_ASSIGN_OR_RETURN(const auto file, options_.env->CreateWritable(path, {}));
    if (framed) {
      LSM_RETURN_IF_ERROR(LogWriter(file.get()).Append(contents));
    } else {
      LSM_RETURN_IF_ERROR(file->Append(contents));
    }
    LSM_RETURN_IF_ERROR(file->Sync());
    return file->Close();
  }

  // Makes `state` the durable one, then the current one.
  Status Save(const State& state) {
    const uint64_t number = NewFileNumber();
    const std::string manifest = ManifestFileName(options_.dir, number);
    const std::string temp = TempFileName(options_.dir, number);
    LSM_RETURN_IF_ERROR(WriteFile(manifest, Record(state), true));
    LSM_RETURN_IF_ERROR(options_.env->SyncDir(options_.dir));
    LSM_RETURN_IF_ERROR(WriteFile(temp, manifest.substr(options_.dir.size() + 1) + "\n", false));
    LSM_RETURN_IF_ERROR(options_.env->RenameFile(temp, CurrentFileName(options_.dir)));
    LSM_RETURN_IF_ERROR(options_.env->SyncDir(options_.dir));
    manifest_ = number;
    LSM_ASSIGN_OR_RETURN(std::shared_ptr<const Tree> tree, Shape(state));
    state_ = state;
    const MutexLock lock(&mu_);
    tree_ = std::move(tree);
    return Status::Ok();
  }

  Status Load() {
    LSM_ASSIGN_OR_RETURN(const std::string manifest, ReadCurrent());
    auto file = options_.env->OpenSequential(manifest);
    if (file.status().IsNotFound()) return Status::Corruption(manifest + " is missing");
    if (!file.ok()) return file.status();
    const auto is_next = [this](const VersionEdit& edit) {
      return edit.next_file_number.value_or(next_) >= next_;
    };
    LogReader reader(file->get(), [&](std::string_view bytes) {
      VersionEdit edit;
      return DecodeEdit(bytes, &edit).ok() && is_next(edit);
    });
    std::array<bool, 4> seen{};
    bool stale = false;  // bytes of a file that is gone: nothing counts from there on
    std::string_view record;
    while (reader.Read(&record)) {
      VersionEdit edit;
      WriteBatch batch;
      Status status = DecodeEdit(record, &edit);
      if (seen[0] && (status.ok() ? !is_next(edit) : WriteBatchRep::Parse(record, &batch).ok())) {
        stale = true;
        continue;
      }
      if (stale) return Status::Corruption(manifest + ": an edit behind records of another file");
      if (status.ok()) status = Change(edit, &state_);
      if (!status.ok()) {
        return {status.code(), manifest + ": " + std::string(status.message())};
      }
      seen[0] |= edit.comparator.has_value();
      seen[1] |= edit.log_number.has_value();
      seen[2] |= edit.next_file_number.has_value();
      seen[3] |= edit.last_sequence.has_value();
      next_ = std::max(next_, edit.next_file_number.value_or(0));
    }
    const LogEnd end = reader.end();
    if (end.kind == LogEndKind::kIoError) return reader.status();
    const bool whole = std::find(seen.begin(), seen.end(), false) == seen.end();
    if (end.kind == LogEndKind::kCorrupt || !whole) {
      return Status::Corruption(manifest + ": offset " + std::to_string(end.offset) + ": " +
                                end.reason);
    }
    const uint64_t highest = state_.tables.empty() ? 0 : state_.tables.rbegin()->first;
    if (std::max(highest, state_.log) >= next_) {
      return Status::Corruption(manifest + ": file numbers in use are not below the next one");
    }
    MarkFileNumberUsed(manifest_);
    LSM_ASSIGN_OR_RETURN(tree_, Shape(state_));
    tree_ = WithDefaultRuns(tree_);
    if (options_.complete) {
      LSM_ASSIGN_OR_RETURN(tree_, WithFacts(tree_, options_.complete));
    }
    for (const Level& level : tree_->levels) {
      for (const SortedRun& run : level.runs) {
        for (const FileRef& table : run) state_.tables[table->number].second = table;
      }
    }
    return Status::Ok();
  }

  Result<std::string> ReadCurrent() {
    const std::string path = CurrentFileName(options_.dir);
    LSM_ASSIGN_OR_RETURN(const auto file, options_.env->OpenSequential(path));
    std::array<char, 64> buffer;
    std::string text;
    while (text.size() < buffer.size()) {
      LSM_ASSIGN_OR_RETURN(const size_t n, file->Read(buffer.size(), buffer.data()));
      if (n == 0) break;
      text.append(buffer.data(), n);
    }
    if (text.empty() || text.back() != '\n') return Status::Corruption(path + ": no whole line");
    text.pop_back();
    const ParsedFileName name = ParseFileName(text);
    std::string manifest = ManifestFileName(options_.dir, name.number);
    if (name.kind != FileKind::kManifest || manifest != options_.dir + "/" + text) {
      return Status::Corruption(path + ": names no manifest");
    }
    manifest_ = name.number;
    return manifest;
  }

  const VersionOptions options_;
  const InternalKeyComparator cmp_;
  State state_;
  uint64_t manifest_ = 0;
  Status error_;

  mutable Mutex mu_;
  uint64_t next_ = 1;                 // guarded by mu_
  std::shared_ptr<const Tree> tree_;  // guarded by mu_
};

}  // namespace lsm
