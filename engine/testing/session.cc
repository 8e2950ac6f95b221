#include "testing/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/read_bounds.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;
using Entries = std::vector<std::pair<std::string, std::string>>;

constexpr char kNoIterator[] = "nothing: no such iterator";

std::string ShowEntry(const Entries& entries, size_t i) {
  if (i >= entries.size()) return "the end";
  return Escape(entries[i].first) + " = " + PrintValue(entries[i].second);
}

std::string ShowPosition(const Iterator& iterator) {
  if (!iterator.Valid()) return "the end";
  return Escape(iterator.key()) + " = " + PrintValue(iterator.value());
}

ReadOptions WithBounds(ReadOptions options, const KeyRange& range) {
  options.lower_bound = BoundView(range.from);
  options.upper_bound = BoundView(range.to);
  return options;
}

WriteBatch ToBatch(const std::vector<Update>& updates) {
  WriteBatch batch;
  for (const Update& update : updates) {
    if (update.value.has_value()) {
      batch.Put(update.key, *update.value);
    } else {
      batch.Delete(update.key);
    }
  }
  return batch;
}

// What is left over when it fails does no harm. False if nothing could be done.
bool RemoveDirectory(Env* env, const std::string& path) {
  const auto names = env->ListDir(path);
  if (!names.ok()) return false;
  for (const std::string& name : *names) env->RemoveFile(path + "/" + name).IgnoreError();
  env->RemoveDir(path).IgnoreError();
  return true;
}

Property PropertyOf(const Operation& op) { return op.at.empty() ? Property::kP15 : Property::kP11; }

}  // namespace

Entries WalkForward(Iterator* iterator) {
  Entries entries;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    entries.emplace_back(iterator->key(), iterator->value());
  }
  return entries;
}

Entries WalkBackward(Iterator* iterator) {
  Entries entries;
  for (iterator->SeekToLast(); iterator->Valid(); iterator->Prev()) {
    entries.emplace_back(iterator->key(), iterator->value());
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

std::string Session::Do(const Operation& op, size_t step) {
  world_->judge->BeginStep(client_, step);
  world_->BeginCall();
  std::string answer = Perform(op, step);
  world_->EndCall(step);
  return answer;
}

std::string Session::Perform(const Operation& op, size_t step) {
  switch (op.kind) {
    case Kind::kPut:
    case Kind::kDelete:
    case Kind::kBatch:
      return Write(op, step);
    case Kind::kGet:
      return Get(op, step);
    case Kind::kMultiGet:
      return MultiGet(op, step);
    case Kind::kScan:
    case Kind::kReverseScan:
      return Scan(op, step);
    case Kind::kPrefixScan:
      return PrefixScan(op, step);
    case Kind::kZigzag:
      return Zigzag(op, step);
    case Kind::kSnapshot:
      return TakeSnapshot(op);
    case Kind::kRelease:
      return Release(op);
    case Kind::kIterate:
      return Iterate(op, step);
    case Kind::kCheck:
      return CheckIterator(op, step);
    case Kind::kClose:
      return iterators_.erase(op.name) == 0 ? kNoIterator : "OK";
    case Kind::kCheckpoint:
      return Checkpoint(step);
    case Kind::kSleep:
      world_->env.SleepMicros(op.number);
      return "OK";
    case Kind::kClock:
      world_->env.SetWallClock(op.number);
      return "OK";
    case Kind::kSizes:
      return Sizes(op, step);
    case Kind::kDeleteFiles:
      return DeleteFiles(op, step);
    default:
      return Maintain(op, step);
  }
}

void Session::CloseAll() {
  iterators_.clear();
  for (const auto& [name, open] : snapshots_) world_->db->ReleaseSnapshot(open.snapshot);
  snapshots_.clear();
}

std::string Session::Write(const Operation& op, size_t step) {
  const WriteOptions options{op.sync};
  const bool log_had_failed = world_->faults.log_failed();
  world_->judge->BeginWrite(client_, op.updates);
  Status status;
  if (op.kind == Kind::kPut) {
    status = world_->db->Put(options, op.updates[0].key, *op.updates[0].value);
  } else if (op.kind == Kind::kDelete) {
    status = world_->db->Delete(options, op.updates[0].key);
  } else {
    status = world_->db->Write(options, ToBatch(op.updates));
  }
  const bool synced = op.sync || world_->options.wal_sync == WalSync::kEveryWrite;
  world_->judge->EndWrite(client_, status.ok(), synced);
  if (status.ok() && log_had_failed && world_->faults.log_failed()) {
    world_->Fail(Property::kP10, step, "", "an error: the log failed before", "OK");
  }
  world_->Expect(status, step);
  return status.ToString();
}

std::string Session::Get(const Operation& op, size_t step) {
  const std::string& key = op.keys[0];
  std::string value;
  Status status;
  AnswerJudge::View* view = nullptr;
  if (!ReadAt(op, &view, [&](const ReadOptions& o) { status = world_->db->Get(o, key, &value); })) {
    return kNoSnapshot;
  }
  if (!status.IsNotFound() && !world_->Expect(status, step)) return status.ToString();
  Contents seen;
  if (status.ok()) seen.emplace(key, value);
  world_->Judge(world_->judge->Check(view, KeyRange::Only(key), seen, PropertyOf(op)), step);
  return status.ok() ? PrintValue(value) : "absent";
}

std::string Session::MultiGet(const Operation& op, size_t step) {
  const std::vector<std::string_view> keys(op.keys.begin(), op.keys.end());
  std::vector<std::string> values;
  std::vector<Status> statuses;
  AnswerJudge::View* view = nullptr;
  const auto read = [&](const ReadOptions& o) {
    statuses = world_->db->MultiGet(o, keys, &values);
  };
  if (!ReadAt(op, &view, read)) return kNoSnapshot;
  if (statuses.size() != keys.size() || values.size() != keys.size()) {
    world_->Fail(Property::kP0, step, "", "one status and value a key", "another number");
    return "malformed";
  }
  std::string answer;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!statuses[i].IsNotFound() && !world_->Expect(statuses[i], step)) continue;
    Contents seen;
    if (statuses[i].ok()) seen.emplace(keys[i], values[i]);
    const KeyRange range = KeyRange::Only(keys[i]);
    world_->Judge(world_->judge->Check(view, range, seen, PropertyOf(op)), step);
    answer += (i == 0 ? "" : " ") + (statuses[i].ok() ? PrintValue(values[i]) : "absent");
  }
  return answer;
}

// Walks an iterator both ways: the same entries, in order, and those that the view holds.
std::string Session::CheckWalk(Iterator* iterator, AnswerJudge::View* view, const KeyRange& range,
                               bool backward_first, Property property, size_t step) {
  const Entries first = backward_first ? WalkBackward(iterator) : WalkForward(iterator);
  if (!world_->Expect(iterator->status(), step)) return iterator->status().ToString();
  const Entries second = backward_first ? WalkForward(iterator) : WalkBackward(iterator);
  if (!world_->Expect(iterator->status(), step)) return iterator->status().ToString();
  Contents seen;
  for (size_t i = 0; i < first.size(); ++i) {
    if (i > 0 && first[i].first <= first[i - 1].first) {
      world_->Fail(Property::kP12, step, first[i].first, "ascending keys",
                   "behind " + Escape(first[i - 1].first));
    }
    seen.insert(first[i]);
  }
  world_->Judge(world_->judge->Check(view, range, seen, property), step);
  const Entries& forward = backward_first ? second : first;
  const Entries& backward = backward_first ? first : second;
  for (size_t i = 0; i < std::max(forward.size(), backward.size()); ++i) {
    if (i < forward.size() && i < backward.size() && forward[i] == backward[i]) continue;
    world_->Fail(Property::kP12, step, i < forward.size() ? forward[i].first : backward[i].first,
                 ShowEntry(forward, i) + " forward", ShowEntry(backward, i) + " backward");
    break;
  }
  return fmt::format("{} entries", first.size());
}

std::string Session::Scan(const Operation& op, size_t step) {
  std::unique_ptr<Iterator> iterator;
  AnswerJudge::View* view = nullptr;
  const auto open = [&](const ReadOptions& o) {
    iterator = world_->db->NewIterator(WithBounds(o, op.range));
  };
  if (!ReadAt(op, &view, open)) return kNoSnapshot;
  const Property property = op.at.empty() ? Property::kP12 : Property::kP11;
  return CheckWalk(iterator.get(), view, op.range, op.kind == Kind::kReverseScan, property, step);
}

// Walks from a key with many turns, and compares each position with the plain walk.
std::string Session::Zigzag(const Operation& op, size_t step) {
  constexpr std::string_view kMoves = "++-+--+++-+---+-++--";
  std::unique_ptr<Iterator> it;
  AnswerJudge::View* view = nullptr;
  const auto open = [&](const ReadOptions& o) { it = world_->db->NewIterator(o); };
  if (!ReadAt(op, &view, open)) return kNoSnapshot;
  const std::string answer = CheckWalk(it.get(), view, KeyRange(), false, Property::kP12, step);
  const Entries entries = WalkForward(it.get());
  if (!world_->Expect(it->status(), step)) return it->status().ToString();
  const std::string& key = op.keys[0];
  const auto not_below = std::partition_point(entries.begin(), entries.end(),
                                              [&](const auto& entry) { return entry.first < key; });
  const auto lower = static_cast<size_t>(not_below - entries.begin());
  const bool exact = not_below != entries.end() && not_below->first == key;
  for (const bool backward : {false, true}) {
    // One position before the first wraps to "the end" as well.
    size_t at = backward && !exact ? lower - 1 : lower;
    backward ? it->SeekForPrev(key) : it->Seek(key);
    for (size_t i = 0; !world_->failed(); ++i) {
      if (!world_->Expect(it->status(), step)) return it->status().ToString();
      const std::string expected = ShowEntry(entries, at), actual = ShowPosition(*it);
      if (expected != actual) {
        world_->Fail(Property::kP12, step, key, fmt::format("{} after {} moves", expected, i),
                     actual);
      }
      if (!it->Valid() || i == kMoves.size()) break;
      const bool forward = (kMoves[i] == '+') != backward;
      forward ? it->Next() : it->Prev();
      at += forward ? 1 : SIZE_MAX;
    }
  }
  return answer;
}

std::string Session::TakeSnapshot(const Operation& op) {
  Release(op);
  AnswerJudge::View view = world_->judge->BeginView(client_);
  const Snapshot* snapshot = world_->db->GetSnapshot();
  world_->judge->EndView(&view);
  snapshots_.insert({op.name, OpenSnapshot{snapshot, std::move(view)}});
  return "OK";
}

std::string Session::Release(const Operation& op) {
  const auto open = snapshots_.find(op.name);
  if (open == snapshots_.end()) return kNoSnapshot;
  world_->db->ReleaseSnapshot(open->second.snapshot);
  snapshots_.erase(open);
  return "OK";
}

std::string Session::Iterate(const Operation& op, size_t step) {
  iterators_.erase(op.name);
  AnswerJudge::View view = world_->judge->BeginView(client_);
  auto iterator = world_->db->NewIterator(WithBounds({}, op.range));
  world_->judge->EndView(&view);
  world_->Expect(iterator->status(), step);
  iterators_.insert({op.name, OpenIterator{std::move(iterator), std::move(view), op.range}});
  return "OK";
}

std::string Session::CheckIterator(const Operation& op, size_t step) {
  const auto found = iterators_.find(op.name);
  if (found == iterators_.end()) return kNoIterator;
  OpenIterator& open = found->second;
  return CheckWalk(open.iterator.get(), &open.view, open.range, false, Property::kP11, step);
}

// The checkpoint is a database of its own, with the state of one moment within the call.
std::string Session::Checkpoint(size_t step) {
  const std::string path = fmt::format("/checkpoint-{}", step);
  AnswerJudge::View view = world_->judge->BeginView(client_);
  const Status status = world_->db->Checkpoint(path);
  world_->judge->EndView(&view);
  if (!world_->Expect(status, step)) return status.ToString();
  Options options = world_->options;
  options.create_if_missing = false;
  options.listener = nullptr;  // which hears of the run's database
  options.fifo_bytes_max = uint64_t{1} << 50;
  options.ttl_us = 0;  // nothing expires in the copy
  std::string answer;
  {
    auto copy = world_->run.open(options, path);
    if (!world_->Expect(copy.status(), step)) return copy.status().ToString();
    auto iterator = (*copy)->NewIterator({});
    answer = CheckWalk(iterator.get(), &view, KeyRange(), false, Property::kP11, step);
    iterator.reset();
    world_->Expect((*copy)->Close(), step);
  }
  if (!RemoveDirectory(&world_->env, path)) world_->faults.OnError();
  return answer;
}

std::string Session::Maintain(const Operation& op, size_t step) {
  DB* db = world_->db.get();
  const std::vector<size_t> returned = world_->judge->Returned();
  Status status;
  switch (op.kind) {
    case Kind::kFlush:
      status = db->Flush();
      break;
    case Kind::kSyncWal:
      status = db->SyncWal();
      break;
    case Kind::kCompact:
      status = db->CompactRange({}, BoundView(op.range.from), BoundView(op.range.to));
      break;
    case Kind::kCompactLevel:
      // The last level has none to be merged into.
      if (op.number + 1 >= static_cast<uint64_t>(world_->options.num_levels)) return "refused";
      status = db->CompactRange({.level = static_cast<int>(op.number)}, BoundView(op.range.from),
                                BoundView(op.range.to));
      break;
    case Kind::kWait:
      status = db->WaitForBackgroundWork();
      break;
    default:
      return "nothing";
  }
  const bool makes_durable = op.kind == Kind::kFlush || op.kind == Kind::kSyncWal;
  if (status.ok() && makes_durable) world_->judge->MarkDurable(returned);
  world_->Expect(status, step);
  return status.ToString();
}

}  // namespace lsm::lab
