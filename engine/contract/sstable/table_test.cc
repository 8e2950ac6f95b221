// Contract suite of the sstable stage, (b): S-BUILD, S-GET, S-SCAN on plain and mapped files.
#include <stage/bloom/bloom.h>

#include "contract/sstable/fixture.h"

namespace lsm::sstable_suite {
namespace {

class TableSuite : public testing::TestWithParam<bool> {};  // mapped
INSTANTIATE_TEST_SUITE_P(Io, TableSuite, testing::Bool(), [](const auto& param) {
  return std::string(param.param ? "mapped" : "plain");
});

TEST_P(TableSuite, S_BUILD_ATableWithoutEntriesIsLegal) {
  const TableOptions options = SmallBlocks();
  const OpenedTable opened(options, EmptyModel(options), GetParam());
  Table::Iterator it(opened.table.get(), true);
  ExpectAllEntries(it, EmptyModel(options));
  it.Seek(SeekKey("a"));
  EXPECT_FALSE(it.Valid());
  Answer answer;
  ASSERT_TRUE(TableGet(*opened.table, "a", kMaxSequence, &answer).ok());
  EXPECT_EQ(answer.state, LookupState::kAbsent);
  EXPECT_TRUE(opened.table->VerifyChecksums().ok());
}

// Each number of entries around the ends of blocks: the last, partial block is written too.
TEST_P(TableSuite, S_BUILD_EveryEntryComesBack) {
  const TableOptions options = SmallBlocks();
  for (int n = 1; n <= 24; ++n) {
    const Model model = NumberedModel(options, n);
    const OpenedTable opened(options, model, GetParam());
    Table::Iterator it(opened.table.get(), true);
    ExpectAllEntries(it, model);
    for (const auto& [key, value] : model) {
      Answer answer;
      ASSERT_TRUE(TableGet(*opened.table, ExtractUserKey(key), kMaxSequence, &answer).ok());
      ASSERT_EQ(answer.state, LookupState::kFound) << n << " entries, " << Escape(key);
      ASSERT_EQ(answer.value, value);
    }
  }
}

TEST(TableBuilderSuite, S_BUILD_NeverFlushesSyncsOrClosesTheFile) {
  MemorySink sink;
  {
    TableBuilder builder(SmallBlocks(), &sink);
    for (const auto& [key, value] : NumberedModel(SmallBlocks(), 50)) {
      ASSERT_TRUE(builder.Add(key, value).ok());
    }
    ASSERT_TRUE(builder.Finish().ok());
  }
  EXPECT_EQ(sink.other_calls, 0);
}

// Each append of the table in turn fails: Finish is not OK, and says why.
TEST(TableBuilderSuite, S_BUILD_AFailedAppendIsTheBuildersError) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 20);
  for (uint64_t n = 0;; ++n) {
    MemorySink sink;
    sink.fail_append = n;
    TableBuilder builder(options, &sink);
    Status first_error;
    for (const auto& [key, value] : model) {
      const Status s = builder.Add(key, value);
      if (first_error.ok()) first_error = s;
    }
    const Status finished = builder.Finish();
    if (sink.appends <= n) {
      EXPECT_TRUE(finished.ok());
      EXPECT_GT(n, 0u);
      return;
    }
    EXPECT_EQ(finished.code(), StatusCode::kNoSpace);
    if (!first_error.ok()) {
      EXPECT_EQ(first_error.code(), StatusCode::kNoSpace);
    }
  }
}

TEST_P(TableSuite, S_GET_FindsTheNewestVersionAtOrBelowTheSequence) {
  const TableOptions options = SmallBlocks();
  Model model = EmptyModel(options);
  // Enough versions of "k" to fill several blocks, between a smaller and a larger key.
  for (SequenceNumber s = 10; s <= 400; s += 10) {
    const bool deleted = s % 30 == 0;
    model[Key("k", s, deleted ? ValueType::kDeletion : ValueType::kValue)] =
        deleted ? "" : std::to_string(s);
  }
  model[Key("j", 500)] = "before";
  model[Key("l", 500)] = "behind";
  const OpenedTable opened(options, model, GetParam());
  for (SequenceNumber s = 1; s <= 420; ++s) {
    Answer answer;
    ASSERT_TRUE(TableGet(*opened.table, "k", s, &answer).ok());
    ASSERT_EQ(answer, ModelGet(model, "k", s)) << s;
  }
}

TEST_P(TableSuite, S_GET_AbsentKeysAreAbsent) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 30);
  const OpenedTable opened(options, model, GetParam());
  for (const std::string& key : {std::string(), std::string("k"), NumberedKey(1), NumberedKey(31),
                                 NumberedKey(59), NumberedKey(61), std::string(9, '\xff')}) {
    Answer answer;
    ASSERT_TRUE(TableGet(*opened.table, key, kMaxSequence, &answer).ok());
    EXPECT_EQ(answer.state, LookupState::kAbsent) << Escape(key);
  }
}

TEST_P(TableSuite, S_GET_EmptyKeysAndValuesAreOrdinaryOnes) {
  const TableOptions options = SmallBlocks();
  Model model = EmptyModel(options);
  model[Key("")] = "value of the empty key";
  model[Key("a")] = "";
  const OpenedTable opened(options, model, GetParam());
  for (const char* key : {"", "a"}) {
    Answer answer;
    ASSERT_TRUE(TableGet(*opened.table, key, kMaxSequence, &answer).ok());
    EXPECT_EQ(answer, ModelGet(model, key, kMaxSequence));
  }
}

TEST_P(TableSuite, S_GET_FollowsTheUsersOrder) {
  TableOptions options = SmallBlocks();
  options.comparator = InternalKeyComparator(Reverse());
  Model model = NumberedModel(options, 30);
  model[Key(NumberedKey(4), 9)] = "newer";
  const OpenedTable opened(options, model, GetParam());
  Table::Iterator it(opened.table.get(), true);
  ExpectAllEntries(it, model);
  for (int i = 0; i <= 60; ++i) {
    Answer answer;
    ASSERT_TRUE(TableGet(*opened.table, NumberedKey(i), kMaxSequence, &answer).ok());
    ASSERT_EQ(answer, ModelGet(model, NumberedKey(i), kMaxSequence)) << i;
    it.Seek(SeekKey(NumberedKey(i)));
    ASSERT_TRUE(StandsAt(it, model, model.lower_bound(SeekKey(NumberedKey(i))))) << i;
  }
}

// Keys with tails, so that a short separator leaves room for targets between a block's last key and
// it.
TEST_P(TableSuite, S_SCAN_SeekBehindABlocksLastKeyGoesToTheNextBlock) {
  const TableOptions options = SmallBlocks();
  Model model = EmptyModel(options);
  for (int i = 0; i < 40; ++i) model[Key(NumberedKey(2 * i) + "mm")] = std::to_string(i);
  const OpenedTable opened(options, model, GetParam());
  Table::Iterator it(opened.table.get(), true);
  for (int i = 0; i <= 80; ++i) {
    for (const char* tail : {"", "aa", "mm", "zz"}) {
      const std::string target = SeekKey(NumberedKey(i) + tail);
      const auto want = model.lower_bound(target);
      it.Seek(target);
      ASSERT_TRUE(StandsAt(it, model, want)) << i << tail;
      if (want == model.end() || want == model.begin()) continue;
      it.Prev();
      ASSERT_TRUE(StandsAt(it, model, std::prev(want))) << i << tail;
      it.Next();
      ASSERT_TRUE(StandsAt(it, model, want)) << i << tail;
    }
  }
}

TEST_P(TableSuite, S_SCAN_AMovedIteratorGoesOnFromItsPosition) {
  for (const bool cached : {false, true}) {
    BlockCache cache(Env::Default(), 1 << 20);
    TableOptions options = SmallBlocks();
    if (cached) options.cache = &cache;
    const Model model = NumberedModel(options, 40);
    const OpenedTable opened(options, model, GetParam());
    Table::Iterator it(opened.table.get(), true);
    it.SeekToFirst();
    for (auto want = model.begin(); want != model.end(); ++want) {
      Table::Iterator moved(std::move(it));
      ASSERT_TRUE(StandsAt(moved, model, want));
      moved.Next();
      it = Table::Iterator(std::move(moved));
    }
    EXPECT_FALSE(it.Valid());
    EXPECT_TRUE(it.status().ok());
  }
}

TEST_P(TableSuite, S_SCAN_SeeksAfterTheEndStartAnew) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 10);
  const OpenedTable opened(options, model, GetParam());
  Table::Iterator it(opened.table.get(), true);
  it.Seek(SeekKey("z"));
  ASSERT_FALSE(it.Valid());
  it.SeekToLast();
  ASSERT_TRUE(StandsAt(it, model, std::prev(model.end())));
  it.Next();
  ASSERT_FALSE(it.Valid());
  it.Seek(SeekKey(""));
  ASSERT_TRUE(StandsAt(it, model, model.begin()));
  it.Prev();
  ASSERT_FALSE(it.Valid());
  ASSERT_TRUE(it.status().ok());
}

TEST_P(TableSuite, S_CODEC_CompressedTablesReadAlike) {
  TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 60, 100);
  const size_t plain_size = BuildTable(options, model).size();
  for (const Compression codec : Codecs()) {
    options.compression = codec;
    const OpenedTable opened(options, model, GetParam());
    EXPECT_LT(opened.disk.bytes.size(), plain_size) << CodecName(codec);
    EXPECT_EQ(FirstBlockType(opened.disk.bytes), codec);
    Table::Iterator it(opened.table.get(), true);
    ExpectAllEntries(it, model);
    EXPECT_TRUE(opened.table->VerifyChecksums().ok());
  }
}

TEST_P(TableSuite, S_CODEC_WhatSavesTooLittleIsStoredRaw) {
  for (const Compression codec : Codecs()) {
    TableOptions options = SmallBlocks();
    options.compression = codec;
    Model model = EmptyModel(options);
    model[Key("k")] = "0123456789abcdefghijklmnopqrstuvwxyz";
    const OpenedTable opened(options, model, GetParam());
    EXPECT_EQ(FirstBlockType(opened.disk.bytes), Compression::kNone) << CodecName(codec);
    Table::Iterator it(opened.table.get(), true);
    ExpectAllEntries(it, model);
  }
}

TEST_P(TableSuite, ApproximateOffsetsAscendWithinTheFile) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 100, 50);
  const OpenedTable opened(options, model, GetParam());
  uint64_t last = 0;
  for (int i = 0; i <= 220; ++i) {
    const uint64_t offset = opened.table->ApproximateOffset(SeekKey(NumberedKey(i)));
    ASSERT_GE(offset, last);
    ASSERT_LE(offset, opened.disk.bytes.size());
    last = offset;
  }
  EXPECT_EQ(opened.table->ApproximateOffset(SeekKey("")), 0u);
  EXPECT_GT(last, 100u * 50);
}

TEST_P(TableSuite, S_FILTER_NeverDeniesAKeyOfTheTable) {
  const TableOptions options = SmallBlocks();
  Model model = NumberedModel(options, 500);
  for (int i = 1; i < 1000; i += 4) {
    model[Key(NumberedKey(i), 3, ValueType::kDeletion)] = "";  // tombstones are entries
  }
  const OpenedTable opened(options, model, GetParam());
  for (const auto& [key, value] : model) {
    ASSERT_TRUE(opened.table->MayContain(Bloom::Hash(ExtractUserKey(key)))) << Escape(key);
  }
}

TEST_P(TableSuite, S_FILTER_DeniesMostOtherKeys) {
  const TableOptions options = SmallBlocks();
  const OpenedTable opened(options, NumberedModel(options, 500), GetParam());
  int maybe = 0;
  for (int i = 1; i < 1000; i += 2) maybe += opened.table->MayContain(Bloom::Hash(NumberedKey(i)));
  EXPECT_LT(maybe, 50);
}

TEST_P(TableSuite, S_FILTER_WithoutOneNothingIsDenied) {
  TableOptions options = SmallBlocks();
  options.bits_per_key = 0;
  const OpenedTable opened(options, NumberedModel(options, 20), GetParam());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(opened.table->MayContain(Bloom::Hash(NumberedKey(i))));
}

TEST_P(TableSuite, S_FILTER_OfAnotherNameIsIgnored) {
  const TableOptions options = SmallBlocks();
  const Model model = NumberedModel(options, 20);
  Disk disk;
  disk.bytes = BuildTable(options, model);
  disk.mapped = GetParam();
  const size_t name = disk.bytes.find("lsm.filter.");
  ASSERT_NE(name, std::string::npos);
  disk.bytes[name + 11] = '~';
  FixChecksum(&disk.bytes, FooterOf(disk.bytes).metaindex);
  auto opened = OpenTable(options, &disk);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE((*opened)->MayContain(Bloom::Hash(NumberedKey(i))));
  }
  Table::Iterator it(opened->get(), true);
  ExpectAllEntries(it, model);
}

// With and without a filter: both are named by the metaindex.
TEST_P(TableSuite, S_FACTS_ComeBackAndAreCovered) {
  for (const double bits_per_key : {0.0, 10.0}) {
    TableOptions options = SmallBlocks();
    options.bits_per_key = bits_per_key;
    const Model model = NumberedModel(options, 20);
    MemorySink sink;
    TableBuilder builder(options, &sink);
    for (const auto& [key, value] : model) ASSERT_TRUE(builder.Add(key, value).ok());
    const std::string facts("any\0bytes", 9);
    builder.SetFacts(facts);
    ASSERT_TRUE(builder.Finish().ok());
    Disk disk;
    disk.bytes = sink.bytes;
    disk.mapped = GetParam();
    {
      const auto table = OpenTable(options, &disk);
      ASSERT_TRUE(table.ok()) << table.status().ToString();
      EXPECT_EQ(*(*table)->ReadFacts(), facts);
      EXPECT_TRUE((*table)->VerifyChecksums().ok());
      Table::Iterator it(table->get(), true);
      ExpectAllEntries(it, model);
    }
    disk.bytes[disk.bytes.find(facts)] = 'A';
    const auto table = OpenTable(options, &disk);
    ASSERT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_TRUE((*table)->ReadFacts().status().IsCorruption());
    EXPECT_TRUE((*table)->VerifyChecksums().IsCorruption());
  }
}

TEST_P(TableSuite, S_FACTS_AreEmptyIfThereWereNone) {
  const TableOptions options = SmallBlocks();
  const OpenedTable opened(options, NumberedModel(options, 3), GetParam());
  EXPECT_EQ(*opened.table->ReadFacts(), "");
}

}  // namespace
}  // namespace lsm::sstable_suite
