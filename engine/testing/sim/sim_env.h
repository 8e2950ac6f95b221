// SimEnv: a whole machine in memory, decided by one seed: files with a volatile and a durable view,
// a clock that moves only when all tasks wait, and a baton scheduler over clients and background
// jobs.
//
// A run is a pure function of its seed and of the calls made: same seed, same log, byte for byte,
// under every compiler. The thread that makes a SimEnv is its task 0 and holds the baton; further
// tasks come from StartThread, and the destructor of their Thread joins them. All tasks must have
// ended before the SimEnv is destroyed.
//
// Disk: every inode has durable bytes and volatile bytes, every directory durable entries and a
// list of operations since its last SyncDir. A file's Sync makes its bytes and size durable, not
// its directory entry; a new directory's entry is its parent's. What a power cut may leave:
// image.h. What a fault does: fault.h. All of it in words: docs/fault-model.md.
//
// Plain files: appended bytes stay with the file object until Flush or Sync. Mapped files: they are
// volatile bytes at once, in a preallocated window of zeros that is a change of size; Flush is then
// the operation "publish", which changes nothing on the disk. Reads fill what they do not return of
// their scratch with a pattern.
//
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lsm/env.h"
#include "testing/sim/fault.h"
#include "testing/sim/image.h"
#include "testing/sim/random.h"

namespace lsm::sim {

class Disk;
class HandleTable;
class Inode;
class IoGate;
class Scheduler;
struct Machine;

struct SimOptions {
  uint64_t seed = 1;
  // At each schedule point another runnable task goes on with probability switch_per_1024 / 1024.
  // 0: tasks change only when one waits or ends.
  uint32_t switch_per_1024 = 128;
  uint64_t disk_bytes = UINT64_MAX;  // NoSpace above this
  std::string* log = nullptr;        // appended to: one line an I/O, task switch, time step
  uint64_t max_steps = UINT64_MAX;   // more schedule points than this: reported as a livelock (P14)
  uint64_t max_open_files = UINT64_MAX;  // descriptors: readers, writers and locks, not mappings
  // Above 0: priorities decide instead of chance (scheduler.h). A bug that shows when
  // priority_depth things happen in one order is then met by one schedule in at most
  // tasks * priority_points ^ (priority_depth - 1), if a run has no more schedule points.
  uint32_t priority_depth = 0;
  uint64_t priority_points = 0;
  bool priority_at_marks = false;  // points are counted at SchedulePoint alone
};

// An operation as it was asked for.
struct IoOperation {
  uint64_t index = 0;  // among those that change the disk, from 0; of a read: of the next of those
  IoKind kind = IoKind::kAny;
  std::string what;   // "create" "flush" "publish" "sync" "close" "rename" "remove" "syncdir" ...
  std::string path;   // rename, link: the new name
  uint64_t task = 0;  // that asked: SimEnv::CurrentTask
};
using IoHook = std::function<void(const IoOperation&)>;
using FaultHook = std::function<void(const IoOperation&, const Fault&)>;

class SimEnv final : public Env {
 public:
  explicit SimEnv(const SimOptions& options);
  ~SimEnv() override;

  // --- Crashes ---
  uint64_t IoCount() const;  // operations that change the disk, so far
  // The operation at this address, and all behind it, fail with "simulated power cut", reads too.
  // One address at a time; Restart forgets it.
  void CrashAt(const IoAddress& at);
  void CancelCrash();
  void CrashNow();  // power is off from here on
  bool Crashed() const;
  const Disk& disk() const { return *disk_; }
  // What was not durable when the power went off (now, if it did not).
  std::vector<UnsyncedUnit> Unsynced() const;
  // Power on: the disk holds what was durable, and of Unsynced() what the image says; fates that
  // are missing are kOld. Open files and locks of before are dead.
  void Restart(const Image& image);
  // The process was killed and starts again: the disk stays as it is seen, durable or not. Only
  // what was appended to plain files and never flushed is gone.
  void RestartProcess();

  // --- Faults ---
  size_t AddFault(const Fault& fault);  // CheckFault says OK; returns its id
  // The machine works again, and what failed late is not reported any more. Struck can still be
  // asked.
  void ClearFaults();
  uint64_t Struck(size_t id) const;   // how often so far
  void SetDiskBytes(uint64_t bytes);  // frees or takes space while running
  // Runs right before an operation that changes the disk takes effect: a barrier for the
  // missing-barrier diagnosis (SyncFileNow and SyncDirNow may be called from it), or an observer.
  void OnIo(IoHook hook);
  // Runs when a fault strikes an operation, a read too; and with Effect::kKeep when a sync or close
  // tells what an earlier sync kept for itself (Effect::kLate).
  void OnFault(FaultHook hook);
  void SyncFileNow(const std::string& path);  // not counted as operations, never fail
  void SyncDirNow(const std::string& path);
  std::vector<std::string> DirtyFiles() const;  // paths with unsynced bytes or size, sorted
  std::vector<std::string> DirtyDirs() const;   // directories with unsynced operations, sorted

  // --- Scheduling ---
  uint64_t Steps() const;  // schedule points so far
  void AdvanceClock(uint64_t us);
  // The wall clock jumps, forward or back, to so many seconds after its beginning; the other clock
  // goes on, and nobody who waits is woken.
  void SetWallClock(uint64_t seconds);
  uint64_t CurrentTask() const;  // the number of the one that holds the baton

  // --- What the process holds ---
  // "reader /db/000005.ldb", "mapping ...", "writer ...", "lock ..."; in the order of opening.
  std::vector<std::string> OpenHandles() const;

  // --- Bytes on the disk, behind the engine's back: for damage tests ---
  Result<std::string> ReadWholeFile(const std::string& path);
  Status OverwriteFile(const std::string& path, std::string_view bytes);  // durable at once
  // Other bytes at this place, in what is durable and in what is not yet; none beyond the ends.
  // Mappings do not show it.
  Status DamageFile(const std::string& path, uint64_t offset, std::string_view bytes);

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
  Machine machine() const;
  Status Do(const IoRequest& request, const std::function<Status()>& effect);
  Result<std::shared_ptr<Inode>> Open(const char* what, const std::string& path);

  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<IoGate> gate_;
  std::unique_ptr<HandleTable> handles_;
  std::unique_ptr<Disk> disk_;
  Random random_seeds_;
  int64_t wall_jump_seconds_ = 0;
};

}  // namespace lsm::sim
