// RocksDB as judge of the codecs that LevelDB lacks: its table reader still knows the footer of
// LevelDB's tables, and takes lz4 and zstd blocks as docs/formats/sstable.md has them.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <map>
#include <string>

#include "db/test_dir.h"
#include "format/codec.h"
#include "lsm/db.h"

namespace lsm::interop {
namespace {

class RocksDbReadsTables : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(All, RocksDbReadsTables,
                         testing::Values(Compression::kNone, Compression::kSnappy,
                                         Compression::kLz4, Compression::kZstd),
                         [](const auto& param) { return CodecName(param.param); });

TEST_P(RocksDbReadsTables, OfThisCodec) {
  if (!CodecAvailable(GetParam())) GTEST_SKIP() << "not in this build";
  TestDir dir;
  Options options;
  options.create_if_missing = true;
  options.compression = GetParam();
  auto db = DB::Open(options, dir.path());
  ASSERT_TRUE(db.ok()) << db.status().ToString();
  std::map<std::string, std::string> model;
  for (int i = 0; i < 5000; ++i) {
    const std::string key = fmt::format("key{:05}", i);
    model[key] = fmt::format("value {} of a text that repeats itself, value {}", i, i);
    ASSERT_TRUE((*db)->Put({}, key, model[key]).ok());
  }
  ASSERT_TRUE((*db)->Flush().ok());
  db->reset();

  rocksdb::SstFileReader reader{rocksdb::Options()};
  rocksdb::Status s = reader.Open(dir.First(FileKind::kTable));
  ASSERT_TRUE(s.ok()) << s.ToString();
  const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
  auto expected = model.begin();
  for (it->SeekToFirst(); it->Valid(); it->Next(), ++expected) {
    ASSERT_NE(expected, model.end());
    ASSERT_EQ(it->key().ToString(), expected->first);
    ASSERT_EQ(it->value().ToString(), expected->second);
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  EXPECT_EQ(expected, model.end());
}

}  // namespace
}  // namespace lsm::interop
