// Contract suite of the sstable stage, (b): S-BYTES, in one direction. The other is judged by
// LevelDB itself, on whole databases.
#include "contract/sstable/fixture.h"
#include "contract/sstable/leveldb_table.h"

namespace lsm::sstable_suite {
namespace {

TEST(BytesSuite, S_BYTES_LevelDBsTableIsRead) {
  for (const bool mapped : {false, true}) {
    Disk disk;
    disk.bytes = FromHex(kLevelDbTable);
    disk.mapped = mapped;
    auto opened = OpenTable(SmallBlocks(), &disk);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    const Model model = LevelDbModel();
    Table::Iterator it(opened->get(), true);
    ExpectAllEntries(it, model);
    for (const char* user_key : {"apple", "apricot", "banana", "blue", "cherry", "date"}) {
      for (SequenceNumber s = 0; s <= 7; ++s) {
        Answer answer;
        ASSERT_TRUE(TableGet(**opened, user_key, s, &answer).ok());
        EXPECT_EQ(answer, ModelGet(model, user_key, s)) << user_key << " at " << s;
      }
    }
    EXPECT_TRUE((*opened)->VerifyChecksums().ok());
  }
}

// A block handle of the footer leads to a block whose trailer holds type and checksum.
TEST(BytesSuite, S_BYTES_FooterAndTrailersAreLevelDBs) {
  const TableOptions options = SmallBlocks();
  const std::string table = BuildTable(options, NumberedModel(options, 20));
  ASSERT_GT(table.size(), kFooter);
  EXPECT_EQ(DecodeFixed64(table.data() + table.size() - 8), 0xdb4775248b80fb57);
  const Handles handles = FooterOf(table);
  for (const Handle& handle : {handles.metaindex, handles.index}) {
    ASSERT_LE(handle.offset + handle.size + 5, table.size() - kFooter);
    const std::string_view covered(table.data() + handle.offset, handle.size + 1);
    EXPECT_EQ(DecodeFixed32(covered.data() + covered.size()), crc32c::Mask(crc32c::Value(covered)));
  }
}

}  // namespace
}  // namespace lsm::sstable_suite
