// The rarer verbs of a client: scans of a prefix, sizes of ranges, deletion of files.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/read_bounds.h"
#include "testing/session.h"

namespace lsm::lab {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

// Where two walks differ first.
std::string FirstDifference(const Entries& one, const Entries& other) {
  const size_t common = std::min(one.size(), other.size());
  const auto end = one.begin() + static_cast<ptrdiff_t>(common);
  const auto [a, b] = std::mismatch(one.begin(), end, other.begin());
  if (a != one.end()) return Escape(a->first);
  return b != other.end() ? Escape(b->first) : "";
}

}  // namespace

// Keys that begin with the prefix, by an iterator that is told so and picked from all keys, both at
// one snapshot. The end of the prefix is not computed here: that is what is checked.
std::string Session::PrefixScan(const Operation& op, size_t step) {
  DB* const db = world_->db.get();
  const std::string& prefix = op.keys[0];
  const Snapshot* taken = nullptr;
  std::unique_ptr<Iterator> all, some;
  AnswerJudge::View* view = nullptr;
  const auto open = [&](ReadOptions options) {
    if (options.snapshot == nullptr) options.snapshot = taken = db->GetSnapshot();
    all = db->NewIterator(options);
    options.prefix = prefix;
    some = db->NewIterator(options);
  };
  if (!ReadAt(op, &view, open)) return kNoSnapshot;
  CheckWalk(all.get(), view, KeyRange(), false, Property::kP12, step);
  Entries expected = WalkForward(all.get());
  std::erase_if(expected, [&](const auto& entry) { return !entry.first.starts_with(prefix); });
  for (const bool backward : {false, true}) {
    const Entries seen = backward ? WalkBackward(some.get()) : WalkForward(some.get());
    if (!world_->Expect(all->status(), step) || !world_->Expect(some->status(), step)) break;
    // Between the two a table may have gone, for snapshots too.
    const bool fewer = std::includes(expected.begin(), expected.end(), seen.begin(), seen.end());
    if (seen == expected || (fewer && MayExpire())) continue;
    world_->Fail(Property::kP12, step, FirstDifference(seen, expected),
                 fmt::format("the {} keys that begin with {}", expected.size(), Escape(prefix)),
                 fmt::format("{} keys", seen.size()));
  }
  if (taken != nullptr) db->ReleaseSnapshot(taken);
  return fmt::format("{} entries", expected.size());
}

std::string Session::Sizes(const Operation& op, size_t step) {
  CheckSizes({.include_memtables = false}, op.range, step);
  // Memory changes under a walk over it while others write.
  if (world_->trace.clients == 1) CheckSizes({.include_memtables = true}, op.range, step);
  return "OK";
}

// The range and what lies beside it add up to the whole, which is something if there is anything.
void Session::CheckSizes(const SizeOptions& options, const KeyRange& range, size_t step) {
  const std::string_view from = BoundView(range.from), to = BoundView(range.to);
  const bool reversed = range.from.has_value() && range.to.has_value() && *range.from > *range.to;
  std::vector<Range> ranges = {{}, {from, to}};
  if (range.from.has_value()) ranges.push_back({{}, from});
  if (range.to.has_value()) ranges.push_back({to, {}});
  std::unique_ptr<Iterator> iterator = world_->db->NewIterator({});
  iterator->SeekToFirst();
  if (!world_->Expect(iterator->status(), step)) return;
  const bool held_data = options.include_memtables && iterator->Valid();
  std::vector<uint64_t> bytes;
  const Status status = world_->db->ApproximateSizes(options, ranges, &bytes);
  if (!world_->Expect(status, step)) return;
  if (bytes.size() != ranges.size()) {
    return world_->Fail(Property::kP0, step, "", "one size a range", "another number");
  }
  uint64_t sum = 0;
  for (size_t i = 1; i < bytes.size(); ++i) sum += bytes[i];
  if (reversed ? bytes[1] != 0 : sum != bytes[0]) {
    world_->Fail(Property::kP0, step, "",
                 reversed ? "0 bytes in a range that ends before it begins"
                          : fmt::format("parts that add up to the whole of {} bytes", bytes[0]),
                 fmt::format("{}", fmt::join(bytes.begin() + 1, bytes.end(), " + ")));
  }
  if (held_data && bytes[0] == 0 && !MayExpire()) {
    world_->Fail(Property::kP0, step, "", "more than 0 bytes: there is data", "0 bytes");
  }
}

// All that the database shows in a range, judged.
bool Session::ReadNow(const KeyRange& range, Property otherwise, size_t step, Contents* contents) {
  AnswerJudge::View view = world_->judge->BeginView(client_);
  ReadOptions options;
  options.lower_bound = BoundView(range.from);
  options.upper_bound = BoundView(range.to);
  const std::unique_ptr<Iterator> iterator = world_->db->NewIterator(options);
  world_->judge->EndView(&view);
  for (auto& entry : WalkForward(iterator.get())) contents->insert(std::move(entry));
  if (!world_->Expect(iterator->status(), step)) return false;
  world_->Judge(world_->judge->Check(&view, range, *contents, otherwise), step);
  return !world_->failed();
}

// Which keys go depends on the tree. So each key of the range becomes a "maybe" before the call: a
// deletion that failed may have taken effect. Behind the call what is there is read, and stated as
// what one durable write did that began before the call: from then on it is settled, and writes of
// others that returned meanwhile may be lost without it.
std::string Session::DeleteFiles(const Operation& op, size_t step) {
  KeyRange range = op.range;
  if (range.to.has_value()) range.to->push_back('\0');  // `to` is included
  Contents before, after;
  if (!ReadNow(range, Property::kP15, step, &before)) return "not read";
  AnswerJudge* const judge = world_->judge.get();
  const std::vector<size_t> returned = judge->Returned();
  for (const auto& [key, value] : before) {
    judge->BeginWrite(client_, {{key, std::nullopt}});
    judge->EndWrite(client_, /*acknowledged=*/false, /*synced=*/false);
  }
  judge->BeginWrite(client_, {});
  const auto removed =
      world_->db->DeleteFilesInRange(BoundView(op.range.from), BoundView(op.range.to));
  const bool held = removed.status().code() == StatusCode::kBusy;  // by a snapshot
  if (held && world_->trace.clients == 1 && snapshots_.empty()) {
    world_->Fail(Property::kP0, step, "", "files deleted: no snapshot is held",
                 removed.status().ToString());
  }
  const bool answered = held || world_->Expect(removed.status(), step);
  if (answered) judge->MarkDurable(returned);
  if (!answered || !ReadNow(KeyRange(), Property::kP4, step, &after)) {
    judge->EndWrite(client_, /*acknowledged=*/false, /*synced=*/false);
    return answered ? "not read" : removed.status().ToString();
  }
  std::vector<Update> settled;
  for (const auto& [key, value] : before) {
    const auto there = after.find(key);
    settled.push_back({key, std::nullopt});
    if (there != after.end()) settled.back().value = there->second;
    if (there == after.end() && held && !MayExpire()) {
      world_->Fail(Property::kP4, step, key, "nothing deleted: a snapshot is held", "absent");
    }
  }
  judge->StateUpdates(client_, std::move(settled));
  judge->EndWrite(client_, /*acknowledged=*/true, /*synced=*/true);
  return held ? "held" : "OK";
}

}  // namespace lsm::lab
