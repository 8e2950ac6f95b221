// The log against LevelDB's own: each reads what the other wrote. Built where libleveldb is
// installed.
#include <gtest/gtest.h>
#include <leveldb/db.h>
#include <leveldb/dumpfile.h>
#include <leveldb/env.h>

#include <memory>
#include <string>
#include <vector>

#include <stage/wal/wal.h>
#include "format/batch.h"
#include "lsm/env.h"

namespace lsm::testing {
namespace {

// A directory of this test's own, empty.
std::string NewDir(const std::string& name) {
  const std::string dir = ::testing::TempDir() + "lsm_log_peer_" + name;
  Env* env = Env::Default();
  EXPECT_TRUE(env->CreateDir(dir).ok());
  const Result<std::vector<std::string>> names = env->ListDir(dir);
  EXPECT_TRUE(names.ok());
  for (const std::string& file : *names) EXPECT_TRUE(env->RemoveFile(dir + "/" + file).ok());
  return dir;
}

// Values that put record ends at and around block ends.
std::vector<std::string> Values() {
  std::vector<std::string> values;
  for (size_t size = 32700; size < 32780; size += 3) values.emplace_back(size, 'v');
  values.emplace_back(100'000, 'w');
  values.emplace_back("");
  return values;
}

class Collector final : public leveldb::WritableFile {
 public:
  std::string text;
  leveldb::Status Append(const leveldb::Slice& data) override {
    text.append(data.data(), data.size());
    return leveldb::Status::OK();
  }
  leveldb::Status Close() override { return leveldb::Status::OK(); }
  leveldb::Status Flush() override { return leveldb::Status::OK(); }
  leveldb::Status Sync() override { return leveldb::Status::OK(); }
};

TEST(WalPeer, leveldb_reads_the_writers_log) {
  const std::string path = NewDir("ours") + "/000003.log";
  Result<std::unique_ptr<WritableFile>> file = Env::Default()->CreateWritable(path, {});
  ASSERT_TRUE(file.ok());
  LogWriter writer(file->get());
  std::string expected;
  SequenceNumber sequence = 1;
  for (const std::string& value : Values()) {
    WriteBatch batch;
    WriteBatchRep::SetSequence(&batch, sequence++);
    batch.Put("k", value);
    expected += "  put 'k' '" + value + "'\n";
    ASSERT_TRUE(writer.Append(WriteBatchRep::Bytes(batch)).ok());
  }
  ASSERT_TRUE((*file)->Close().ok());

  Collector dump;
  ASSERT_TRUE(leveldb::DumpFile(leveldb::Env::Default(), path, &dump).ok());
  std::string updates;
  size_t records = 0;
  for (size_t begin = 0; begin < dump.text.size();) {
    const size_t end = dump.text.find('\n', begin) + 1;
    const std::string line = dump.text.substr(begin, end - begin);
    EXPECT_EQ(line.find("corruption"), std::string::npos) << line;
    if (line.starts_with("---")) {
      ++records;
    } else {
      updates += line;
    }
    begin = end;
  }
  EXPECT_EQ(records, Values().size());
  EXPECT_EQ(updates, expected);
}

TEST(WalPeer, the_reader_reads_leveldbs_log) {
  const std::string dir = NewDir("theirs");
  leveldb::Options options;
  options.create_if_missing = true;
  leveldb::DB* opened = nullptr;
  ASSERT_TRUE(leveldb::DB::Open(options, dir, &opened).ok());
  const std::unique_ptr<leveldb::DB> db(opened);
  for (const std::string& value : Values()) ASSERT_TRUE(db->Put({}, "k", value).ok());

  auto file = Env::Default()->OpenSequential(dir + "/000003.log");
  ASSERT_TRUE(file.ok());
  LogReader reader(file->get(), nullptr);
  std::vector<std::string> values;
  std::string_view record;
  while (reader.Read(&record)) {
    BatchReader updates(record);
    while (updates.Next()) values.emplace_back(updates.value());
  }
  EXPECT_EQ(reader.end().kind, LogEndKind::kClean);
  EXPECT_EQ(values, Values());
}

}  // namespace
}  // namespace lsm::testing
