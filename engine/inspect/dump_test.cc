#include "inspect/dump.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/crc32c.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

constexpr char kPath[] = "/f";

// The files are built here byte by byte: a dump is judged by the format, not by a stage.
std::string Fragment(char type, std::string_view payload) {
  const std::string covered = type + std::string(payload);
  std::string bytes;
  PutFixed32(&bytes, crc32c::Mask(crc32c::Value(covered)));
  bytes.push_back(static_cast<char>(payload.size() & 0xff));
  bytes.push_back(static_cast<char>(payload.size() >> 8));
  return bytes + covered;
}

std::string Batch(uint64_t sequence, uint32_t count, std::string_view updates) {
  std::string bytes;
  PutFixed64(&bytes, sequence);
  PutFixed32(&bytes, count);
  return bytes.append(updates);
}

std::string InternalKey(std::string_view key, uint64_t sequence, uint8_t type) {
  std::string bytes(key);
  PutFixed64(&bytes, sequence << 8 | type);
  return bytes;
}

// Appends a block with its trailer to *file; the handle's bytes.
std::string AddBlock(std::string_view contents, std::string* file) {
  std::string handle;
  PutVarint64(&handle, file->size());
  PutVarint64(&handle, contents.size());
  const std::string covered = std::string(contents) + '\0';
  file->append(covered);
  PutFixed32(file, crc32c::Mask(crc32c::Value(covered)));
  return handle;
}

void AddEntry(char shared, std::string_view key, std::string_view value, std::string* block) {
  block->push_back(shared);
  block->push_back(static_cast<char>(key.size()));
  block->push_back(static_cast<char>(value.size()));
  block->append(key).append(value);
}

// One restart, at 0.
std::string Finish(std::string block) {
  PutFixed32(&block, 0);
  PutFixed32(&block, 1);
  return block;
}

std::string SmallTable() {
  std::string file, data, index, metaindex;
  AddEntry(0, InternalKey("k1", 7, 1), "v1", &data);
  AddEntry(1, InternalKey("2", 8, 0), "", &data);
  const std::string data_handle = AddBlock(Finish(data), &file);
  AddEntry(0, "lsm.filter.x", AddBlock("FILTER", &file), &metaindex);
  const std::string metaindex_handle = AddBlock(Finish(metaindex), &file);
  AddEntry(0, InternalKey("k2", 8, 0), data_handle, &index);
  std::string footer = metaindex_handle + AddBlock(Finish(index), &file);
  footer.resize(40);
  PutFixed64(&footer, 0xdb4775248b80fb57);
  return file + footer;
}

class Dump : public testing::Test {
 protected:
  using Function = Result<bool> (*)(Env*, const std::string&, std::string*);

  std::string Of(Function dump, std::string_view bytes) {
    EXPECT_TRUE(env_.OverwriteFile(kPath, bytes).ok());
    std::string text;
    const auto clean = dump(&env_, kPath, &text);
    EXPECT_TRUE(clean.ok()) << clean.status().ToString();
    EXPECT_EQ(*clean, text.find("end: clean\n") != std::string::npos) << text;
    return text;
  }
  std::string Wal(std::string_view bytes) { return "\n" + Of(DumpWal, bytes); }
  std::string Manifest(std::string_view bytes) { return "\n" + Of(DumpManifest, bytes); }
  std::string Table(std::string_view bytes) { return "\n" + Of(DumpTable, bytes); }

  sim::SimEnv env_{sim::SimOptions{}};
};

const std::string kTwoUpdates = Batch(5, 2, std::string("\x01\x02k1\x02v1\x00\x02k2", 11));

TEST_F(Dump, MissingFileIsAnError) {
  std::string text;
  EXPECT_TRUE(DumpWal(&env_, "/missing", &text).status().IsNotFound());
  EXPECT_TRUE(DumpManifest(&env_, "/missing", &text).status().IsNotFound());
  EXPECT_TRUE(DumpTable(&env_, "/missing", &text).status().IsNotFound());
}

TEST_F(Dump, EmptyLogIsClean) { EXPECT_EQ(Wal(""), "\nend: clean\n"); }

TEST_F(Dump, WalShowsBatches) {
  EXPECT_EQ(Wal(Fragment(1, kTwoUpdates) + Fragment(1, Batch(7, 0, "")) + std::string(9, '\0')), R"(
00000000  aeada013        checksum, ok
00000004  1700            length 23
00000006  01              type FULL
00000007  050000000000..  payload
  batch sequence 5 count 2
    5 put k1 = v1
    6 delete k2
0000001e  9120a504        checksum, ok
00000022  0c00            length 12
00000024  01              type FULL
00000025  070000000000..  payload
  batch sequence 7 count 0: what was written before is synced
00000031  000000000000..  9 zeros
end: clean
)");
}

TEST_F(Dump, WalShowsWhatStandsBehindDamage) {
  std::string bytes = Fragment(1, kTwoUpdates) + Fragment(1, Batch(7, 0, ""));
  bytes[22] = 'X';
  EXPECT_EQ(Wal(bytes), R"(
00000000  aeada013        checksum, BAD (should be b1e53482)
00000004  1700            length 23
00000006  01              type FULL
00000007  050000000000..  payload
  batch sequence 5 count 2
    5 put kX = v1
    6 delete k2
  checksum mismatch
00000000  aeada0131700..  30 bytes skipped
0000001e  9120a504        checksum, ok
00000022  0c00            length 12
00000024  01              type FULL
00000025  070000000000..  payload
  batch sequence 7 count 0: what was written before is synced
end: 00000000: checksum mismatch; whole records behind it: 1
)");
}

TEST_F(Dump, WalShowsACutOffRecord) {
  const std::string bytes = Fragment(1, kTwoUpdates);
  EXPECT_EQ(Wal(bytes.substr(0, 20)), R"(
00000000  aeada013        checksum
00000004  1700            length 23, BAD: beyond the end
00000006  01              type FULL
00000007  050000000000..  payload
  record cut off
00000000  aeada0131700..  20 bytes skipped
end: 00000000: record cut off; whole records behind it: 0
)");
  EXPECT_EQ(Wal(bytes.substr(0, 3)), R"(
00000000  aeada0          header, cut off
  record cut off
00000000  aeada0          3 bytes skipped
end: 00000000: record cut off; whole records behind it: 0
)");
}

TEST_F(Dump, WalShowsARecordOverABlockEnd) {
  const std::string value(32768, 'x');
  std::string update("\x01\x01k\x80\x80\x02", 6);
  const std::string batch = Batch(1, 1, update + value);
  const size_t first = 32768 - 7;
  EXPECT_EQ(Wal(Fragment(2, batch.substr(0, first)) + Fragment(4, batch.substr(first))), R"(
00000000  93c49f93        checksum, ok
00000004  f97f            length 32761
00000006  02              type FIRST
00000007  010000000000..  payload
00008000  ba60f47a        checksum, ok
00008004  1900            length 25
00008006  04              type LAST
00008007  787878787878..  payload
  batch sequence 1 count 1
    1 put k = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.. (32768 bytes)
end: clean
)");
}

TEST_F(Dump, WalShowsFragmentsThatDoNotFit) {
  EXPECT_EQ(Wal(Fragment(2, "ab") + Fragment(1, Batch(7, 0, "")) + Fragment(4, "cd")), R"(
00000000  6964a901        checksum, ok
00000004  0200            length 2
00000006  02              type FIRST
00000007  6162            payload
00000009  9120a504        checksum, ok
0000000d  0c00            length 12
0000000f  01              type FULL
00000010  070000000000..  payload
  record cut off by another
  batch sequence 7 count 0: what was written before is synced
0000001c  13c488bf        checksum, ok
00000020  0200            length 2
00000022  04              type LAST
00000023  6364            payload
  record without its beginning
end: 00000000: record cut off by another; whole records behind it: 1
)");
}

TEST_F(Dump, WalShowsDamagedBatches) {
  EXPECT_EQ(
      Wal(Fragment(1, "short") + Fragment(1, Batch(7, 1, "\x09")) + Fragment(1, Batch(7, 1, ""))),
      R"(
00000000  2e263e12        checksum, ok
00000004  0500            length 5
00000006  01              type FULL
00000007  73686f7274      payload
  BAD batch: 5 bytes are no header
0000000c  bacc5ca2        checksum, ok
00000010  0d00            length 13
00000012  01              type FULL
00000013  070000000000..  payload
  batch sequence 7 count 1
    BAD update at byte 12 of the batch
00000020  0a7ad6d9        checksum, ok
00000024  0c00            length 12
00000026  01              type FULL
00000027  070000000000..  payload
  batch sequence 7 count 1
    BAD count: found 0 updates
end: clean; records that make no sense: 3
)");
}

TEST_F(Dump, ManifestShowsEdits) {
  const std::string key = '\x09' + InternalKey("a", 1, 1);
  const std::string edit = std::string(
                               "\x01\x03"
                               "cmp"
                               "\x02\x05\x03\x0a\x04\x64\x09\x00",
                               13) +
                           "\x05\x01" + key + "\x06\x02\x07" + "\x07\x03\x08\x90\x4e" + key + key;
  EXPECT_EQ(Manifest(Fragment(1, edit)), R"(
00000000  4c63d9ec        checksum, ok
00000004  3500            length 53
00000006  01              type FULL
00000007  0103636d7002..  payload
  edit of 53 bytes
    +0000  tag 1  comparator cmp
    +0005  tag 2  log number 5
    +0007  tag 3  next file number 10
    +0009  tag 4  last sequence 100
    +000b  tag 9  previous log number 0
    +000d  tag 5  compact pointer: level 1 key a @1 put
    +0019  tag 6  remove: level 2 table 7
    +001c  tag 7  add: level 3 table 8 bytes 10000 from a @1 put to a @1 put
end: clean
)");
}

TEST_F(Dump, ManifestShowsFieldsUpToTheDamagedOne) {
  EXPECT_EQ(Manifest(Fragment(1, "\x02\x05\x63zzz") + Fragment(1, "\x02\x06\x07\x01")), R"(
00000000  efcb0c2b        checksum, ok
00000004  0600            length 6
00000006  01              type FULL
00000007  0205637a7a7a    payload
  edit of 6 bytes
    +0000  tag 2  log number 5
    +0002  tag 99  unknown or cut off: BAD
0000000d  3f2216af        checksum, ok
00000011  0400            length 4
00000013  01              type FULL
00000014  02060701        payload
  edit of 4 bytes
    +0000  tag 2  log number 6
    +0002  tag 7  add: level 1: BAD
end: clean; records that make no sense: 2
)");
}

TEST_F(Dump, TableShowsItsBlocks) {
  EXPECT_EQ(Table(SmallTable()), R"(
footer
0000006d  3319            metaindex: block at 00000033, 25 bytes
0000006f  5117            index: block at 00000051, 23 bytes
00000071  000000000000..  padding
00000095  57fb808b2475..  magic, ok
metaindex block at 00000033, 25 bytes
00000033  000c026c736d..  contents
0000004c  00              compression none
0000004d  5eba0cd3        checksum, ok
  +0000  shared 0 unshared 12 value 2: lsm.filter.x -> block at 00000028, 6 bytes
  +0011  1 restarts: +0000
lsm.filter.x block at 00000028, 6 bytes
00000028  46494c544552    contents
0000002e  00              compression none
0000002f  1ef61874        checksum, ok
index block at 00000051, 23 bytes
00000051  000a026b3200..  contents
00000068  00              compression none
00000069  6cf64ad5        checksum, ok
  +0000  shared 0 unshared 10 value 2: k2 @8 delete -> block at 00000000, 35 bytes
  +000f  1 restarts: +0000
data block at 00000000, 35 bytes
00000000  000a026b3101..  contents
00000023  00              compression none
00000024  dde79f61        checksum, ok
  +0000  shared 0 unshared 10 value 2: k1 @7 put = v1
  +000f  shared 1 unshared 9 value 0: k2 @8 delete = ""
  +001b  1 restarts: +0000
end: clean
)");
}

TEST_F(Dump, TableShowsDamage) {
  std::string bytes = SmallTable();
  bytes[3] = 'X';
  EXPECT_EQ(Table(bytes), R"(
footer
0000006d  3319            metaindex: block at 00000033, 25 bytes
0000006f  5117            index: block at 00000051, 23 bytes
00000071  000000000000..  padding
00000095  57fb808b2475..  magic, ok
metaindex block at 00000033, 25 bytes
00000033  000c026c736d..  contents
0000004c  00              compression none
0000004d  5eba0cd3        checksum, ok
  +0000  shared 0 unshared 12 value 2: lsm.filter.x -> block at 00000028, 6 bytes
  +0011  1 restarts: +0000
lsm.filter.x block at 00000028, 6 bytes
00000028  46494c544552    contents
0000002e  00              compression none
0000002f  1ef61874        checksum, ok
index block at 00000051, 23 bytes
00000051  000a026b3200..  contents
00000068  00              compression none
00000069  6cf64ad5        checksum, ok
  +0000  shared 0 unshared 10 value 2: k2 @8 delete -> block at 00000000, 35 bytes
  +000f  1 restarts: +0000
data block at 00000000, 35 bytes
00000000  000a02583101..  contents
00000023  00              compression none
00000024  dde79f61        checksum, BAD (should be c179058b)
  +0000  shared 0 unshared 10 value 2: X1 @7 put = v1
  +000f  shared 1 unshared 9 value 0: X2 @8 delete = ""
  +001b  1 restarts: +0000
end: problems: 1
)");
}

TEST_F(Dump, TableWithoutFooterIsNone) { EXPECT_EQ(Table("abc"), "\nend: 3 bytes are no table\n"); }

TEST_F(Dump, TableWithASenselessFooterIsNone) {
  for (const std::string& bytes : {std::string(60, '\xff'), SmallTable() + "x"}) {
    const std::string text = Table(bytes);
    EXPECT_EQ(text.substr(text.rfind("end: ")), "end: this is no table\n");
  }
}

// Any bytes are safe, and every dump says how the file ends.
TEST_F(Dump, EveryTruncationAndChangeOfAFileCanBeDumped) {
  const std::string wal = Fragment(1, kTwoUpdates) + Fragment(2, "ab") + Fragment(4, "cd");
  const std::string table = SmallTable();
  for (const Function dump : {DumpWal, DumpManifest, DumpTable}) {
    for (const std::string& bytes : {wal, table}) {
      for (size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_NE(Of(dump, bytes.substr(0, i)).find("end: "), std::string::npos);
        for (const char mask : {'\x01', '\x80', '\xff'}) {
          std::string changed = bytes;
          changed[i] = static_cast<char>(changed[i] ^ mask);
          EXPECT_NE(Of(dump, changed).find("end: "), std::string::npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace lsm
