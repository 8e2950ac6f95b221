// The contract of a MemTable under one writer and many readers, on real threads.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <stage/memtable/memtable.h>
#include "contract/memtable/concept.h"
#include "lsm/env.h"

namespace lsm::testing {
namespace {

constexpr SequenceNumber kVersions = 30'000;
constexpr SequenceNumber kKeys = 997;  // a prime: neighbours in time are not neighbours in order
constexpr int kReaders = 3;

// Version s writes key s * 31 % kKeys; each 10th is a tombstone. Value: key and sequence, repeated,
// so that a torn one shows.
std::string KeyOf(SequenceNumber s) { return "key" + std::to_string(1000 + s * 31 % kKeys); }
bool IsTombstone(SequenceNumber s) { return s % 10 == 0; }
std::string ValueOf(SequenceNumber s) {
  const std::string once = KeyOf(s) + "/" + std::to_string(s) + ";";
  std::string value;
  for (SequenceNumber i = 0; i <= s % 5; ++i) value += once;
  return value;
}

// Sequence numbers start at 1, and a key comes again every kKeys.
SequenceNumber NewestVersionOfSameKey(SequenceNumber s, SequenceNumber at_or_below) {
  return s + (at_or_below - s) / kKeys * kKeys;
}

void AddVersion(MemTable* table, SequenceNumber s) {
  table->Add(s, IsTombstone(s) ? ValueType::kDeletion : ValueType::kValue, KeyOf(s),
             IsTombstone(s) ? "" : ValueOf(s));
}

// One memtable, one writer, kReaders readers that run until the writer is done.
class Race {
 public:
  // `add(table, s)` adds version s; `read(published, round)` looks at the table, where versions
  // 1 .. published are added.
  template <class Add, class Read>
  void Run(Add add, Read read) {
    std::vector<std::unique_ptr<Thread>> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.push_back(Env::Default()->StartThread("reader", [this, read] {
        for (uint64_t round = 0;; ++round) {
          const SequenceNumber published = published_.load(std::memory_order_acquire);
          if (published > 0) read(published, round);
          if (published == kVersions || ::testing::Test::HasFailure()) return;
        }
      }));
    }
    for (SequenceNumber s = 1; s <= kVersions; ++s) {
      add(&table, s);
      published_.store(s, std::memory_order_release);
    }
  }

  MemTable table{InternalKeyComparator(BytewiseComparator())};

 private:
  std::atomic<SequenceNumber> published_{0};
};

TEST(MemTableContract, M_CONCUR_get_sees_every_version_added_before) {
  Race race;
  race.Run(AddVersion, [&](SequenceNumber published, uint64_t round) {
    const SequenceNumber s = 1 + round * 7919 % published;
    const SequenceNumber newest = NewestVersionOfSameKey(s, published);
    std::string value;
    const LookupState state = race.table.Get(LookupKey(KeyOf(s), published), &value);
    if (IsTombstone(newest)) {
      EXPECT_EQ(state, LookupState::kDeleted) << newest << " of " << published;
    } else {
      EXPECT_EQ(state, LookupState::kFound) << newest << " of " << published;
      EXPECT_EQ(value, ValueOf(newest));
    }
    EXPECT_GE(race.table.Entries(), published);
    EXPECT_GT(race.table.MemoryUsage(), published);
  });
}

TEST(MemTableContract, M_CONCUR_get_behind_the_place_of_insertion) {
  Race race;
  const auto add = [](MemTable* table, SequenceNumber s) {
    table->Add(s, ValueType::kValue, "hot", std::to_string(s));  // right before version s - 1
  };
  race.Run(add, [&](SequenceNumber published, uint64_t) {
    std::string value;
    EXPECT_EQ(race.table.Get(LookupKey("hot", published), &value), LookupState::kFound);
    EXPECT_EQ(value, std::to_string(published));
    EXPECT_EQ(race.table.Get(LookupKey("hot", 1), &value), LookupState::kFound);
    EXPECT_EQ(value, "1");
  });
}

// True if the entry is one that the writer added, whole.
bool IsWhole(const MemTable::Iterator& it) {
  ParsedInternalKey key;
  if (!ParseInternalKey(it.key(), &key)) return false;
  const bool tombstone = key.type == ValueType::kDeletion;
  return key.sequence >= 1 && key.sequence <= kVersions && key.user_key == KeyOf(key.sequence) &&
         tombstone == IsTombstone(key.sequence) &&
         it.value() == (tombstone ? "" : ValueOf(key.sequence));
}

TEST(MemTableContract, M_CONCUR_an_iterator_is_ordered_and_misses_nothing_added_before) {
  Race race;
  race.Run(AddVersion, [&](SequenceNumber published, uint64_t round) {
    const InternalKeyComparator comparator(BytewiseComparator());
    constexpr SequenceNumber kWindow = 40;  // keys per walk
    const SequenceNumber first = 1000 + round * 61 % kKeys;
    const std::string begin = "key" + std::to_string(first);
    const std::string end = "key" + std::to_string(std::min(first + kWindow, 1000 + kKeys));
    size_t old_versions = 0;
    std::string previous;
    MemTable::Iterator it(&race.table);
    for (it.Seek(MakeInternalKey(begin, kMaxSequence, kTypeForSeek));
         it.Valid() && ExtractUserKey(it.key()) < end; it.Next()) {
      ASSERT_TRUE(IsWhole(it));
      ASSERT_TRUE(previous.empty() || comparator.Compare(previous, it.key()) < 0);
      previous = it.key();
      old_versions += ExtractTag(it.key()) >> 8 <= published ? 1 : 0;
    }
    size_t expected = 0;
    for (SequenceNumber s = 1; s <= published; ++s) {
      const SequenceNumber key = 1000 + s * 31 % kKeys;
      expected += key >= first && key < first + kWindow ? 1 : 0;
    }
    EXPECT_EQ(old_versions, expected) << "of " << published;
  });
}

TEST(MemTableContract, M_CONCUR_backward_walks_are_ordered) {
  Race race;
  race.Run(AddVersion, [&](SequenceNumber published, uint64_t round) {
    const InternalKeyComparator comparator(BytewiseComparator());
    std::string next;
    MemTable::Iterator it(&race.table);
    it.SeekToLast();
    if (round % 2 == 1) it.Seek(MakeInternalKey(KeyOf(published), published, kTypeForSeek));
    ASSERT_TRUE(it.Valid());
    for (int steps = 0; it.Valid() && steps < 200; ++steps, it.Prev()) {
      ASSERT_TRUE(IsWhole(it));
      ASSERT_TRUE(next.empty() || comparator.Compare(it.key(), next) < 0);
      next = it.key();
    }
  });
}

}  // namespace
}  // namespace lsm::testing
