#include "format/batch.h"

#include <gtest/gtest.h>

#include "base/escape.h"

namespace lsm {
namespace {

// "Put(key,value) Delete(key) ..." with escaped bytes.
class Printer final : public WriteBatch::Handler {
 public:
  void Put(std::string_view key, std::string_view value) override {
    text += "Put(" + Escape(key) + "," + Escape(value) + ")";
  }
  void Delete(std::string_view key) override { text += "Delete(" + Escape(key) + ")"; }

  std::string text;
};

std::string Print(const WriteBatch& batch) {
  Printer printer;
  const Status status = batch.Iterate(&printer);
  return status.ok() ? printer.text : status.ToString();
}

WriteBatch Sample() {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("b");
  batch.Put("", std::string(200, 'v'));
  WriteBatchRep::SetSequence(&batch, 100);
  return batch;
}

Status Parse(std::string_view bytes) {
  WriteBatch batch;
  return WriteBatchRep::Parse(bytes, &batch);
}

TEST(WriteBatchTest, EmptyBatchIsItsHeader) {
  const WriteBatch batch;
  EXPECT_EQ(batch.Count(), 0u);
  EXPECT_EQ(batch.ByteSize(), WriteBatchRep::kHeaderBytes);
  EXPECT_EQ(Print(batch), "");
}

TEST(WriteBatchTest, UpdatesComeInOrder) {
  WriteBatch batch;
  batch.Put("k", "1");
  batch.Delete("k");
  batch.Put("k", "2");
  EXPECT_EQ(batch.Count(), 3u);
  EXPECT_EQ(Print(batch), "Put(k,1)Delete(k)Put(k,2)");
}

TEST(WriteBatchTest, HasTheBytesOfLevelDB) {
  WriteBatch batch;
  batch.Put("foo", "bar");
  batch.Delete("box");
  WriteBatchRep::SetSequence(&batch, 100);
  EXPECT_EQ(Escape(WriteBatchRep::Bytes(batch)),
            "d\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x00\\x00"
            "\\x01\\x03foo\\x03bar\\x00\\x03box");
}

TEST(WriteBatchTest, ClearForgetsEverything) {
  WriteBatch batch = Sample();
  batch.Clear();
  EXPECT_EQ(WriteBatchRep::Bytes(batch), WriteBatchRep::Bytes(WriteBatch()));
}

TEST(WriteBatchTest, AppendKeepsTheSequenceAndAddsTheUpdates) {
  WriteBatch first;
  first.Put("a", "1");
  WriteBatchRep::SetSequence(&first, 7);
  WriteBatch second;
  second.Delete("b");
  WriteBatchRep::SetSequence(&second, 9);
  first.Append(second);
  EXPECT_EQ(WriteBatchRep::Sequence(first), 7u);
  EXPECT_EQ(first.Count(), 2u);
  EXPECT_EQ(Print(first), "Put(a,1)Delete(b)");
}

TEST(WriteBatchTest, AppendToItselfDoublesIt) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Append(batch);
  EXPECT_EQ(Print(batch), "Put(a,1)Put(a,1)");
}

TEST(WriteBatchParseTest, BatchComesBack) {
  const WriteBatch batch = Sample();
  WriteBatch parsed;
  ASSERT_TRUE(WriteBatchRep::Parse(WriteBatchRep::Bytes(batch), &parsed).ok());
  EXPECT_EQ(WriteBatchRep::Bytes(parsed), WriteBatchRep::Bytes(batch));
  EXPECT_EQ(WriteBatchRep::Sequence(parsed), 100u);
}

TEST(WriteBatchParseTest, EmptyBatchAtTheLastSequenceIsWellFormed) {
  WriteBatch batch;
  WriteBatchRep::SetSequence(&batch, kMaxSequence);
  EXPECT_TRUE(Parse(WriteBatchRep::Bytes(batch)).ok());
}

TEST(WriteBatchParseTest, EveryTruncationIsCorruption) {
  const WriteBatch batch = Sample();
  const std::string_view bytes = WriteBatchRep::Bytes(batch);
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_TRUE(Parse(bytes.substr(0, n)).IsCorruption());
}

TEST(WriteBatchParseTest, BytesBehindTheLastRecordAreCorruption) {
  const WriteBatch batch = Sample();
  const std::string bytes(WriteBatchRep::Bytes(batch));
  EXPECT_TRUE(Parse(bytes + '\0').IsCorruption());
  EXPECT_TRUE(Parse(bytes + "x").IsCorruption());
}

TEST(WriteBatchParseTest, UnknownRecordTypeIsCorruptionThatNamesTheRecord) {
  WriteBatch batch;
  batch.Delete("a");
  batch.Delete("b");
  std::string bytes(WriteBatchRep::Bytes(batch));
  bytes[WriteBatchRep::kHeaderBytes + 3] = 2;
  EXPECT_EQ(Parse(bytes).ToString(), "Corruption: write batch: record 1 is damaged");
}

TEST(WriteBatchParseTest, WrongCountIsCorruptionThatNamesBoth) {
  std::string bytes(WriteBatchRep::Bytes(Sample()));
  bytes[8] = 4;
  EXPECT_EQ(Parse(bytes).ToString(), "Corruption: write batch: header counts 4 updates, found 3");
}

TEST(WriteBatchParseTest, LengthBeyondTheBatchIsCorruption) {
  WriteBatch batch;
  batch.Delete("a");
  std::string bytes(WriteBatchRep::Bytes(batch));
  bytes.replace(WriteBatchRep::kHeaderBytes + 1, 1, "\xff\xff\xff\xff\x0f");
  EXPECT_TRUE(Parse(bytes).IsCorruption());
}

TEST(WriteBatchParseTest, SequenceThatWouldOverflowIsCorruption) {
  WriteBatch batch = Sample();
  WriteBatchRep::SetSequence(&batch, kMaxSequence);
  EXPECT_TRUE(Parse(WriteBatchRep::Bytes(batch)).IsCorruption());
}

// Damage that leaves the batch well-formed cannot be seen here: the log's checksum is for that.
TEST(WriteBatchParseTest, EveryFlippedBitIsRefusedOrReadsWithinBounds) {
  const std::string bytes(WriteBatchRep::Bytes(Sample()));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    WriteBatch batch;
    const Status status = WriteBatchRep::Parse(damaged, &batch);
    EXPECT_TRUE(status.ok() || status.IsCorruption());
    EXPECT_EQ(batch.Count() > 0, status.ok());
  }
}

TEST(BatchReaderTest, WalksTheUpdates) {
  const WriteBatch batch = Sample();
  BatchReader reader(WriteBatchRep::Bytes(batch));
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.type(), ValueType::kValue);
  EXPECT_EQ(reader.key(), "a");
  EXPECT_EQ(reader.value(), "1");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.type(), ValueType::kDeletion);
  EXPECT_EQ(reader.key(), "b");
  EXPECT_EQ(reader.value(), "");
  ASSERT_TRUE(reader.Next());
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.damaged());
}

}  // namespace
}  // namespace lsm
