#include <fmt/format.h>

#include "base/escape.h"
#include "lsm/db.h"
#include "testing/files.h"
#include "tools/verify/rows.h"
#include "tools/verify/unicode.h"

#ifdef LSM_HAVE_LEVELDB
#include <leveldb/db.h>
#include <leveldb/write_batch.h>
#endif

namespace lsm::lab {

#ifndef LSM_HAVE_LEVELDB

Row LevelDbRow(const VerifyOptions&) {
  Row row;
  row.name = "leveldb";
  row.verdict = RowVerdict::kSkipped;
  row.note = "built without libleveldb (package libleveldb-dev)";
  return row;
}

#else

namespace {

std::string_view View(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }
std::string_view View(std::string_view bytes) { return bytes; }

// Walks an iterator of either engine from one end to the other, beside what should be there.
template <class It, class Begin, class Step, class Walk>
bool SameEntries(It* it, Begin begin, Step step, Walk expected, Walk end, std::string_view what,
                 Reporter* reporter) {
  uint64_t entries = 0;
  for (begin(); it->Valid() && expected != end; step(), ++expected, ++entries) {
    if (View(it->key()) != expected->first || View(it->value()) != expected->second) break;
  }
  reporter->Add("records", entries);
  if (it->status().ok() && !it->Valid() && expected == end) return true;
  reporter->Finding(fmt::format("{}: {}; expected {}, found {}", what, it->status().ToString(),
                                expected == end ? "the end" : Escape(expected->first),
                                it->Valid() ? Escape(View(it->key())) : "the end"));
  return false;
}

template <class It>
bool SameBothWays(It* it, const Contents& contents, const std::string& what, Reporter* reporter) {
  return SameEntries(
             it, [it] { it->SeekToFirst(); }, [it] { it->Next(); }, contents.begin(),
             contents.end(), what + " forward", reporter) &&
         SameEntries(
             it, [it] { it->SeekToLast(); }, [it] { it->Prev(); }, contents.rbegin(),
             contents.rend(), what + " backward", reporter);
}

Result<std::unique_ptr<leveldb::DB> > OpenLevelDb(const std::string& dir, bool create) {
  leveldb::Options options;
  options.create_if_missing = create;
  options.paranoid_checks = true;
  leveldb::DB* db = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, dir, &db);
  if (!status.ok()) return Status::Corruption("LevelDB: " + status.ToString());
  return std::unique_ptr<leveldb::DB>(db);
}

bool LevelDbReadsOurs(const std::string& dir, const Contents& contents, Reporter* reporter) {
  const auto db = OpenLevelDb(dir, false);
  if (!db.ok()) {
    reporter->Finding(dir + ": " + db.status().ToString());
    return false;
  }
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  const std::unique_ptr<leveldb::Iterator> it((*db)->NewIterator(options));
  return SameBothWays(it.get(), contents, "LevelDB on " + dir, reporter);
}

Status WriteWithLevelDb(const std::string& dir, const std::vector<Update>& updates) {
  LSM_RETURN_IF_ERROR(RemoveTree(dir));
  LSM_ASSIGN_OR_RETURN(const auto db, OpenLevelDb(dir, true));
  for (const Update& update : updates) {
    const leveldb::Status status = update.value.has_value() ? db->Put({}, update.key, *update.value)
                                                            : db->Delete({}, update.key);
    if (!status.ok()) return Status::IOError("LevelDB: " + status.ToString());
  }
  return Status::Ok();
}

bool WeReadLevelDbs(const std::string& dir, const UnicodeVariant& variant, const Contents& contents,
                    Reporter* reporter) {
  Options options = UnicodeOptions(variant);
  options.create_if_missing = false;
  const auto db = DB::Open(options, dir);
  if (!db.ok()) {
    reporter->Finding(dir + ": " + db.status().ToString());
    return false;
  }
  const auto it = (*db)->NewIterator({});
  return SameBothWays(it.get(), contents, "the engine on " + dir, reporter);
}

}  // namespace

Row LevelDbRow(const VerifyOptions& options) {
  const auto records = LoadUnicode();
  RowWork work;
  work.name = "leveldb";
  work.body = [&](int, Reporter* reporter) {
    if (!records.ok()) return reporter->Finding(records.status().ToString());
    for (const UnicodeVariant& variant : UnicodeVariants(options)) {
      const auto updates = UnicodeUpdates(*records, variant, options.seed);
      const Contents contents = ContentsAfter(updates);
      if (!LevelDbReadsOurs(variant.Directory(options), contents, reporter)) return;
      reporter->Add("databases", 1);
      if (!variant.shuffled) continue;
      const std::string theirs = options.out + "/leveldb-" + variant.Name();
      if (Status s = WriteWithLevelDb(theirs, updates); !s.ok()) {
        return reporter->Finding(s.ToString());
      }
      if (!WeReadLevelDbs(theirs, variant, contents, reporter)) return;
      RemoveTree(theirs).IgnoreError();  // what stays behind is only in the way
      reporter->Add("databases", 1);
    }
  };
  return RunRow(options, work);
}

#endif

}  // namespace lsm::lab
