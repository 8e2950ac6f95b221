// SimEnv: a whole machine in memory, decided by one seed: files with a volatile and a durable view,
// a clock that moves only when all tasks wait, and a baton scheduler over clients and background
// jobs.
//
// A run is a pure function of its seed and of the calls made: same seed, same log, byte for byte,
// under every compiler. The thread that makes a SimEnv is its task 0 and holds the baton; further
// tasks come from StartThread, and the destructor of their Thread joins them. All tasks must have
// ended before the SimEnv is destroyed.
//
// What a power cut may keep (docs/guarantees.md): every inode has durable bytes and volatile bytes;
// every directory has durable entries and a list of operations since its last SyncDir. The units
// that a crash may keep or lose one by one are the dirty sectors of 512 bytes, changes of file
// size, and directory operations. A sector that is lost keeps its durable bytes (zeros behind the
// durable end). A file's Sync makes its bytes and size durable, not its directory entry. A killed
// process loses none of them: it loses only what was appended to a plain file and never flushed.
// Kept directory operations are applied in their order, and each names its file itself: a kept
// rename shows the file even if its creation is lost. Directories are durable once made or removed.
//
// Plain files: appended bytes stay with the file object until Flush or Sync. Mapped files: they are
// volatile bytes at once, in a preallocated window of zeros that is a change of size; Flush is then
// the operation "publish", which changes nothing on the disk.
//
// Counted operations: create, flush or publish (with something to write), sync, close, rename,
// remove, link, truncate, syncdir. One that is made to fail has no effect.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lsm/env.h"
#include "testing/sim/random.h"

namespace lsm::sim {

class Disk;
class IoGate;
class Scheduler;

struct SimOptions {
  uint64_t seed = 1;
  // At each schedule point another runnable task goes on with probability switch_per_1024 / 1024.
  // 0: tasks change only when one waits or ends.
  uint32_t switch_per_1024 = 128;
  uint64_t disk_bytes = UINT64_MAX;  // NoSpace above this
  std::string* log = nullptr;        // appended to: one line an I/O, task switch, time step
  uint64_t max_steps = UINT64_MAX;   // more schedule points than this: reported as a livelock (P14)
};

// One thing that is not yet durable, in a fixed order: by inode, then by offset; directories last.
struct UnsyncedUnit {
  enum class Kind : uint8_t { kSector, kSize, kDirCreate, kDirRename, kDirRemove };
  Kind kind = Kind::kSector;
  std::string path;              // of the file, or of the entry
  uint64_t offset = 0;           // kSector: of its first byte; kSize: the new size
  std::string ToString() const;  // "000003.log bytes [512, 1024)", "entry 000005.ldb", ...
};

// One I/O operation as it was asked for; the trace addresses crashes and faults by its index.
struct IoOperation {
  uint64_t index = 0;
  std::string what;  // "create" "flush" "publish" "sync" "close" "rename" "remove" "syncdir" ...
  std::string path;  // rename, link: the new name
};

class SimEnv final : public Env {
 public:
  explicit SimEnv(const SimOptions& options);
  ~SimEnv() override;

  // --- Crashes ---
  uint64_t IoCount() const;  // operations that change files, so far (reads do not count)
  // The operation with this index, and all behind it, fail with "simulated power cut", reads too.
  // UINT64_MAX: never, as after a Restart.
  void CrashAtIo(uint64_t index);
  void CrashNow();  // power is off from here on
  bool Crashed() const;
  // What was not durable when the power went off (now, if it did not).
  std::vector<UnsyncedUnit> Unsynced() const;
  // Power on: the disk holds what was durable and those units of Unsynced() that `keep` says, in
  // order (shorter than the list: false). Open files and locks of before are dead.
  void Restart(const std::vector<bool>& keep);

  // --- Faults, in a first form: the operation with this index fails once, or from then on ---
  void FailIo(uint64_t index, StatusCode code, bool sticky);
  void ClearFaults();
  void SetDiskBytes(uint64_t bytes);  // frees or takes space while running
  // Runs right before operation `index` takes effect: a barrier for the missing-barrier diagnosis
  // (SyncFileNow and SyncDirNow may be called from it), or an observer.
  void OnIo(std::function<void(const IoOperation&)> hook);
  void SyncFileNow(const std::string& path);  // not counted as operations, never fail
  void SyncDirNow(const std::string& path);
  std::vector<std::string> DirtyFiles() const;  // paths with unsynced bytes or size, sorted
  std::vector<std::string> DirtyDirs() const;   // directories with unsynced operations, sorted

  // --- Scheduling ---
  void SetSwitch(uint32_t switch_per_1024);
  uint64_t Steps() const;  // schedule points so far
  void AdvanceClock(uint64_t us);

  // --- Bytes on the disk, behind the engine's back: for damage tests ---
  Result<std::string> ReadWholeFile(const std::string& path);
  Status OverwriteFile(const std::string& path, std::string_view bytes);  // durable at once

  // Env
  Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path,
                                                             IoMode io) override;
  Result<std::unique_ptr<WritableFile>> CreateWritable(const std::string& path,
                                                       const WritableFileOptions& options) override;
  bool FileExists(const std::string& path) override;
  Result<uint64_t> FileSize(const std::string& path) override;
  Status RemoveFile(const std::string& path) override;
  Status RenameFile(const std::string& from, const std::string& to) override;
  Status LinkFile(const std::string& from, const std::string& to) override;
  Status TruncateFile(const std::string& path, uint64_t size) override;
  Status CreateDir(const std::string& path) override;
  Status RemoveDir(const std::string& path) override;
  Result<std::vector<std::string>> ListDir(const std::string& path) override;
  Status SyncDir(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> LockFile(const std::string& path) override;
  uint64_t NowMicros() override;
  uint64_t UnixSeconds() override;
  void SleepMicros(uint64_t us) override;
  uint64_t RandomSeed() override;
  std::unique_ptr<Thread> StartThread(std::string name, std::function<void()> body) override;
  Baton* baton() override;

 private:
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<IoGate> gate_;
  std::unique_ptr<Disk> disk_;
  Random random_seeds_;
};

}  // namespace lsm::sim
