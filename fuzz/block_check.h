// The oracles of target `block`, for any block builder and reader.
//
//   bytes as a block    walks both ways and seeks end, without a read out of bounds; if they end
//                       well and in order, a block built of the entries reads the same;
//   bytes as entries    what was added comes back, both ways, and Seek finds the first >= target.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "contract/sstable/concept.h"
#include "fuzz/entries.h"
#include "fuzz/target.h"

namespace lsm::fuzz {

template <BlockBuilderStage Builder>
std::string BuildBlock(const InternalKeyComparator& cmp, const std::vector<Entry>& entries,
                       int restart_interval) {
  Builder builder(&cmp, restart_interval);
  for (const auto& [key, value] : entries) builder.Add(key, value);
  return std::string(builder.Finish());
}

template <BlockBuilderStage Builder, BlockStage Block>
Finding CheckRawBlock(std::string_view bytes) {
  const InternalKeyComparator cmp(BytewiseComparator());
  const std::vector<char> copy(bytes.begin(), bytes.end());  // a read behind it is seen
  const Block block(std::string_view(copy.data(), copy.size()));
  typename Block::Iterator it(&cmp, block);
  const size_t limit = copy.size();  // an entry takes three bytes at least
  const Walk walk = WalkForward(&it, limit);
  const Walk back = WalkBackward(&it, limit);
  if (walk.entries.size() == limit && walk.given_up) return "S-BLOCK: a walk does not end";
  if (back.entries.size() == limit && back.given_up) return "S-BLOCK: a walk back does not end";
  for (size_t i = 0; i < walk.entries.size() && i < 8; ++i) {
    if (ParsedInternalKey parsed; !ParseInternalKey(walk.entries[i].first, &parsed)) continue;
    it.Seek(walk.entries[i].first);
  }
  if (walk.given_up || !walk.status.ok() || !AreSorted(walk.entries)) return "";
  const std::string again = BuildBlock<Builder>(cmp, walk.entries, 4);
  const Block rebuilt(again);
  typename Block::Iterator rebuilt_it(&cmp, rebuilt);
  if (WalkForward(&rebuilt_it, limit).entries != walk.entries) {
    return "S-BLOCK: a block built of the entries that were read has others";
  }
  return "";
}

template <BlockBuilderStage Builder, BlockStage Block>
Finding CheckBuiltBlock(std::string_view bytes) {
  const InternalKeyComparator cmp(BytewiseComparator());
  Input input(bytes);
  const auto restart_interval = static_cast<int>(input.Between(1, 17));
  const Entries entries = EntriesOf(&input);
  if (entries.empty()) return "";
  const std::vector<Entry> expected(entries.begin(), entries.end());
  const std::string built = BuildBlock<Builder>(cmp, expected, restart_interval);
  const Block block(built);
  typename Block::Iterator it(&cmp, block);
  if (WalkForward(&it, expected.size() + 1).entries != expected) {
    return fmt::format("S-BLOCK: {} entries do not come back forward", expected.size());
  }
  std::vector<Entry> back = WalkBackward(&it, expected.size() + 1).entries;
  if (!std::equal(back.rbegin(), back.rend(), expected.begin(), expected.end())) {
    return fmt::format("S-BLOCK: {} entries do not come back backward", expected.size());
  }
  for (const auto& [key, value] : expected) {
    const std::string_view user_key = ExtractUserKey(key);
    for (const SequenceNumber sequence : {SequenceNumber{0}, SequenceNumber{16}, kMaxSequence}) {
      const std::string target = MakeInternalKey(user_key, sequence, kTypeForSeek);
      const auto want = entries.lower_bound(target);
      it.Seek(target);
      const bool right =
          want == entries.end() ? !it.Valid() : it.Valid() && it.key() == want->first;
      if (!right || !it.status().ok()) return "S-BLOCK: Seek does not find the first >= target";
    }
  }
  return "";
}

template <BlockBuilderStage Builder, BlockStage Block>
Finding CheckBlock(std::string_view input) {
  const Finding raw = CheckRawBlock<Builder, Block>(input);
  return raw.empty() ? CheckBuiltBlock<Builder, Block>(input) : raw;
}

}  // namespace lsm::fuzz
