// Stage 3, the sorted table: (a) block, (b) table. Format: docs/formats/sstable.md (LevelDB's table
// format). A stage provides, in namespace lsm, <stage/sstable/block.h> with BlockBuilder and
// Block, Block::Iterator, and <stage/sstable/table.h> with TableBuilder, Table, Table::Iterator.
//
// (a) Block
//   S-BLOCK   Entries come back as added, in order, both ways; Seek finds the first >= target, also
//             at and between restart points. Any bytes are safe: damage is a Corruption of the
//             iterator's status(), never a read out of bounds.
// (b) Table
//   S-BUILD   Add takes internal keys in ascending order. Finish writes all that was added, the
//   last
//             partial block included. The builder never syncs or closes the file.
//   S-BYTES   LevelDB 1.23 reads the file and the stage reads LevelDB's.
//   S-GET     Get answers with the newest version at or below the lookup's sequence.
//   S-SCAN    The iterator yields every entry, both ways, over all block ends; Seek behind a
//   block's
//             last key goes to the next block.
//   S-CRC     Each block's checksum is verified when it is first used (mapped: once an open; plain:
//             when it enters the cache), if options.verify_checksums. Damage is a Corruption
//             with file name and offset, never a wrong answer; an IOError stays one: it is no end
//             of data.
//   S-CODEC   A data block is stored with options.compression (format/codec.h) where that saves
//             enough, else raw; its type says which. What Uncompress refuses is a Corruption with
//             file name and offset, as is a type that is no codec's; a codec that the build lacks
//             is NotSupported, with file name and offset.
//   S-FILTER  MayContain is false only for a key that is not in the table. The filter is the one of
//             <stage/bloom/bloom.h> over the user keys of all entries, tombstones included, as one
//             whole-file entry "lsm.filter.<name>" of the metaindex. Another name: no filter.
//   S-FACTS   What SetFacts was given before Finish comes back by ReadFacts, byte for byte; nothing
//             if it was not called. It stands in a block of its own, which the metaindex names
//             "lsm.facts"; LevelDB passes over it.
//   S-OPEN    Opening reads footer, metaindex, index and filter, with every handle checked against
//             the file's size.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cache/block_cache.h"
#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "lsm/env.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

// What reading tables counts; shared by all tables of a database. Thread-safe.
struct TableCounters {
  std::atomic<uint64_t> cache_hits{0}, cache_misses{0}, blocks_read{0}, block_bytes_read{0};
};

struct TableOptions {
  InternalKeyComparator comparator{BytewiseComparator()};
  size_t block_bytes = 4096;
  int restart_interval = 16;
  Compression compression = Compression::kNone;
  double bits_per_key = 10;  // 0: no filter
  bool verify_checksums = true;
  BlockCache* cache = nullptr;  // null: none. Mapped, uncompressed blocks never enter it.
  TableCounters* counters = nullptr;
  uint64_t file_number = 0;  // key of the cache
  std::string file_name;     // for messages
};

template <class B>
concept BlockBuilderStage =
    std::constructible_from<B, const InternalKeyComparator*, int /*restart interval*/> &&
    requires(B b, const B& c, std::string_view bytes) {
  b.Add(bytes, bytes);
  { b.Finish() } -> std::same_as<std::string_view>;  // stands until Reset
  b.Reset();
  { c.SizeEstimate() } -> std::same_as<size_t>;
  { c.empty() } -> std::same_as<bool>;
};

// Block(contents): a view; the bytes must outlive it and its iterators.
template <class B>
concept BlockStage =
    std::constructible_from<B, std::string_view> && InternalIterator<typename B::Iterator> &&
    std::constructible_from<typename B::Iterator, const InternalKeyComparator*, const B&>;

template <class B>
concept TableBuilderStage = std::constructible_from<B, const TableOptions&, WritableFile*> &&
    requires(B b, const B& c, std::string_view bytes) {
  { b.Add(bytes, bytes) } -> std::same_as<Status>;
  { b.Finish() } -> std::same_as<Status>;
  { c.FileBytes() } -> std::same_as<uint64_t>;  // also before Finish
  { c.Entries() } -> std::same_as<uint64_t>;
  b.SetFacts(bytes);  // once at most, before Finish
};

// A Table is thread-safe; its iterators belong to one thread each and must not outlive it.
template <class T>
concept TableStage = InternalIterator<typename T::Iterator> &&
    std::constructible_from<typename T::Iterator, const T*, bool /*fill cache*/> &&
    requires(const T& t, std::unique_ptr<RandomAccessFile> file, const TableOptions& options,
             const LookupKey& key, uint64_t hash, std::string* value, LookupState* state,
             std::string_view internal_key) {
  { T::Open(options, std::move(file)) } -> std::same_as<Result<std::unique_ptr<T>>>;
  { t.MayContain(hash) } -> std::same_as<bool>;  // Bloom::Hash of the user key
  { t.Get(key, value, state) } -> std::same_as<Status>;
  // Bytes of the file before the entry, for ApproximateSizes and progress.
  { t.ApproximateOffset(internal_key) } -> std::same_as<uint64_t>;
  { t.ReadFacts() } -> std::same_as<Result<std::string>>;
  // Reads and verifies every block; the first damage.
  { t.VerifyChecksums() } -> std::same_as<Status>;
};

}  // namespace lsm
