// Engine: a storage engine that was written elsewhere, behind the few verbs that the harness asks
// of it. How to write one for your own engine, step by step: docs/engines.md.
//
// Keys and values are bytes; order is bytewise. What an engine cannot do it does not offer:
// EngineInfo says so, and no trace asks for it. Errors are statuses; nothing is thrown.
// Thread-safety: the harness calls an engine from one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/options.h"
#include "lsm/status.h"
#include "lsm/write_batch.h"
#include "testing/oracle.h"
#include "testing/trace.h"

namespace lsm::lab {

// A position among all keys of one state of the database. After a failed move it is not valid and
// status() says why.
class Cursor {
 public:
  virtual ~Cursor() = default;

  virtual bool Valid() const = 0;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(std::string_view target) = 0;  // first key >= target
  virtual void Next() = 0;                         // requires Valid()
  virtual void Prev() = 0;                         // requires Valid()
  virtual std::string_view key() const = 0;        // requires Valid(); until the next move
  virtual std::string_view value() const = 0;      // requires Valid(); until the next move
  virtual Status status() const = 0;
};

// An open database; the destructor closes it.
class Engine {
 public:
  // A state that stays readable until it is released. Null: the newest.
  using State = const void*;

  virtual ~Engine() = default;

  // All updates or none. With `sync` they are durable before it returns.
  virtual Status Write(const WriteBatch& batch, bool sync) = 0;
  // NotFound if there is no such key.
  virtual Status Get(std::string_view key, State at, std::string* value) = 0;
  virtual std::unique_ptr<Cursor> NewCursor(State at) = 0;  // never null

  virtual State TakeSnapshot() = 0;
  virtual void ReleaseSnapshot(State snapshot) = 0;

  // What is in memory goes into tables; both wait for it.
  virtual Status Flush() { return Status::NotSupported("flush"); }
  virtual Status Compact(const KeyRange&) { return Status::NotSupported("compact"); }

  // What a destructor cannot say. Nothing but the destructor is called after it.
  virtual Status Close() { return Status::Ok(); }
};

struct EngineInfo {
  std::string name;     // on the command line: "leveldb"
  std::string version;  // for a person: "LevelDB 1.23"
  // Creates or opens the database in the directory `dir` of the real file system. `options` has
  // the knobs of a trace; those that the engine lacks are left aside, the others brought into its
  // range.
  Result<std::unique_ptr<Engine>> (*open)(const Options& options, const std::string& dir) = nullptr;
  bool can_flush = true;
  bool can_compact = true;
  // The smallest memtable that it takes: values of traces are made larger to fill it.
  size_t least_memtable_bytes = 1024;
};

// The engines of this build.
const std::vector<EngineInfo>& Engines();
// NotFound names those that are there, and the package that one of the known ones would need.
Result<EngineInfo> FindEngine(std::string_view name);

}  // namespace lsm::lab
