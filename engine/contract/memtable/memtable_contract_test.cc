// The contract of a MemTable for sequential use, clause by clause.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <rapidcheck/gtest.h>

#include <stage/memtable/memtable.h>
#include "contract/memtable/concept.h"

namespace lsm::testing {
namespace {

static_assert(MemTableStage<MemTable>);

// A user's order that is not the bytewise one.
class Backward final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Backward"; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}
};

const InternalKeyComparator kBytewise(BytewiseComparator());

// "=value", "deleted" or "absent".
std::string Get(const MemTable& table, std::string_view key, SequenceNumber sequence) {
  std::string value = "untouched";
  switch (table.Get(LookupKey(key, sequence), &value)) {
    case LookupState::kFound:
      return "=" + value;
    case LookupState::kDeleted:
      return "deleted";
    case LookupState::kAbsent:
      break;
  }
  return "absent";
}

// "key@sequence=value" and "key@sequence-" for what the iterator stands on.
std::string Describe(const MemTable::Iterator& it) {
  ParsedInternalKey key;
  if (!ParseInternalKey(it.key(), &key)) return "unparseable";
  const std::string name = std::string(key.user_key) + "@" + std::to_string(key.sequence);
  if (key.type == ValueType::kDeletion) return name + "-";
  return name + "=" + std::string(it.value());
}

using Lines = std::vector<std::string>;

Lines Forward(const MemTable& table) {
  Lines lines;
  MemTable::Iterator it(&table);
  for (it.SeekToFirst(); it.Valid(); it.Next()) lines.push_back(Describe(it));
  EXPECT_TRUE(Status(it.status()).ok());
  return lines;
}

Lines BackwardReversed(const MemTable& table) {
  Lines lines;
  MemTable::Iterator it(&table);
  for (it.SeekToLast(); it.Valid(); it.Prev()) lines.push_back(Describe(it));
  EXPECT_TRUE(Status(it.status()).ok());
  std::reverse(lines.begin(), lines.end());
  return lines;
}

TEST(MemTableContract, M_ADD_copies_key_and_value) {
  MemTable table(kBytewise);
  std::string key = "key", value = "value";
  table.Add(1, ValueType::kValue, key, value);
  key.assign("XXX");
  value.assign("YYYYY");
  EXPECT_EQ(Get(table, "key", 1), "=value");
  EXPECT_EQ(Forward(table), Lines{"key@1=value"});
}

TEST(MemTableContract, M_ADD_counts_versions) {
  MemTable table(kBytewise);
  EXPECT_EQ(table.Entries(), 0u);
  table.Add(1, ValueType::kValue, "a", "1");
  table.Add(2, ValueType::kValue, "a", "2");
  table.Add(3, ValueType::kDeletion, "b", "");
  EXPECT_EQ(table.Entries(), 3u);
}

TEST(MemTableContract, M_ADD_one_batch_may_touch_a_key_twice) {
  MemTable table(kBytewise);
  table.Add(7, ValueType::kValue, "a", "old");
  table.Add(8, ValueType::kDeletion, "a", "");
  table.Add(9, ValueType::kValue, "a", "new");
  EXPECT_EQ(Get(table, "a", 9), "=new");
  EXPECT_EQ(Forward(table), (Lines{"a@9=new", "a@8-", "a@7=old"}));
}

TEST(MemTableContract, M_GET_the_newest_version_at_or_below) {
  MemTable table(kBytewise);
  table.Add(10, ValueType::kValue, "k", "ten");
  table.Add(20, ValueType::kValue, "k", "twenty");
  EXPECT_EQ(Get(table, "k", 9), "absent");
  EXPECT_EQ(Get(table, "k", 10), "=ten");
  EXPECT_EQ(Get(table, "k", 19), "=ten");
  EXPECT_EQ(Get(table, "k", 20), "=twenty");
  EXPECT_EQ(Get(table, "k", kMaxSequence), "=twenty");
}

TEST(MemTableContract, M_GET_a_tombstone_answers_deleted) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "k", "v");
  table.Add(2, ValueType::kDeletion, "k", "");
  EXPECT_EQ(Get(table, "k", 2), "deleted");
  EXPECT_EQ(Get(table, "k", 1), "=v") << "the older version is still there";
}

TEST(MemTableContract, M_GET_a_tombstone_without_a_value_below_answers_deleted) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kDeletion, "k", "");
  EXPECT_EQ(Get(table, "k", 1), "deleted") << "an older place may hold the key";
}

TEST(MemTableContract, M_GET_neighbours_are_other_keys) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "ab", "v");
  for (const char* key : {"", "a", "aa", "abc", "ac", "b"}) {
    EXPECT_EQ(Get(table, key, 5), "absent") << key;
  }
  table.Add(2, ValueType::kValue, "abc", "w");
  EXPECT_EQ(Get(table, "ab", 5), "=v");
  EXPECT_EQ(Get(table, "abc", 5), "=w");
}

TEST(MemTableContract, M_GET_the_value_may_be_unwanted) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "k", "v");
  EXPECT_EQ(table.Get(LookupKey("k", 1), nullptr), LookupState::kFound);
}

TEST(MemTableContract, M_GET_keys_longer_than_any_buffer) {
  MemTable table(kBytewise);
  const std::string key(10000, 'k'), value(100000, 'v');
  table.Add(1, ValueType::kValue, key, value);
  table.Add(2, ValueType::kValue, key + "2", "w");
  EXPECT_EQ(Get(table, key, 2), "=" + value);
  EXPECT_EQ(Get(table, key + "2", 2), "=w");
}

TEST(MemTableContract, M_ORDER_keys_ascend_and_versions_descend) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "b", "1");
  table.Add(2, ValueType::kValue, "a", "2");
  table.Add(3, ValueType::kDeletion, "b", "");
  table.Add(4, ValueType::kValue, "c", "4");
  const Lines expected = {"a@2=2", "b@3-", "b@1=1", "c@4=4"};
  EXPECT_EQ(Forward(table), expected);
  EXPECT_EQ(BackwardReversed(table), expected);
}

TEST(MemTableContract, M_ORDER_bytes_are_unsigned) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "\xff", "");
  table.Add(2, ValueType::kValue, "\x7f", "");
  table.Add(3, ValueType::kValue, std::string(1, '\0'), "");
  EXPECT_EQ(Forward(table), (Lines{std::string(1, '\0') + "@3=", "\x7f@2=", "\xff@1="}));
}

TEST(MemTableContract, M_ORDER_is_the_comparators) {
  const Backward backward;
  MemTable table{InternalKeyComparator(&backward)};
  table.Add(1, ValueType::kValue, "a", "1");
  table.Add(2, ValueType::kValue, "b", "2");
  table.Add(3, ValueType::kValue, "a", "3");
  EXPECT_EQ(Forward(table), (Lines{"b@2=2", "a@3=3", "a@1=1"}));
  EXPECT_EQ(Get(table, "a", 2), "=1");
}

TEST(MemTableContract, M_ORDER_seek_finds_the_first_at_or_behind) {
  MemTable table(kBytewise);
  table.Add(5, ValueType::kValue, "b", "old");
  table.Add(7, ValueType::kValue, "b", "new");
  table.Add(6, ValueType::kValue, "d", "d");
  const auto seek = [&](std::string_view key, SequenceNumber sequence) -> std::string {
    MemTable::Iterator it(&table);
    it.Seek(MakeInternalKey(key, sequence, kTypeForSeek));
    return it.Valid() ? Describe(it) : "end";
  };
  EXPECT_EQ(seek("a", 1), "b@7=new");
  EXPECT_EQ(seek("b", kMaxSequence), "b@7=new");
  EXPECT_EQ(seek("b", 7), "b@7=new");
  EXPECT_EQ(seek("b", 6), "b@5=old");
  EXPECT_EQ(seek("b", 4), "d@6=d");
  EXPECT_EQ(seek("d", 5), "end");
}

TEST(MemTableContract, M_ORDER_turns_and_both_ends) {
  MemTable table(kBytewise);
  MemTable::Iterator it(&table);
  EXPECT_FALSE(it.Valid());
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  it.SeekToLast();
  EXPECT_FALSE(it.Valid());
  for (const char* key : {"a", "b"}) table.Add(1 + *key, ValueType::kValue, key, key);
  it.SeekToFirst();
  it.Next();
  it.Prev();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(ExtractUserKey(it.key()), "a");
  it.Prev();
  EXPECT_FALSE(it.Valid());
  it.SeekToLast();
  it.Next();
  EXPECT_FALSE(it.Valid());
}

TEST(MemTableContract, M_EMPTY_keys_and_values) {
  MemTable table(kBytewise);
  table.Add(1, ValueType::kValue, "", "");
  EXPECT_EQ(Get(table, "", 1), "=");
  table.Add(2, ValueType::kValue, "", "v");
  table.Add(3, ValueType::kDeletion, "", "");
  table.Add(4, ValueType::kValue, "a", "");
  EXPECT_EQ(Get(table, "", 2), "=v");
  EXPECT_EQ(Get(table, "", 3), "deleted");
  EXPECT_EQ(Get(table, "a", 4), "=");
  EXPECT_EQ(Forward(table), (Lines{"@3-", "@2=v", "@1=", "a@4="}));
}

TEST(MemTableContract, M_SIZE_counts_all_bytes_and_grows_within_its_bound) {
  MemTable table(kBytewise);
  EXPECT_LE(table.MemoryUsage(), 1024u) << "a memtable of 1 KiB is usable";
  size_t user_bytes = 0;
  SequenceNumber sequence = 0;
  for (const size_t size : {0, 1, 10, 100, 1000, 1024, 3000, 4096, 5000, 100000, 10, 10, 0}) {
    const size_t before = table.MemoryUsage();
    table.Add(++sequence, ValueType::kValue, std::string(size / 4, 'k'), std::string(size, 'v'));
    const size_t added = size / 4 + size;
    user_bytes += added;
    EXPECT_GE(table.MemoryUsage(), user_bytes);
    EXPECT_GE(table.MemoryUsage(), before);
    EXPECT_LE(table.MemoryUsage(), before + added + 4096 + 64);
  }
}

TEST(MemTableContract, M_SIZE_many_small_entries_stay_within_the_bound) {
  MemTable table(kBytewise);
  const size_t before = table.MemoryUsage();
  constexpr size_t kAdds = 10000, kBytes = 16;
  for (size_t i = 1; i <= kAdds; ++i) {
    table.Add(i, ValueType::kValue, std::to_string(10000000 + i * 7919 % kAdds), "12345678");
  }
  EXPECT_GE(table.MemoryUsage(), kAdds * kBytes);
  EXPECT_LE(table.MemoryUsage(), before + 4096 + kAdds * (kBytes + 64));
}

// The oracle: versions by key, newest first.
using Oracle = std::map<std::string, std::map<SequenceNumber, std::optional<std::string>>>;

RC_GTEST_PROP(MemTableContract, M_GET_and_M_ORDER_agree_with_a_map, ()) {
  const auto key_gen = rc::gen::element<std::string>("", "a", "aa", "ab", "b", "\xff", "\xff\xff",
                                                     std::string(1, '\0'), std::string(300, 'a'));
  MemTable table(kBytewise);
  Oracle oracle;
  SequenceNumber sequence = 0;
  for (int adds = *rc::gen::inRange(0, 60); adds > 0; --adds) {
    sequence += *rc::gen::inRange<SequenceNumber>(1, 4);
    const std::string key = *key_gen;
    if (*rc::gen::inRange(0, 3) == 0) {
      table.Add(sequence, ValueType::kDeletion, key, "");
      oracle[key][sequence] = std::nullopt;
    } else {
      const std::string value = std::to_string(sequence);
      table.Add(sequence, ValueType::kValue, key, value);
      oracle[key][sequence] = value;
    }
  }
  Lines expected;
  for (const auto& [key, versions] : oracle) {
    for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
      expected.push_back(key + "@" + std::to_string(it->first) +
                         (it->second ? "=" + *it->second : "-"));
    }
    for (SequenceNumber s = 0; s <= sequence + 1; ++s) {
      const auto above = versions.upper_bound(s);
      const std::string answer = above == versions.begin()   ? "absent"
                                 : !std::prev(above)->second ? "deleted"
                                                             : "=" + *std::prev(above)->second;
      RC_ASSERT(Get(table, key, s) == answer);
    }
  }
  RC_ASSERT(Forward(table) == expected);
  RC_ASSERT(BackwardReversed(table) == expected);
  RC_ASSERT(table.Entries() == expected.size());
}

}  // namespace
}  // namespace lsm::testing
