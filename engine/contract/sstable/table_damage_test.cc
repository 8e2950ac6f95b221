// Contract suite of the sstable stage, (b): S-OPEN, S-CRC and errors of reading. A damaged table
// gives an error or the right answer; an error is never taken for an end.
#include <stage/bloom/bloom.h>

#include "contract/sstable/fixture.h"
#include "format/codec.h"

namespace lsm::sstable_suite {
namespace {

class DamageSuite : public testing::TestWithParam<bool> {
 protected:
  DamageSuite() { disk_.mapped = GetParam(); }

  // Everything a reader can ask of the file as it is now: each answer is an error or the model's.
  // Returns whether all of it was right.
  bool ExpectErrorsOrRightAnswers(const TableOptions& options, const Model& model) {
    auto opened = OpenTable(options, &disk_);
    if (!opened.ok()) return false;
    const Table& table = **opened;
    bool all_right = table.VerifyChecksums().ok();
    for (const auto& [key, value] : model) {
      const std::string user_key(ExtractUserKey(key));
      EXPECT_TRUE(table.MayContain(Bloom::Hash(user_key)));
      Answer answer;
      if (TableGet(table, user_key, kMaxSequence, &answer).ok()) {
        EXPECT_EQ(answer, ModelGet(model, user_key, kMaxSequence)) << Escape(user_key);
      } else {
        all_right = false;
      }
      Answer absent;
      if (TableGet(table, user_key + "0", kMaxSequence, &absent).ok()) {
        EXPECT_EQ(absent.state, LookupState::kAbsent);
      }
    }
    Table::Iterator it(&table, true);
    all_right &= ExpectPrefix(WalkForward(it), {model.begin(), model.end()});
    all_right &= ExpectPrefix(WalkBackward(it), {model.rbegin(), model.rend()});
    return all_right;
  }

  Disk disk_;

 private:
  using Entries = std::vector<std::pair<std::string, std::string>>;
  static bool ExpectPrefix(const Walk& walk, const Entries& want) {
    EXPECT_LE(walk.entries.size(), want.size());
    for (size_t i = 0; i < std::min(walk.entries.size(), want.size()); ++i) {
      EXPECT_EQ(walk.entries[i], want[i]);
    }
    if (walk.status.ok()) {
      EXPECT_EQ(walk.entries.size(), want.size()) << "an error became an end";
    }
    return walk.status.ok();
  }
};
INSTANTIATE_TEST_SUITE_P(Io, DamageSuite, testing::Bool(), [](const auto& param) {
  return std::string(param.param ? "mapped" : "plain");
});

TableOptions DamageOptions() {
  TableOptions options = SmallBlocks();
  options.restart_interval = 3;
  return options;
}

TEST_P(DamageSuite, S_CRC_EveryFlippedBitGivesAnErrorOrTheRightAnswer) {
  const TableOptions options = DamageOptions();
  const Model model = NumberedModel(options, 10);
  const std::string good = BuildTable(options, model);
  const size_t covered = good.size() - kFooter;  // by checksums; the footer has none
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    disk_.bytes = good;
    disk_.bytes[bit / 8] = static_cast<char>(disk_.bytes[bit / 8] ^ 1 << bit % 8);
    const bool all_right = ExpectErrorsOrRightAnswers(options, model);
    if (bit / 8 < covered) {
      EXPECT_FALSE(all_right) << "flipped bit " << bit << " went unseen";
    }
    ASSERT_FALSE(HasFailure()) << "flipped bit " << bit;
  }
}

TEST_P(DamageSuite, S_CRC_EveryFlippedBitOfACompressedTableToo) {
  for (const Compression codec : Codecs()) {
    TableOptions options = DamageOptions();
    options.compression = codec;
    options.block_bytes = 200;
    const Model model = NumberedModel(options, 10, 40);
    const std::string good = BuildTable(options, model);
    for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
      disk_.bytes = good;
      disk_.bytes[bit / 8] = static_cast<char>(disk_.bytes[bit / 8] ^ 1 << bit % 8);
      ExpectErrorsOrRightAnswers(options, model);
      ASSERT_FALSE(HasFailure()) << CodecName(codec) << ", flipped bit " << bit;
    }
  }
}

// Without verification answers may be wrong, but reading stays safe.
TEST_P(DamageSuite, S_CRC_UnverifiedReadsAreSafe) {
  TableOptions options = DamageOptions();
  options.verify_checksums = false;
  const std::string good = BuildTable(options, NumberedModel(options, 10));
  for (size_t byte = 0; byte < good.size(); ++byte) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      disk_.bytes = good;
      disk_.bytes[byte] = static_cast<char>(disk_.bytes[byte] ^ mask);
      auto opened = OpenTable(options, &disk_);
      if (!opened.ok()) continue;
      Table::Iterator it(opened->get(), true);
      const size_t limit = 1000;
      ASSERT_LT(WalkForward(it, limit).entries.size(), limit);
      ASSERT_LT(WalkBackward(it, limit).entries.size(), limit);
      it.Seek(SeekKey(NumberedKey(7)));
      Answer answer;
      // Any answer is as good as any other.
      TableGet(**opened, NumberedKey(8), kMaxSequence, &answer).IgnoreError();
    }
  }
}

TEST_P(DamageSuite, S_OPEN_NoTruncatedFileOpens) {
  const TableOptions options = DamageOptions();
  const std::string good = BuildTable(options, NumberedModel(options, 10));
  for (size_t n = 0; n < good.size(); ++n) {
    disk_.bytes = good.substr(0, n);
    const auto opened = OpenTable(options, &disk_);
    ASSERT_FALSE(opened.ok()) << n << " bytes";
    ASSERT_TRUE(opened.status().IsCorruption()) << opened.status().ToString();
    ASSERT_NE(opened.status().message().find("t.ldb"), std::string::npos);
  }
}

TEST_P(DamageSuite, S_OPEN_HandlesBehindTheEndAreCorruption) {
  const TableOptions options = DamageOptions();
  const std::string good = BuildTable(options, NumberedModel(options, 10));
  const Handles handles = FooterOf(good);
  const uint64_t size = good.size();
  for (const Handle& bad :
       {Handle{size, 1}, Handle{0, size}, Handle{UINT64_MAX, 0}, Handle{UINT64_MAX, 1},
        Handle{0, UINT64_MAX}, Handle{1, UINT64_MAX}, Handle{UINT64_MAX, UINT64_MAX},
        Handle{UINT64_MAX - 4, 1}, Handle{1, UINT64_MAX - 4}, Handle{size - kFooter - 4, 0}}) {
    for (const std::string& footer :
         {MakeFooter(bad, handles.index), MakeFooter(handles.metaindex, bad)}) {
      disk_.bytes = good.substr(0, size - kFooter) + footer;
      const auto opened = OpenTable(options, &disk_);
      ASSERT_TRUE(opened.status().IsCorruption()) << bad.offset << " " << bad.size;
    }
  }
}

// The handle of a block that lies in other blocks: the filter's, and a data block's.
TEST_P(DamageSuite, S_OPEN_HandlesInsideOfBlocksAreChecked) {
  const TableOptions options = DamageOptions();
  const std::string name = "lsm.filter." + std::string(Bloom::Name());
  for (const Handle& bad : {Handle{UINT64_MAX, 1}, Handle{0, UINT64_MAX - 4}, Handle{100'000, 5}}) {
    std::string handle;
    PutVarint64(&handle, bad.offset);
    PutVarint64(&handle, bad.size);
    const std::string metaindex = OneEntryBlock(name, handle);
    const std::string index = OneEntryBlock(Key("k"), handle);
    const std::string footer =
        MakeFooter({0, metaindex.size() - 5}, {metaindex.size(), index.size() - 5});
    disk_.bytes = metaindex + index + footer;
    ASSERT_TRUE(OpenTable(options, &disk_).status().IsCorruption());

    disk_.bytes = OneEntryBlock("other", handle);
    disk_.bytes +=
        index + MakeFooter({0, disk_.bytes.size() - 5}, {disk_.bytes.size(), index.size() - 5});
    auto opened = OpenTable(options, &disk_);
    if (!opened.ok()) continue;  // an implementation may check them all at once
    Table::Iterator it(opened->get(), true);
    EXPECT_TRUE(WalkForward(it).status.IsCorruption());
    EXPECT_TRUE(WalkBackward(it).status.IsCorruption());
    Answer answer;
    EXPECT_TRUE(TableGet(**opened, "k", kMaxSequence, &answer).IsCorruption());
    EXPECT_TRUE((*opened)->VerifyChecksums().IsCorruption());
  }
}

TEST_P(DamageSuite, S_CRC_DamageIsACorruptionWithFileAndOffset) {
  const TableOptions options = DamageOptions();
  disk_.bytes = BuildTable(options, NumberedModel(options, 10));
  disk_.bytes[3] = static_cast<char>(disk_.bytes[3] ^ 1);  // in the first block, at offset 0
  auto opened = OpenTable(options, &disk_);
  ASSERT_TRUE(opened.ok());
  Answer answer;
  Table::Iterator it(opened->get(), true);
  for (const Status& s : {TableGet(**opened, NumberedKey(0), kMaxSequence, &answer),
                          WalkForward(it).status, (*opened)->VerifyChecksums()}) {
    EXPECT_TRUE(s.IsCorruption());
    EXPECT_NE(s.message().find("t.ldb: block at offset 0"), std::string::npos) << s.ToString();
  }
}

// Every number that a block's type can be, over contents that no codec made: none is misread.
TEST_P(DamageSuite, S_CODEC_AWrongTypeIsAnErrorThatNamesTheBlock) {
  const TableOptions options = DamageOptions();
  const std::string good = BuildTable(options, NumberedModel(options, 1));
  const Handle block = FirstBlock(good);
  for (int type = 1; type < 256; ++type) {
    disk_.bytes = good;
    disk_.bytes[block.offset + block.size] = static_cast<char>(type);
    FixChecksum(&disk_.bytes, block);
    auto opened = OpenTable(options, &disk_);
    ASSERT_TRUE(opened.ok());
    Table::Iterator it(opened->get(), true);
    const Status s = WalkForward(it).status;
    const auto codec = static_cast<Compression>(type);
    const bool missing = IsCodec(codec) && !CodecAvailable(codec);
    EXPECT_EQ(s.code(), missing ? StatusCode::kNotSupported : StatusCode::kCorruption) << type;
    EXPECT_NE(s.message().find("t.ldb: block at offset 0"), std::string::npos) << s.ToString();
  }
}

// A block of a few bytes whose header claims gigabytes must not make the reader allocate them.
TEST_P(DamageSuite, S_CODEC_ACompressedBlockThatClaimsTooMuchIsCorruption) {
  for (const Compression codec : Codecs()) {
    std::string bomb;
    const uint64_t claim = uint64_t{1} << 31;
    codec == Compression::kLz4 ? PutFixed64(&bomb, claim) : PutVarint64(&bomb, claim);
    bomb += "12345";
    const Handle block{0, bomb.size()};
    bomb += std::string(1, static_cast<char>(codec)) + std::string(4, '\0');
    FixChecksum(&bomb, block);
    std::string handle;
    PutVarint64(&handle, block.offset);
    PutVarint64(&handle, block.size);
    const std::string metaindex = OneEntryBlock("other", handle);
    const std::string index = OneEntryBlock(Key("k"), handle);
    disk_.bytes = bomb + metaindex + index +
                  MakeFooter({bomb.size(), metaindex.size() - 5},
                             {bomb.size() + metaindex.size(), index.size() - 5});
    auto opened = OpenTable(DamageOptions(), &disk_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    Answer answer;
    EXPECT_TRUE(TableGet(**opened, "k", kMaxSequence, &answer).IsCorruption());
  }
}

// Damage that comes after opening is seen when a block is first used; afterwards a reader may know
// it.
TEST_P(DamageSuite, S_CRC_BlocksAreVerifiedAtTheirFirstUse) {
  const TableOptions options = DamageOptions();
  const Model model = NumberedModel(options, 10);
  disk_.bytes = BuildTable(options, model);
  auto opened = OpenTable(options, &disk_);
  ASSERT_TRUE(opened.ok());
  disk_.bytes[3] = static_cast<char>(disk_.bytes[3] ^ 1);
  for (int round = 0; round < 2; ++round) {  // damage stays damage
    Answer answer;
    EXPECT_TRUE(TableGet(**opened, NumberedKey(0), kMaxSequence, &answer).IsCorruption());
  }
}

TEST_P(DamageSuite, S_CRC_AReadErrorIsNeverAnEnd) {
  const TableOptions options = DamageOptions();
  const Model model = NumberedModel(options, 10);
  disk_.bytes = BuildTable(options, model);
  for (const bool sticky : {false, true}) {
    for (uint64_t n = 0;; ++n) {
      disk_.reads = 0;
      disk_.fail_read = n;
      disk_.sticky = sticky;
      auto opened = OpenTable(options, &disk_);
      Walk forward, backward;
      if (opened.ok()) {
        Table::Iterator it(opened->get(), true);
        forward = WalkForward(it);
        backward = WalkBackward(it);
      }
      if (disk_.reads <= n) break;  // the run ended without reaching the fault
      const Status& s = !opened.ok()           ? opened.status()
                        : !forward.status.ok() ? forward.status
                                               : backward.status;
      ASSERT_EQ(s.code(), StatusCode::kIOError) << "read " << n;
      if (opened.ok() && forward.status.ok()) {
        ASSERT_EQ(forward.entries.size(), model.size());
      }
    }
  }
}

TEST_P(DamageSuite, S_CRC_AfterAReadErrorTheNextSeekStartsAnew) {
  const TableOptions options = DamageOptions();
  const Model model = NumberedModel(options, 10);
  disk_.bytes = BuildTable(options, model);
  auto opened = OpenTable(options, &disk_);
  ASSERT_TRUE(opened.ok());
  Table::Iterator it(opened->get(), true);
  disk_.fail_read = disk_.reads;
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  EXPECT_EQ(it.status().code(), StatusCode::kIOError);
  ExpectAllEntries(it, model);
}

TEST_P(DamageSuite, S_CRC_AReadErrorOfGetIsNotAbsence) {
  const TableOptions options = DamageOptions();
  disk_.bytes = BuildTable(options, NumberedModel(options, 10));
  auto opened = OpenTable(options, &disk_);
  ASSERT_TRUE(opened.ok());
  disk_.fail_read = disk_.reads;
  Answer answer;
  EXPECT_EQ(TableGet(**opened, NumberedKey(4), kMaxSequence, &answer).code(), StatusCode::kIOError);
}

// A page of a mapping that could not be read shows as zeros: nothing that rests on it may be
// believed.
TEST(MappingSuite, S_CRC_AFailedMappingVoidsAnswers) {
  const TableOptions options = DamageOptions();
  const Model model = NumberedModel(options, 10);
  OpenedTable opened(options, model, /*mapped=*/true);
  Table::Iterator it(opened.table.get(), true);
  it.SeekToFirst();
  ASSERT_TRUE(it.Valid());
  opened.disk.mapping_failed = true;
  std::fill(opened.disk.bytes.begin(), opened.disk.bytes.end(), '\0');
  while (it.Valid()) it.Next();
  EXPECT_EQ(it.status().code(), StatusCode::kIOError);
  EXPECT_EQ(WalkBackward(it).status.code(), StatusCode::kIOError);
  EXPECT_TRUE(opened.table->MayContain(Bloom::Hash(NumberedKey(4))));
  Answer answer;
  for (const int i : {4, 5}) {
    EXPECT_EQ(TableGet(*opened.table, NumberedKey(i), kMaxSequence, &answer).code(),
              StatusCode::kIOError);
  }
  EXPECT_EQ(opened.table->VerifyChecksums().code(), StatusCode::kIOError);
}

// The page that holds the filter's bits, but for its last byte: a filter that seems to deny all.
TEST(MappingSuite, S_FILTER_AFailedMappingDeniesNothing) {
  const TableOptions options = DamageOptions();
  OpenedTable opened(options, NumberedModel(options, 10), /*mapped=*/true);
  const std::string name = "lsm.filter." + std::string(Bloom::Name());
  std::string_view handle = opened.disk.bytes;
  handle.remove_prefix(handle.find(name) + name.size());
  const Handle filter = ReadHandle(&handle);
  ASSERT_GT(filter.size, 1u);
  opened.disk.mapping_failed = true;
  std::fill_n(opened.disk.bytes.begin() + static_cast<ptrdiff_t>(filter.offset), filter.size - 1,
              '\0');
  EXPECT_TRUE(opened.table->MayContain(Bloom::Hash(NumberedKey(4))));
}

}  // namespace
}  // namespace lsm::sstable_suite
