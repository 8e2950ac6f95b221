// What the suites of the sstable stage share: files in memory that can fail and be damaged, tables
// built from a model, and the comparison of a table with its model.
#pragma once

#include <gtest/gtest.h>
#include <stage/sstable/block.h>
#include <stage/sstable/table.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/escape.h"
#include "contract/sstable/concept.h"
#include "format/codec.h"

namespace lsm::sstable_suite {

// Bytes of a file, the faults of reading it, and how it is read. Tests change them under open
// tables.
struct Disk {
  std::string bytes;
  bool mapped = false;
  uint64_t reads = 0;               // so far
  uint64_t fail_read = UINT64_MAX;  // reads from this one on are IOErrors, if sticky
  bool sticky = false;
  bool mapping_failed = false;
};

class MemoryFile final : public RandomAccessFile {
 public:
  explicit MemoryFile(Disk* disk) : disk_(disk) {}
  Result<std::string_view> Read(uint64_t offset, size_t n, char* scratch) const override {
    const uint64_t read = disk_->reads++;
    if (read == disk_->fail_read || (disk_->sticky && read > disk_->fail_read)) {
      return Status::IOError("read t.ldb: injected");
    }
    const std::string_view whole = disk_->bytes;
    if (n == 0 || offset > whole.size() || n > whole.size() - offset) {
      ADD_FAILURE() << "an unchecked handle: read of " << n << " bytes at " << offset;
      return Status::IOError("read t.ldb: outside of the file");
    }
    const std::string_view found = whole.substr(offset, n);
    if (disk_->mapped) return found;
    found.copy(scratch, found.size());
    return std::string_view(scratch, found.size());
  }
  uint64_t Size() const override { return disk_->bytes.size(); }
  bool IsMapped() const override { return disk_->mapped; }
  Status MappingStatus() const override {
    return disk_->mapping_failed ? Status::IOError("map t.ldb: injected") : Status::Ok();
  }

 private:
  Disk* const disk_;
};

class MemorySink final : public WritableFile {
 public:
  Status Append(std::string_view data) override {
    if (appends++ >= fail_append) return Status::NoSpace("append t.ldb: injected");
    bytes.append(data);
    return Status::Ok();
  }
  Status Flush() override { return Called(); }
  Status Sync() override { return Called(); }
  Status Close() override { return Called(); }

  std::string bytes;
  uint64_t appends = 0, fail_append = UINT64_MAX;
  int other_calls = 0;

 private:
  Status Called() {
    ++other_calls;
    return Status::Ok();
  }
};

// Descending bytewise order, with separators left long.
class ReverseComparator final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Reverse"; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}
};

inline const Comparator* Reverse() {
  static const ReverseComparator comparator;
  return &comparator;
}

struct InternalLess {
  InternalKeyComparator comparator{BytewiseComparator()};
  bool operator()(const std::string& a, const std::string& b) const {
    return comparator.Compare(a, b) < 0;
  }
};
using Model = std::map<std::string, std::string, InternalLess>;  // by internal key
inline Model EmptyModel(const TableOptions& options) {
  return Model(InternalLess{options.comparator});
}

inline std::string Key(std::string_view user_key, SequenceNumber sequence = 1,
                       ValueType type = ValueType::kValue) {
  return MakeInternalKey(user_key, sequence, type);
}
inline std::string SeekKey(std::string_view user_key) {
  return MakeInternalKey(user_key, kMaxSequence, kTypeForSeek);
}

// n keys k0000, k0002, ... with values of value_bytes; the odd numbers are gaps.
inline std::string NumberedKey(int i) {
  std::string digits = std::to_string(i);
  return "k" + std::string(4 - digits.size(), '0') + digits;
}
inline Model NumberedModel(const TableOptions& options, int n, size_t value_bytes = 8) {
  Model model = EmptyModel(options);
  for (int i = 0; i < n; ++i) {
    model[Key(NumberedKey(2 * i))] = std::string(value_bytes, static_cast<char>('a' + i % 26));
  }
  return model;
}

inline TableOptions SmallBlocks() {
  TableOptions options;
  options.block_bytes = 64;
  options.restart_interval = 2;
  options.file_number = 7;
  options.file_name = "t.ldb";
  return options;
}

inline std::string BuildTable(const TableOptions& options, const Model& model) {
  MemorySink sink;
  TableBuilder builder(options, &sink);
  for (const auto& [key, value] : model) EXPECT_TRUE(builder.Add(key, value).ok());
  EXPECT_TRUE(builder.Finish().ok());
  EXPECT_EQ(builder.FileBytes(), sink.bytes.size());
  EXPECT_EQ(builder.Entries(), model.size());
  return sink.bytes;
}

// Those that this build has, "none" left out.
inline std::vector<Compression> Codecs() {
  std::vector<Compression> codecs;
  for (const auto& [name, codec] : kCodecNames) {
    if (codec != Compression::kNone && CodecAvailable(codec)) codecs.push_back(codec);
  }
  return codecs;
}

inline Result<std::unique_ptr<Table>> OpenTable(const TableOptions& options, Disk* disk) {
  return Table::Open(options, std::make_unique<MemoryFile>(disk));
}

// A table in memory that must open.
struct OpenedTable {
  OpenedTable(const TableOptions& options, const Model& model, bool mapped) {
    disk.bytes = BuildTable(options, model);
    disk.mapped = mapped;
    auto opened = OpenTable(options, &disk);
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    if (opened.ok()) table = std::move(*opened);
  }
  Disk disk;
  std::unique_ptr<Table> table;
};

// What a walk saw: entries, and the status at its end.
struct Walk {
  std::vector<std::pair<std::string, std::string>> entries;
  Status status;
};

// Stops after `limit` entries: damaged blocks must not send a walk round and round.
template <class I>
Walk WalkForward(I& it, size_t limit = SIZE_MAX) {
  Walk walk;
  for (it.SeekToFirst(); it.Valid() && walk.entries.size() < limit; it.Next()) {
    walk.entries.emplace_back(it.key(), it.value());
  }
  walk.status = it.status();
  return walk;
}
template <class I>
Walk WalkBackward(I& it, size_t limit = SIZE_MAX) {
  Walk walk;
  for (it.SeekToLast(); it.Valid() && walk.entries.size() < limit; it.Prev()) {
    walk.entries.emplace_back(it.key(), it.value());
  }
  walk.status = it.status();
  return walk;
}

template <class I>
void ExpectAllEntries(I& it, const Model& model) {
  const Walk forward = WalkForward(it);
  EXPECT_TRUE(forward.status.ok()) << forward.status.ToString();
  EXPECT_EQ(forward.entries, decltype(forward.entries)(model.begin(), model.end()));
  const Walk backward = WalkBackward(it);
  EXPECT_TRUE(backward.status.ok()) << backward.status.ToString();
  EXPECT_EQ(backward.entries, decltype(backward.entries)(model.rbegin(), model.rend()));
}

// Whether the iterator stands where the model does; end() means not Valid().
template <class I>
bool StandsAt(const I& it, const Model& model, Model::const_iterator want) {
  if (!it.status().ok()) return false;
  if (want == model.end()) return !it.Valid();
  return it.Valid() && it.key() == want->first && it.value() == want->second;
}

// The answer to a lookup in the model.
struct Answer {
  LookupState state = LookupState::kAbsent;
  std::string value;
  bool operator==(const Answer& other) const {
    return state == other.state && value == other.value;
  }
};
inline Answer ModelGet(const Model& model, std::string_view user_key, SequenceNumber sequence) {
  const auto found = model.lower_bound(MakeInternalKey(user_key, sequence, kTypeForSeek));
  if (found == model.end() || ExtractUserKey(found->first) != user_key) return {};
  if ((ExtractTag(found->first) & 0xff) == 0) return {LookupState::kDeleted, ""};
  return {LookupState::kFound, found->second};
}
inline Status TableGet(const Table& table, std::string_view user_key, SequenceNumber sequence,
                       Answer* answer) {
  const LookupKey key(user_key, sequence);
  const Status s = table.Get(key, &answer->value, &answer->state);
  if (answer->state != LookupState::kFound) answer->value.clear();
  return s;
}

// --- Surgery on the bytes of a table; none of it uses the stage ---
struct Handle {
  uint64_t offset = 0, size = 0;
};
inline Handle ReadHandle(std::string_view* bytes) {
  Handle handle;
  EXPECT_TRUE(GetVarint64(bytes, &handle.offset) && GetVarint64(bytes, &handle.size));
  return handle;
}
inline constexpr size_t kFooter = 48;
struct Handles {
  Handle metaindex, index;
};
inline Handles FooterOf(std::string_view table) {
  std::string_view footer = table.substr(table.size() - kFooter);
  Handles handles;
  handles.metaindex = ReadHandle(&footer);
  handles.index = ReadHandle(&footer);
  return handles;
}
// The first data block, of a table that has one.
inline Handle FirstBlock(std::string_view table) {
  const Handle index = FooterOf(table).index;
  std::string_view entry = table.substr(index.offset, index.size);
  entry.remove_prefix(3 + static_cast<size_t>(entry[1]));  // three one-byte lengths, key
  return ReadHandle(&entry);
}
inline Compression FirstBlockType(std::string_view table) {
  const Handle block = FirstBlock(table);
  return static_cast<Compression>(table[block.offset + block.size]);
}
inline std::string MakeFooter(const Handle& metaindex, const Handle& index) {
  std::string footer;
  for (const Handle& handle : {metaindex, index}) {
    PutVarint64(&footer, handle.offset);
    PutVarint64(&footer, handle.size);
  }
  footer.resize(kFooter - 8);
  PutFixed64(&footer, 0xdb4775248b80fb57);
  return footer;
}
// Makes a changed block's checksum right again.
inline void FixChecksum(std::string* table, const Handle& block) {
  const std::string_view covered(table->data() + block.offset, block.size + 1);
  EncodeFixed32(table->data() + block.offset + covered.size(),
                crc32c::Mask(crc32c::Value(covered)));
}
// A block of one entry, its trailer included.
inline std::string OneEntryBlock(std::string_view key, std::string_view value) {
  std::string block(1, '\0');
  PutVarint32(&block, static_cast<uint32_t>(key.size()));
  PutVarint32(&block, static_cast<uint32_t>(value.size()));
  block.append(key).append(value);
  PutFixed32(&block, 0);
  PutFixed32(&block, 1);
  const Handle whole{0, block.size()};
  block.resize(block.size() + 5);
  FixChecksum(&block, whole);
  return block;
}

}  // namespace lsm::sstable_suite
