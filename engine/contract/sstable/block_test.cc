// Contract suite of the sstable stage, (a): clause S-BLOCK.
#include "contract/sstable/fixture.h"

namespace lsm::sstable_suite {
namespace {

const InternalKeyComparator kComparator{BytewiseComparator()};

std::string BuildBlock(const Model& model, int restart_interval) {
  BlockBuilder builder(&kComparator, restart_interval);
  for (const auto& [key, value] : model) builder.Add(key, value);
  return std::string(builder.Finish());
}

// Keys that share prefixes, end in 0xff, are empty, need long lengths; several versions of one.
Model TrickyModel() {
  Model model;
  for (const std::string& user_key :
       {std::string(), std::string(1, '\0'), std::string("a"), std::string("aa"),
        std::string("aab"), std::string("aab\0", 4), std::string(300, 'a'), std::string(301, 'a'),
        std::string("b"), std::string("b\xff"), std::string("b\xff\xff"),
        std::string(200, '\xff')}) {
    model[Key(user_key)] = user_key + "!";
  }
  model[Key("b", 9)] = std::string();
  model[Key("b", 5, ValueType::kDeletion)] = std::string();
  model[Key("c")] = std::string(70'000, 'v');
  model[Key("d", kMaxSequence)] = "largest sequence";
  return model;
}

class BlockSuite : public testing::TestWithParam<int> {};  // restart interval
INSTANTIATE_TEST_SUITE_P(RestartIntervals, BlockSuite, testing::Values(1, 2, 3, 16, 1024));

TEST_P(BlockSuite, S_BLOCK_EntriesComeBackBothWays) {
  const Model model = TrickyModel();
  const std::string bytes = BuildBlock(model, GetParam());
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  ExpectAllEntries(it, model);
}

// Every number of entries around the ends of the restart intervals; every key and every gap.
TEST_P(BlockSuite, S_BLOCK_SeekFindsTheFirstKeyAtOrBehindTheTarget) {
  for (int n = 0; n <= 40; ++n) {
    const Model model = NumberedModel(TableOptions(), n);
    const std::string bytes = BuildBlock(model, GetParam());
    const Block block(bytes);
    Block::Iterator it(&kComparator, block);
    for (int i = 0; i <= 2 * n; ++i) {
      const std::string target = SeekKey(NumberedKey(i));
      it.Seek(target);
      ASSERT_TRUE(StandsAt(it, model, model.lower_bound(target))) << n << " entries, key " << i;
    }
  }
}

TEST_P(BlockSuite, S_BLOCK_SeekTellsVersionsOfOneKeyApart) {
  Model model;
  for (SequenceNumber s = 2; s <= 80; s += 2) model[Key("key", s)] = std::to_string(s);
  const std::string bytes = BuildBlock(model, GetParam());
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  for (SequenceNumber s = 1; s <= 82; ++s) {
    const std::string target = MakeInternalKey("key", s, kTypeForSeek);
    it.Seek(target);
    ASSERT_TRUE(StandsAt(it, model, model.lower_bound(target))) << s;
  }
}

// From each entry: k steps forward and back again, k steps back and forward again.
TEST_P(BlockSuite, S_BLOCK_TurnsAnywhere) {
  const Model model = NumberedModel(TableOptions(), 20);
  const std::string bytes = BuildBlock(model, GetParam());
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  for (auto start = model.begin(); start != model.end(); ++start) {
    for (int k = 1; k <= 3; ++k) {
      for (const bool forward_first : {true, false}) {
        it.Seek(start->first);
        auto want = start;
        for (int step = 0; step < 4 * k; ++step) {
          const bool forward = (step / k % 2 == 0) == forward_first;
          if (forward ? std::next(want) == model.end() : want == model.begin()) break;
          forward ? it.Next() : it.Prev();
          forward ? ++want : --want;
          ASSERT_TRUE(StandsAt(it, model, want));
        }
      }
    }
  }
}

TEST_P(BlockSuite, S_BLOCK_AMovedIteratorGoesOnFromItsPosition) {
  const Model model = TrickyModel();
  const std::string bytes = BuildBlock(model, GetParam());
  const Block block(bytes);
  for (auto want = model.begin(); std::next(want) != model.end(); ++want) {
    Block::Iterator it(&kComparator, block);
    it.Seek(want->first);
    Block::Iterator moved(std::move(it));
    ASSERT_TRUE(StandsAt(moved, model, want));
    moved.Next();
    ASSERT_TRUE(StandsAt(moved, model, std::next(want)));
    moved.Prev();
    Block::Iterator again(std::move(moved));
    ASSERT_TRUE(StandsAt(again, model, want));
  }
}

TEST(BlockSuiteFixed, S_BLOCK_AnEmptyBlockHasNoEntriesAndNoError) {
  const std::string bytes = BuildBlock({}, 16);
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  ExpectAllEntries(it, {});
  it.Seek(Key("a"));
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(it.status().ok());
}

// Decoded, the keys of an interval take far more room than the block.
TEST_P(BlockSuite, S_BLOCK_LongKeysThatShareMostOfTheirBytesComeBack) {
  Model model;
  for (int i = 0; i < 500; ++i) {
    model[Key(std::string(5000, 'p') + NumberedKey(i))] = std::to_string(i);
  }
  const std::string bytes = BuildBlock(model, GetParam());
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  ExpectAllEntries(it, model);
}

TEST(BlockSuiteFixed, S_BLOCK_TheBuilderStartsAnewAfterReset) {
  BlockBuilder builder(&kComparator, 2);
  EXPECT_TRUE(builder.empty());
  for (const char* key : {"a", "ab", "abc"}) builder.Add(Key(key), "old");
  EXPECT_FALSE(builder.empty());
  (void)builder.Finish();
  builder.Reset();
  EXPECT_TRUE(builder.empty());
  builder.Add(Key("abd"), "new");
  const std::string bytes(builder.Finish());
  const Block block(bytes);
  Block::Iterator it(&kComparator, block);
  Model model;
  model[Key("abd")] = "new";
  ExpectAllEntries(it, model);
}

TEST(BlockSuiteFixed, S_BLOCK_SizeEstimateIsCloseToTheSize) {
  BlockBuilder builder(&kComparator, 16);
  for (const auto& [key, value] : NumberedModel(TableOptions(), 200)) {
    builder.Add(key, value);
  }
  const size_t estimate = builder.SizeEstimate();
  const size_t size = builder.Finish().size();
  EXPECT_LE(size, estimate * 2);
  EXPECT_LE(estimate, size * 2);
}

// The metaindex is such a block.
TEST(BlockSuiteFixed, S_BLOCK_WithoutAComparatorKeysArePlainStrings) {
  BlockBuilder builder(nullptr, 1);
  const std::vector<std::string> keys = {"", "a", "filter.x", "lsm.filter.a", "\xff"};
  for (const std::string& key : keys) builder.Add(key, key + "=");
  const std::string bytes(builder.Finish());
  const Block block(bytes);
  Block::Iterator it(nullptr, block);
  for (const std::string& key : keys) {
    it.Seek(key);
    ASSERT_TRUE(it.Valid());
    EXPECT_EQ(it.key(), key);
    EXPECT_EQ(it.value(), key + "=");
  }
  it.Seek("b");
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.key(), "filter.x");
  EXPECT_EQ(WalkBackward(it).entries.size(), keys.size());
}

// --- Damage. A copy on the heap of the exact size lets a sanitizer see a read beyond it. ---

void ExpectSafe(const std::string& damaged) {
  const std::vector<char> exact(damaged.begin(), damaged.end());
  const Block block(std::string_view(exact.data(), exact.size()));
  Block::Iterator it(&kComparator, block);
  // An entry takes three bytes, so a walk that sees more than the block has bytes goes in circles.
  for (const Walk& walk : {WalkForward(it, exact.size() + 1), WalkBackward(it, exact.size() + 1)}) {
    ASSERT_LE(walk.entries.size(), exact.size());
    ASSERT_TRUE(walk.status.ok() || walk.status.IsCorruption()) << walk.status.ToString();
  }
  for (const std::string& target : {Key(""), Key("k0007"), Key("\xff")}) {
    it.Seek(target);
    if (it.Valid()) it.Next();
    if (it.Valid()) it.Prev();
    if (!it.Valid()) {
      ASSERT_TRUE(it.status().ok() || it.status().IsCorruption());
    }
  }
}

TEST_P(BlockSuite, S_BLOCK_EveryFlippedBitIsSafe) {
  const std::string good = BuildBlock(NumberedModel(TableOptions(), 9), GetParam());
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    ExpectSafe(bad);
  }
}

TEST_P(BlockSuite, S_BLOCK_EveryTruncationIsSafe) {
  const std::string good = BuildBlock(NumberedModel(TableOptions(), 9), GetParam());
  for (size_t n = 0; n < good.size(); ++n) {
    ExpectSafe(good.substr(0, n));
    ExpectSafe(good.substr(n));
  }
}

TEST(BlockSuiteFixed, S_BLOCK_DamageIsACorruptionAndNoEnd) {
  struct Case {
    const char* what;
    std::string bytes;
  };
  const std::string restarts = std::string(4, '\0') + std::string("\1\0\0\0", 4);
  const std::string key = Key("k");
  const std::vector<Case> cases = {
      {"no restart count", std::string("\1\0\0", 3)},
      {"more restart points than bytes", std::string(4, '\0') + "\xff\xff\xff\x7f"},
      {"key beyond the entries", std::string("\0\x30\0", 3) + key + restarts},
      {"value beyond the entries", std::string("\0\x09\x05", 3) + key + "v" + restarts},
      {"length cut off", std::string("\0\x09", 2) + restarts},
      {"length of more than 32 bits", "\xff\xff\xff\xff\xff\x01" + key + restarts},
      {"lengths whose sum overflows",
       std::string("\0\xff\xff\xff\xff\x0f\xff\xff\xff\xff\x0f", 11) + key + restarts},
      {"first key shares bytes", std::string("\x01\x09\0", 3) + key + restarts},
      {"key too short for a tag", std::string("\0\x07\0", 3) + "1234567" + restarts},
  };
  for (const Case& c : cases) {
    const std::vector<char> exact(c.bytes.begin(), c.bytes.end());
    const Block block(std::string_view(exact.data(), exact.size()));
    Block::Iterator it(&kComparator, block);
    EXPECT_TRUE(WalkForward(it).status.IsCorruption()) << c.what;
    EXPECT_TRUE(WalkBackward(it).status.IsCorruption()) << c.what;
    it.Seek(key);
    EXPECT_FALSE(it.Valid()) << c.what;
    EXPECT_TRUE(it.status().IsCorruption()) << c.what;
  }
}

}  // namespace
}  // namespace lsm::sstable_suite
