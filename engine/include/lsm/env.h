// Env: the seam to the machine. Files, time, threads, locks and randomness are reached through here
// and nowhere else, so that a simulated environment can decide all of them from one seed.
//
// Implementations: PosixEnv (env/posix*), SimEnv (testing/sim/: volatile and durable views,
// simulated clock, baton scheduler). All methods of Env are thread-safe; a file object belongs to
// one thread at a time unless it says otherwise. Every error names the operation and the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/status.h"

namespace lsm {

// How a file's bytes are reached. kMapped: appends are copied into a mapped, preallocated window
// and reads are views of the mapping. kPlain: write() through a buffer, pread().
enum class IoMode : uint8_t { kPlain, kMapped };

class SequentialFile {
 public:
  virtual ~SequentialFile() = default;
  // Reads up to n bytes into scratch; the count read, 0 at the end of the file.
  virtual Result<size_t> Read(size_t n, char* scratch) = 0;
};

// Thread-safe.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Bytes [offset, offset + n), fewer at the end of the file. The view stands in scratch (n bytes)
  // or, for a mapped file, in the mapping, where it stays valid while the file is open.
  virtual Result<std::string_view> Read(uint64_t offset, size_t n, char* scratch) const = 0;
  virtual uint64_t Size() const = 0;
  // True when Read returns views of a mapping and ignores scratch.
  virtual bool IsMapped() const = 0;
  // Mapped files: not OK once a page could not be read (it then reads as zeros). One atomic load;
  // asked after the bytes were used and before a result that rests on them is returned.
  virtual Status MappingStatus() const = 0;
};

// An append-only file. Durability has two steps, and both are operations that can fail:
//   Flush: the bytes are the operating system's (they survive a killed process);
//   Sync:  the bytes are on the device (they survive a power cut). The directory entry is not
//          covered: see Env::SyncDir.
// After a failed call the file's contents behind the last successful Sync are unknown.
class WritableFile {
 public:
  virtual ~WritableFile() = default;  // closes without Flush if Close was not called
  virtual Status Append(std::string_view data) = 0;
  virtual Status Flush() = 0;  // kMapped: publishes the range written since the last Flush
  virtual Status Sync() = 0;   // flushes first
  virtual Status Close() = 0;  // flushes first; gives preallocated space back
};

// An exclusive advisory lock, released by the destructor.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// A started thread; the destructor joins it.
class Thread {
 public:
  virtual ~Thread() = default;
};

struct WritableFileOptions {
  IoMode io = IoMode::kPlain;
  uint64_t preallocate_bytes = 0;  // kMapped: window size, allocated before it is mapped
};

class Baton;  // env/sync.h: the simulated environment's scheduler

class Env {
 public:
  static Env* Default();  // the POSIX environment; never destroyed

  virtual ~Env() = default;

  // --- Files ---
  virtual Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) = 0;
  virtual Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path,
                                                                     IoMode io) = 0;
  // Creates the file, or empties it if it exists.
  virtual Result<std::unique_ptr<WritableFile>> CreateWritable(
      const std::string& path, const WritableFileOptions& options) = 0;
  virtual bool FileExists(const std::string& path) = 0;
  virtual Result<uint64_t> FileSize(const std::string& path) = 0;
  virtual Status RemoveFile(const std::string& path) = 0;
  virtual Status RenameFile(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status LinkFile(const std::string& from, const std::string& to) = 0;
  virtual Status TruncateFile(const std::string& path, uint64_t size) = 0;

  // --- Directories ---
  virtual Status CreateDir(const std::string& path) = 0;  // OK if it exists
  virtual Status RemoveDir(const std::string& path) = 0;  // must be empty
  // Names without path, sorted, without "." and "..". IOError if `path` is no directory.
  virtual Result<std::vector<std::string>> ListDir(const std::string& path) = 0;
  // Makes creations, renames and removals in the directory durable.
  virtual Status SyncDir(const std::string& path) = 0;
  // Busy if another process (or another open in this one) holds it.
  virtual Result<std::unique_ptr<FileLock>> LockFile(const std::string& path) = 0;

  // --- Time, threads, randomness ---
  virtual uint64_t NowMicros() = 0;    // monotonic
  virtual uint64_t UnixSeconds() = 0;  // wall clock, may jump: info log, ages on disk
  virtual void SleepMicros(uint64_t us) = 0;
  virtual uint64_t RandomSeed() = 0;
  virtual std::unique_ptr<Thread> StartThread(std::string name, std::function<void()> body) = 0;
  virtual Baton* baton() { return nullptr; }  // null: the machine schedules
};

}  // namespace lsm
