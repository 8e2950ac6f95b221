// The contract of a LogWriter, clause by clause.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <stage/wal/wal.h>
#include "contract/wal/concept.h"
#include "contract/wal/test_log.h"

namespace lsm::testing {
namespace {

static_assert(LogWriterStage<LogWriter>);

// What the writer makes of the records.
std::string Written(const std::vector<std::string>& records) {
  TestWritableFile file;
  LogWriter writer(&file);
  for (const std::string& record : records) {
    const Status status = writer.Append(record);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  EXPECT_EQ(writer.Size(), file.bytes.size());
  return file.bytes;
}

std::string Framed(const std::vector<std::string>& records) {
  TestLog log;
  for (const std::string& record : records) log.Add(record);
  return log.bytes;
}

TEST(WalContract, W_FRAME_bytes_of_a_short_record) {
  // The proof in the example of docs/formats/wal.md.
  const std::string record = '\6' + std::string(11, '\0');
  const unsigned char header[] = {0x32, 0x42, 0xc5, 0x6c, 0x0c, 0x00, 0x01};
  EXPECT_EQ(Written({record}), std::string(header, header + sizeof(header)) + record);
}

TEST(WalContract, W_FRAME_an_empty_record_is_a_header) {
  EXPECT_EQ(Written({""}).size(), kLogHeaderBytes);
  EXPECT_EQ(Written({"", "x", ""}), Framed({"", "x", ""}));
}

TEST(WalContract, W_FRAME_a_long_record_is_split_at_block_ends) {
  const std::vector<std::string> records = {std::string(3 * kLogBlockBytes, 'x'), "behind"};
  EXPECT_EQ(Written(records), Framed(records));
}

TEST(WalContract, W_FRAME_every_room_left_in_a_block) {
  for (size_t left = 0; left <= 2 * kLogHeaderBytes; ++left) {
    const std::string filler(kLogBlockBytes - kLogHeaderBytes - left, 'x');
    for (const char* next : {"", "n", "next record"}) {
      EXPECT_EQ(Written({filler, next}), Framed({filler, next})) << left << " bytes left";
    }
  }
}

TEST(WalContract, W_FRAME_append_ends_with_flush) {
  TestWritableFile file;
  LogWriter writer(&file);
  for (const size_t size : {size_t{0}, size_t{10}, 2 * kLogBlockBytes}) {
    ASSERT_TRUE(writer.Append(std::string(size, 'x')).ok());
    EXPECT_EQ(file.flushed_bytes, file.bytes.size());
  }
  EXPECT_EQ(file.syncs, 0);
}

TEST(WalContract, W_SYNC_syncs_the_file) {
  TestWritableFile file;
  LogWriter writer(&file);
  ASSERT_TRUE(writer.Append("a").ok());
  ASSERT_TRUE(writer.Sync().ok());
  EXPECT_EQ(file.synced_bytes, file.bytes.size());
  ASSERT_TRUE(writer.Append("b").ok());
  ASSERT_TRUE(writer.Sync().ok());
  EXPECT_EQ(file.synced_bytes, file.bytes.size());
}

TEST(WalContract, W_SYNC_a_failed_sync_is_never_retried) {
  TestWritableFile file;
  LogWriter writer(&file);
  ASSERT_TRUE(writer.Append("a").ok());
  file.fail_at = file.calls;
  EXPECT_EQ(writer.Sync().code(), StatusCode::kIOError);
  EXPECT_EQ(writer.Sync().code(), StatusCode::kIOError);
  EXPECT_EQ(file.syncs, 0);
}

TEST(WalContract, W_ERROR_every_error_is_returned_and_final) {
  const std::vector<std::string> records = {"a", std::string(2 * kLogBlockBytes - 18, 'b'), "c"};
  for (int fail_at = 0;; ++fail_at) {
    TestWritableFile file;
    file.fail_at = fail_at;
    LogWriter writer(&file);
    Status first;
    for (const std::string& record : records) {
      const Status status = writer.Append(record);
      if (first.ok()) {
        first = status;
      } else {
        EXPECT_EQ(status.ToString(), first.ToString()) << "call " << fail_at;
      }
    }
    if (file.calls <= fail_at) {
      EXPECT_TRUE(first.ok());
      EXPECT_GT(fail_at, 5);
      break;
    }
    EXPECT_EQ(first.code(), StatusCode::kIOError) << "call " << fail_at;
    EXPECT_EQ(file.calls, fail_at + 1) << "the file was touched behind a hole";
    EXPECT_EQ(writer.Sync().ToString(), first.ToString());
    EXPECT_EQ(file.calls, fail_at + 1);
  }
}

TEST(WalContract, W_SIZE_counts_headers_and_trailers) {
  TestWritableFile file;
  LogWriter writer(&file);
  EXPECT_EQ(writer.Size(), 0u);
  ASSERT_TRUE(writer.Append("abc").ok());
  EXPECT_EQ(writer.Size(), kLogHeaderBytes + 3);
  ASSERT_TRUE(writer.Append(std::string(kLogBlockBytes - 2 * kLogHeaderBytes - 3 - 4, 'x')).ok());
  ASSERT_TRUE(writer.Append("").ok());  // behind a trailer of 4 bytes
  EXPECT_EQ(writer.Size(), kLogBlockBytes + kLogHeaderBytes);
}

RC_GTEST_PROP(WalContract, W_FRAME_any_sizes, ()) {
  std::vector<std::string> records;
  for (size_t i = *rc::gen::inRange<size_t>(1, 12); i > 0; --i) {
    const size_t blocks = *rc::gen::inRange<size_t>(0, 3) * kLogBlockBytes;
    const size_t near = *rc::gen::inRange<size_t>(0, 40);
    const bool below = *rc::gen::arbitrary<bool>() && blocks > 0;
    records.emplace_back(below ? blocks - near : blocks + near, static_cast<char>('a' + i));
  }
  RC_ASSERT(Written(records) == Framed(records));
}

}  // namespace
}  // namespace lsm::testing
