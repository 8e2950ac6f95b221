// V-CODEC: the bytes of version edits.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "contract/version/version_test_util.h"

namespace lsm {
namespace {

using version_test::Key;
using version_test::Table;

std::string Encode(const VersionEdit& edit) {
  std::string bytes;
  EncodeEdit(edit, &bytes);
  return bytes;
}

VersionEdit FullEdit() {
  VersionEdit edit;
  edit.comparator = "leveldb.BytewiseComparator";
  edit.log_number = 5;
  edit.next_file_number = 300;
  edit.last_sequence = 1000;
  edit.compact_pointers.emplace_back(1, Key("p"));
  edit.removed.emplace_back(2, 130);
  edit.added.emplace_back(3, Table(131, "a", "b"));
  return edit;
}

bool SameFile(const FileMeta& a, const FileMeta& b) {
  return a.number == b.number && a.bytes == b.bytes && a.smallest == b.smallest &&
         a.largest == b.largest && a.run == b.run && a.compression == b.compression;
}

bool SameEdit(const VersionEdit& a, const VersionEdit& b) {
  bool same = a.comparator == b.comparator && a.log_number == b.log_number &&
              a.next_file_number == b.next_file_number && a.last_sequence == b.last_sequence &&
              a.sequence_runs_ahead == b.sequence_runs_ahead &&
              a.compact_pointers == b.compact_pointers && a.removed == b.removed &&
              a.added.size() == b.added.size();
  for (size_t i = 0; same && i < a.added.size(); ++i) {
    same = a.added[i].first == b.added[i].first && SameFile(a.added[i].second, b.added[i].second);
  }
  return same;
}

void ExpectCorruption(const std::string& bytes) {
  VersionEdit edit;
  const Status status = DecodeEdit(bytes, &edit);
  EXPECT_TRUE(status.IsCorruption()) << Escape(bytes) << " " << status.ToString();
  EXPECT_FALSE(status.message().empty());
}

TEST(VCodec, BytesAreLevelDbs) {
  const std::string tag("\x01\x01\0\0\0\0\0\0", 8);  // of Key: sequence 1, a value
  const std::string expected = std::string("\x01\x1aleveldb.BytewiseComparator") + "\x02\x05" +
                               "\x03\xac\x02" + "\x04\xe8\x07" + "\x05\x01\x09p" + tag +
                               "\x06\x02\x82\x01" + "\x07\x03\x83\x01\xe7\x01" +
                               "\x09"
                               "a" +
                               tag +
                               "\x09"
                               "b" +
                               tag;
  EXPECT_EQ(Escape(Encode(FullEdit())), Escape(expected));
}

TEST(VCodec, ATableOutsideOfItsDefaultRunHasATagOfItsOwn) {
  VersionEdit edit;
  edit.added.emplace_back(2, Table(131, "a", "b"));
  edit.added.back().second.run = 5;
  const std::string tag("\x01\x01\0\0\0\0\0\0", 8);  // of Key: sequence 1, a value
  EXPECT_EQ(Escape(Encode(edit)), Escape("\x40\x02\x05\x83\x01\xe7\x01"
                                         "\x09"
                                         "a" +
                                         tag +
                                         "\x09"
                                         "b" +
                                         tag));
  edit.added = {{0, Table(131, "a", "b")}};  // in level 0 the default is a run a table
  EXPECT_EQ(Encode(edit)[0], 64);
  edit.added[0].second.run = 131;
  EXPECT_EQ(Encode(edit)[0], 7);
  ExpectCorruption("\x40\x02");
}

TEST(VMark, ACodecThatLevelDbLacksHasATagOfItsOwn) {
  VersionEdit edit = FullEdit();
  edit.added[0].second.compression = Compression::kZstd;
  EXPECT_EQ(Escape(Encode(edit)), Escape(Encode(FullEdit()) + "\x41\x07"));
  edit.added.insert(edit.added.begin(),
                    {1, Table(9, "a", "b")});  // it belongs to the one before it
  VersionEdit decoded;
  ASSERT_TRUE(DecodeEdit(Encode(edit), &decoded).ok());
  EXPECT_TRUE(SameEdit(decoded, edit));
  ExpectCorruption("\x41\x07");
  ExpectCorruption(Encode(FullEdit()) + "\x41");
}

TEST(VCodec, EncodeAppends) {
  std::string bytes = "x";
  EncodeEdit(FullEdit(), &bytes);
  EXPECT_EQ(bytes, "x" + Encode(FullEdit()));
}

TEST(VCodec, EmptyEditHasNoBytes) {
  EXPECT_EQ(Encode(VersionEdit()), "");
  VersionEdit edit = FullEdit();
  ASSERT_TRUE(DecodeEdit("", &edit).ok());
  EXPECT_TRUE(SameEdit(edit, VersionEdit()));
}

TEST(VCodec, ZeroPreviousLogNumberSaysThatTheSequenceRunsAhead) {
  VersionEdit edit;
  ASSERT_TRUE(DecodeEdit(std::string("\x09\x00\x02\x05", 4), &edit).ok());
  EXPECT_EQ(edit.log_number, 5u);
  EXPECT_TRUE(edit.sequence_runs_ahead);
  ASSERT_TRUE(DecodeEdit(Encode(edit), &edit).ok());
  EXPECT_TRUE(edit.sequence_runs_ahead);
}

TEST(VCodec, OtherPreviousLogNumberIsRefused) {
  VersionEdit edit;
  EXPECT_FALSE(DecodeEdit("\x09\x04", &edit).ok());
}

// A cut between two fields leaves a shorter edit; any other cut must be noticed.
TEST(VCodec, EveryTruncationIsCorruptionOrEndsBetweenFields) {
  const std::string bytes = Encode(FullEdit());
  for (size_t n = 0; n < bytes.size(); ++n) {
    const std::string cut = bytes.substr(0, n);
    VersionEdit edit;
    const Status status = DecodeEdit(cut, &edit);
    if (status.ok()) {
      EXPECT_EQ(Encode(edit), cut);
    } else {
      EXPECT_TRUE(status.IsCorruption()) << n;
    }
  }
}

TEST(VCodec, UnknownTagsAreCorruption) {
  for (const char tag : {0, 8, 10, 11, 100, 127}) ExpectCorruption(std::string(1, tag) + "\x01");
  ExpectCorruption("\xff\xff\xff\xff\x7f\x01");  // too large for a tag
}

TEST(VCodec, LevelsOutOfRangeAreCorruption) {
  const std::string key = "\x09" + Key("a");
  ExpectCorruption("\x05\x07" + key);
  ExpectCorruption("\x06\x07\x05");
  ExpectCorruption("\x07\x07\x05\x05" + key + key);
  ExpectCorruption("\x06\xff\xff\xff\xff\x0f\x05");  // -1 as a varint32
}

TEST(VCodec, MalformedInternalKeysAreCorruption) {
  const std::string good = "\x09" + Key("a");
  const std::string tag_too_short =
      "\x07"
      "abcdefg";
  const std::string unknown_type =
      "\x09"
      "a" +
      std::string("\x02\x01\0\0\0\0\0\0", 8);
  for (const std::string& bad : {tag_too_short, unknown_type}) {
    ExpectCorruption("\x05\x01" + bad);
    ExpectCorruption("\x07\x01\x05\x05" + bad + good);
    ExpectCorruption("\x07\x01\x05\x05" + good + bad);
  }
}

TEST(VCodec, NumbersThatWouldWrapAreCorruption) {
  const std::string max = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  ExpectCorruption("\x02" + max);
  ExpectCorruption("\x03" + max);
  ExpectCorruption("\x04" + max);
  ExpectCorruption("\x06\x01" + max);
  ExpectCorruption("\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");  // more than 64 bits
}

rc::Gen<std::string> ArbitraryKey() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::arbitrary<std::string>(), rc::gen::inRange<uint64_t>(0, kMaxSequence),
                     rc::gen::arbitrary<bool>()),
      [](const std::tuple<std::string, uint64_t, bool>& key) {
        return MakeInternalKey(std::get<0>(key), std::get<1>(key),
                               std::get<2>(key) ? ValueType::kValue : ValueType::kDeletion);
      });
}

rc::Gen<uint64_t> ArbitraryFileNumber() {
  return rc::gen::map(rc::gen::arbitrary<uint64_t>(),
                      [](uint64_t n) { return n % kFileNumberLimit; });
}

VersionEdit ArbitraryEdit() {
  const auto level = rc::gen::inRange(0, kMaxLevels);
  const auto number = ArbitraryFileNumber();
  const auto key = ArbitraryKey();
  VersionEdit edit;
  if (*rc::gen::arbitrary<bool>()) edit.comparator = *rc::gen::arbitrary<std::string>();
  if (*rc::gen::arbitrary<bool>()) edit.log_number = *number;
  if (*rc::gen::arbitrary<bool>()) edit.next_file_number = *number;
  if (*rc::gen::arbitrary<bool>()) {
    edit.last_sequence = *rc::gen::inRange<uint64_t>(0, kMaxSequence);
  }
  edit.compact_pointers =
      *rc::gen::container<std::vector<std::pair<int, std::string>>>(rc::gen::pair(level, key));
  edit.removed =
      *rc::gen::container<std::vector<std::pair<int, uint64_t>>>(rc::gen::pair(level, number));
  for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
    FileMeta file{*number, *rc::gen::arbitrary<uint64_t>(), *key, *key,
                  *rc::gen::inRange<uint64_t>(0, 3)};
    file.compression = *rc::gen::element(Compression::kNone, Compression::kLz4, Compression::kZstd);
    edit.added.emplace_back(*level, std::move(file));
  }
  return edit;
}

RC_GTEST_PROP(VCodec, DecodeOfEncodeIsTheSameEdit, ()) {
  const VersionEdit edit = ArbitraryEdit();
  VersionEdit decoded;
  RC_ASSERT(DecodeEdit(Encode(edit), &decoded).ok());
  RC_ASSERT(SameEdit(edit, decoded));
}

RC_GTEST_PROP(VCodec, ChangedBytesDecodeToThemselvesOrAreRefused, ()) {
  std::string bytes = Encode(ArbitraryEdit());
  RC_PRE(!bytes.empty());
  bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  VersionEdit edit;
  const Status status = DecodeEdit(bytes, &edit);
  if (status.ok()) {
    VersionEdit again;
    RC_ASSERT(DecodeEdit(Encode(edit), &again).ok());
    RC_ASSERT(SameEdit(edit, again));
  } else {
    RC_ASSERT(status.IsCorruption() || status.code() == StatusCode::kNotSupported);
  }
}

}  // namespace
}  // namespace lsm
