#include "testing/sim/sim_env.h"

#include <fmt/format.h>

#include <utility>

#include "testing/sim/disk.h"
#include "testing/sim/io_gate.h"
#include "testing/sim/scheduler.h"
#include "testing/sim/sim_files.h"

namespace lsm::sim {
namespace {

// 2001-09-09 01:46:40 UTC: when every simulated clock starts.
constexpr uint64_t kEpochSeconds = 1'000'000'000;

class SimThread final : public Thread {
 public:
  SimThread(Scheduler* scheduler, Scheduler::Task* task) : scheduler_(scheduler), task_(task) {}
  ~SimThread() override { scheduler_->Join(task_); }

 private:
  Scheduler* const scheduler_;
  Scheduler::Task* const task_;
};

Status NoSuchFile(const char* what, const std::string& path) {
  return Status::NotFound(fmt::format("{} {}: no such file", what, path));
}

}  // namespace

std::string UnsyncedUnit::ToString() const {
  switch (kind) {
    case Kind::kSector:
      return fmt::format("{} bytes [{}, {})", path, offset, offset + kSectorBytes);
    case Kind::kSize:
      return fmt::format("{} size {}", path, offset);
    case Kind::kDirCreate:
      return fmt::format("entry {} created", path);
    case Kind::kDirRename:
      return fmt::format("entry {} renamed to", path);
    case Kind::kDirRemove:
      return fmt::format("entry {} removed", path);
  }
  return path;
}

SimEnv::SimEnv(const SimOptions& options)
    : scheduler_(std::make_unique<Scheduler>(options)),
      gate_(std::make_unique<IoGate>(scheduler_.get(), options.log)),
      disk_(std::make_unique<Disk>(options.disk_bytes)),
      // Not the scheduler's stream: what a database draws must not shift the schedule.
      random_seeds_(~options.seed) {}

SimEnv::~SimEnv() = default;

// --- Crashes and faults ---

uint64_t SimEnv::IoCount() const { return gate_->count(); }
void SimEnv::CrashAtIo(uint64_t index) { gate_->CrashAt(index); }
void SimEnv::CrashNow() { gate_->Crash(); }
bool SimEnv::Crashed() const { return gate_->crashed(); }
std::vector<UnsyncedUnit> SimEnv::Unsynced() const { return disk_->Unsynced(); }

void SimEnv::Restart(const std::vector<bool>& keep) {
  disk_->LoseUnsynced(keep);
  gate_->Restart();
}

void SimEnv::FailIo(uint64_t index, StatusCode code, bool sticky) {
  gate_->AddFault(index, code, sticky);
}
void SimEnv::ClearFaults() { gate_->ClearFaults(); }
void SimEnv::SetDiskBytes(uint64_t bytes) { disk_->set_capacity(bytes); }
void SimEnv::OnIo(std::function<void(const IoOperation&)> hook) {
  gate_->set_hook(std::move(hook));
}

void SimEnv::SyncFileNow(const std::string& path) {
  if (const Disk::File file = disk_->Find(NormalPath(path)); file != nullptr) file->Sync();
}
void SimEnv::SyncDirNow(const std::string& path) {
  disk_->SyncDir(NormalPath(path)).IgnoreError();  // no such directory: nothing to sync
}
std::vector<std::string> SimEnv::DirtyFiles() const { return disk_->DirtyFiles(); }
std::vector<std::string> SimEnv::DirtyDirs() const { return disk_->DirtyDirs(); }

Result<std::string> SimEnv::ReadWholeFile(const std::string& path) {
  const Disk::File file = disk_->Find(NormalPath(path));
  if (file == nullptr) return NoSuchFile("read", path);
  return file->bytes();
}

Status SimEnv::OverwriteFile(const std::string& path, std::string_view bytes) {
  return disk_->Overwrite(NormalPath(path), bytes);
}

// --- Files ---

Result<std::unique_ptr<SequentialFile>> SimEnv::OpenSequential(const std::string& path) {
  std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("open", normal));
  Disk::File file = disk_->Find(normal);
  if (file == nullptr) return NoSuchFile("open", normal);
  return NewSequentialFile(gate_.get(), std::move(normal), std::move(file));
}

Result<std::unique_ptr<RandomAccessFile>> SimEnv::OpenRandomAccess(const std::string& path,
                                                                   IoMode io) {
  std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("open", normal));
  Disk::File file = disk_->Find(normal);
  if (file == nullptr) return NoSuchFile("open", normal);
  return NewRandomAccessFile(gate_.get(), std::move(normal), std::move(file), io);
}

Result<std::unique_ptr<WritableFile>> SimEnv::CreateWritable(const std::string& path,
                                                             const WritableFileOptions& options) {
  std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("create", normal));
  const uint64_t allocated = options.io == IoMode::kMapped ? options.preallocate_bytes : 0;
  const Disk::File old = disk_->Find(normal);
  const uint64_t freed = old == nullptr ? 0 : old->size();
  if (allocated > freed) {
    LSM_RETURN_IF_ERROR(disk_->Reserve(allocated - freed, "create", normal));
  }
  LSM_ASSIGN_OR_RETURN(Disk::File file, disk_->FindOrCreate(normal));
  file->Resize(0);
  file->Resize(allocated);
  return NewWritableFile(gate_.get(), disk_.get(), std::move(normal), std::move(file), options);
}

bool SimEnv::FileExists(const std::string& path) {
  const std::string normal = NormalPath(path);
  if (!gate_->Pass("exists", normal).ok()) return false;
  return disk_->Find(normal) != nullptr || disk_->DirExists(normal);
}

Result<uint64_t> SimEnv::FileSize(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("stat", normal));
  const Disk::File file = disk_->Find(normal);
  if (file == nullptr) return NoSuchFile("stat", normal);
  return file->size();
}

Status SimEnv::RemoveFile(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("remove", normal));
  return disk_->Remove(normal);
}

Status SimEnv::RenameFile(const std::string& from, const std::string& to) {
  const std::string normal_to = NormalPath(to);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("rename", normal_to));
  return disk_->Rename(NormalPath(from), normal_to);
}

Status SimEnv::LinkFile(const std::string& from, const std::string& to) {
  const std::string normal_to = NormalPath(to);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("link", normal_to));
  return disk_->Link(NormalPath(from), normal_to);
}

Status SimEnv::TruncateFile(const std::string& path, uint64_t size) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("truncate", normal));
  const Disk::File file = disk_->Find(normal);
  if (file == nullptr) return NoSuchFile("truncate", normal);
  if (size > file->size()) {
    LSM_RETURN_IF_ERROR(disk_->Reserve(size - file->size(), "truncate", normal));
  }
  file->Resize(size);
  return Status::Ok();
}

Result<std::unique_ptr<FileLock>> SimEnv::LockFile(const std::string& path) {
  std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("lock", normal));
  if (disk_->Find(normal) == nullptr) {
    LSM_RETURN_IF_ERROR(gate_->PassCounted("create", normal));
    LSM_RETURN_IF_ERROR(disk_->FindOrCreate(normal).status());
  }
  if (!disk_->Lock(normal)) {
    return Status::Busy(fmt::format("lock {}: somebody else holds it", normal));
  }
  return NewFileLock(gate_.get(), disk_.get(), std::move(normal));
}

// --- Directories ---

Status SimEnv::CreateDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("create directory", normal));
  return disk_->CreateDir(normal);
}

Status SimEnv::RemoveDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("remove directory", normal));
  return disk_->RemoveDir(normal);
}

Result<std::vector<std::string>> SimEnv::ListDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->Pass("list", normal));
  return disk_->List(normal);
}

Status SimEnv::SyncDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  LSM_RETURN_IF_ERROR(gate_->PassCounted("syncdir", normal));
  return disk_->SyncDir(normal);
}

// --- Time, threads, randomness ---

void SimEnv::SetSwitch(uint32_t switch_per_1024) { scheduler_->set_switch(switch_per_1024); }
uint64_t SimEnv::Steps() const { return scheduler_->steps(); }
void SimEnv::AdvanceClock(uint64_t us) { scheduler_->Advance(us); }
uint64_t SimEnv::NowMicros() { return scheduler_->now(); }
uint64_t SimEnv::UnixSeconds() { return kEpochSeconds + scheduler_->now() / 1'000'000; }
void SimEnv::SleepMicros(uint64_t us) { scheduler_->Sleep(us); }
uint64_t SimEnv::RandomSeed() { return random_seeds_.Next(); }
Baton* SimEnv::baton() { return scheduler_.get(); }

std::unique_ptr<Thread> SimEnv::StartThread(std::string name, std::function<void()> body) {
  return std::make_unique<SimThread>(scheduler_.get(),
                                     scheduler_->Start(std::move(name), std::move(body)));
}

}  // namespace lsm::sim
