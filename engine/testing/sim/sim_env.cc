#include "testing/sim/sim_env.h"

#include <fmt/format.h>

#include <utility>

#include "testing/sim/disk.h"
#include "testing/sim/handles.h"
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

SimEnv::SimEnv(const SimOptions& options)
    : scheduler_(std::make_unique<Scheduler>(options)),
      gate_(std::make_unique<IoGate>(scheduler_.get(), options.log)),
      handles_(std::make_unique<HandleTable>(options.max_open_files)),
      disk_(std::make_unique<Disk>(options.disk_bytes, handles_.get())),
      // Not the scheduler's stream: what a database draws must not shift the schedule.
      random_seeds_(~options.seed) {}

SimEnv::~SimEnv() = default;

// --- Crashes and faults ---

Machine SimEnv::machine() const { return {gate_.get(), disk_.get(), handles_.get()}; }

uint64_t SimEnv::IoCount() const { return gate_->count(); }
void SimEnv::CrashAt(const IoAddress& at) { gate_->CrashAt(at); }
void SimEnv::CancelCrash() { gate_->CancelCrash(); }
void SimEnv::CrashNow() { gate_->Crash(); }
bool SimEnv::Crashed() const { return gate_->crashed(); }
std::vector<UnsyncedUnit> SimEnv::Unsynced() const { return disk_->Unsynced(); }

void SimEnv::Restart(const Image& image) {
  disk_->LoseUnsynced(image);
  RestartProcess();
}

void SimEnv::RestartProcess() {
  handles_->Clear();
  gate_->Restart();
}

size_t SimEnv::AddFault(const Fault& fault) { return gate_->AddFault(fault); }
void SimEnv::ClearFaults() {
  gate_->ClearFaults();
  disk_->ForgetLateErrors();
}
uint64_t SimEnv::Struck(size_t id) const { return gate_->Struck(id); }
void SimEnv::SetDiskBytes(uint64_t bytes) { disk_->set_capacity(bytes); }
void SimEnv::OnIo(IoHook hook) { gate_->set_hook(std::move(hook)); }
void SimEnv::OnFault(FaultHook hook) { gate_->set_fault_hook(std::move(hook)); }
std::vector<std::string> SimEnv::OpenHandles() const { return handles_->List(); }

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

Status SimEnv::DamageFile(const std::string& path, uint64_t offset, std::string_view bytes) {
  const Disk::File file = disk_->Find(NormalPath(path));
  if (file == nullptr) return NoSuchFile("damage", path);
  file->Damage(offset, bytes);
  return Status::Ok();
}

// --- Files ---

// The effect, unless a fault or the power prevents it; then the fault's error, if there is one.
Status SimEnv::Do(const IoRequest& request, const std::function<Status()>& effect) {
  const Outcome io = gate_->Pass(request);
  if (io.happens()) LSM_RETURN_IF_ERROR(effect());
  return io.error;
}

Result<std::shared_ptr<Inode>> SimEnv::Open(const char* what, const std::string& path) {
  const Outcome io = gate_->Pass({IoKind::kOpen, what, path});
  if (!io.happens()) return io.error;
  Disk::File file = disk_->Find(path);
  if (file == nullptr) return NoSuchFile(what, path);
  return file;
}

Result<std::unique_ptr<SequentialFile>> SimEnv::OpenSequential(const std::string& path) {
  std::string normal = NormalPath(path);
  LSM_ASSIGN_OR_RETURN(Disk::File file, Open("open", normal));
  LSM_RETURN_IF_ERROR(handles_->CheckRoom("open", normal));
  return NewSequentialFile(machine(), std::move(normal), std::move(file));
}

Result<std::unique_ptr<RandomAccessFile>> SimEnv::OpenRandomAccess(const std::string& path,
                                                                   IoMode io) {
  std::string normal = NormalPath(path);
  LSM_ASSIGN_OR_RETURN(Disk::File file, Open("open", normal));
  LSM_RETURN_IF_ERROR(handles_->CheckRoom("open", normal));
  return NewRandomAccessFile(machine(), std::move(normal), std::move(file), io);
}

Result<std::unique_ptr<WritableFile>> SimEnv::CreateWritable(const std::string& path,
                                                             const WritableFileOptions& options) {
  std::string normal = NormalPath(path);
  const Outcome io = gate_->Pass({IoKind::kCreate, "create", normal});
  if (!io.happens()) return io.error;
  LSM_RETURN_IF_ERROR(handles_->CheckRoom("create", normal));
  const uint64_t allocated = options.io == IoMode::kMapped ? options.preallocate_bytes : 0;
  const Disk::File old = disk_->Find(normal);
  const uint64_t freed = old == nullptr ? 0 : old->size();
  if (allocated > freed) {
    LSM_RETURN_IF_ERROR(disk_->Reserve(allocated - freed, "create", normal));
  }
  LSM_ASSIGN_OR_RETURN(Disk::File file, disk_->FindOrCreate(normal));
  file->Resize(0);
  file->Resize(allocated);
  LSM_RETURN_IF_ERROR(io.error);
  return NewWritableFile(machine(), std::move(normal), std::move(file), options);
}

bool SimEnv::FileExists(const std::string& path) {
  const std::string normal = NormalPath(path);
  if (!gate_->PassUncounted("exists", normal).ok()) return false;
  return disk_->Find(normal) != nullptr || disk_->DirExists(normal);
}

Result<uint64_t> SimEnv::FileSize(const std::string& path) {
  LSM_ASSIGN_OR_RETURN(const Disk::File file, Open("stat", NormalPath(path)));
  return file->size();
}

Status SimEnv::RemoveFile(const std::string& path) {
  const std::string normal = NormalPath(path);
  return Do({IoKind::kRemove, "remove", normal}, [&] { return disk_->Remove(normal); });
}

Status SimEnv::RenameFile(const std::string& from, const std::string& to) {
  const std::string normal = NormalPath(to);
  return Do({IoKind::kRename, "rename", normal},
            [&] { return disk_->Rename(NormalPath(from), normal); });
}

Status SimEnv::LinkFile(const std::string& from, const std::string& to) {
  const std::string normal = NormalPath(to);
  return Do({IoKind::kLink, "link", normal}, [&] { return disk_->Link(NormalPath(from), normal); });
}

Status SimEnv::TruncateFile(const std::string& path, uint64_t size) {
  const std::string normal = NormalPath(path);
  return Do({IoKind::kTruncate, "truncate", normal}, [&]() -> Status {
    const Disk::File file = disk_->Find(normal);
    if (file == nullptr) return NoSuchFile("truncate", normal);
    if (size > file->size()) {
      LSM_RETURN_IF_ERROR(disk_->Reserve(size - file->size(), "truncate", normal));
    }
    file->Resize(size);
    return Status::Ok();
  });
}

Result<std::unique_ptr<FileLock>> SimEnv::LockFile(const std::string& path) {
  const std::string normal = NormalPath(path);
  const Outcome io = gate_->Pass({IoKind::kLock, "lock", normal});
  if (!io.happens()) return io.error;
  LSM_RETURN_IF_ERROR(handles_->CheckRoom("lock", normal));
  if (disk_->Find(normal) == nullptr) {
    LSM_RETURN_IF_ERROR(Do({IoKind::kCreate, "create", normal},
                           [&] { return disk_->FindOrCreate(normal).status(); }));
  }
  if (handles_->IsLocked(normal)) {
    return Status::Busy(fmt::format("lock {}: somebody else holds it", normal));
  }
  return NewFileLock(machine(), normal);
}

// --- Directories ---

Status SimEnv::CreateDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  return Do({IoKind::kCreate, "create directory", normal, true},
            [&] { return disk_->CreateDir(normal); });
}

Status SimEnv::RemoveDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  return Do({IoKind::kRemove, "remove directory", normal, true},
            [&] { return disk_->RemoveDir(normal); });
}

Result<std::vector<std::string>> SimEnv::ListDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  const Outcome io = gate_->Pass({IoKind::kList, "list", normal, true});
  if (!io.happens()) return io.error;
  return disk_->List(normal);
}

Status SimEnv::SyncDir(const std::string& path) {
  const std::string normal = NormalPath(path);
  const IoRequest request{IoKind::kSyncDir, "syncdir", normal, true};
  const Outcome io = gate_->Pass(request);
  if (io.happens()) {
    const Status done = disk_->SyncDir(normal);
    if (!io.error.ok()) return io.error;
    return gate_->ToldLate(request, done);
  }
  if (io.effect == Effect::kLie) return Status::Ok();
  if (io.effect == Effect::kLate) return disk_->DropDir(normal, io.error);
  if (io.effect == Effect::kKeep) LSM_RETURN_IF_ERROR(disk_->DropDir(normal, Status::Ok()));
  return io.error;
}

// --- Time, threads, randomness ---

uint64_t SimEnv::Steps() const { return scheduler_->steps(); }
void SimEnv::AdvanceClock(uint64_t us) { scheduler_->Advance(us); }
uint64_t SimEnv::CurrentTask() const { return scheduler_->current_task(); }
uint64_t SimEnv::NowMicros() { return scheduler_->now(); }
uint64_t SimEnv::UnixSeconds() {
  const auto seconds = static_cast<int64_t>(kEpochSeconds + scheduler_->now() / 1'000'000);
  return static_cast<uint64_t>(seconds + wall_jump_seconds_);
}
void SimEnv::SetWallClock(uint64_t seconds) {
  const uint64_t since_start = scheduler_->now() / 1'000'000;
  wall_jump_seconds_ = static_cast<int64_t>(seconds) - static_cast<int64_t>(since_start);
}
void SimEnv::SleepMicros(uint64_t us) { scheduler_->Sleep(us); }
uint64_t SimEnv::RandomSeed() { return random_seeds_.Next(); }
Baton* SimEnv::baton() { return scheduler_.get(); }

std::unique_ptr<Thread> SimEnv::StartThread(std::string name, std::function<void()> body) {
  return std::make_unique<SimThread>(scheduler_.get(),
                                     scheduler_->Start(std::move(name), std::move(body)));
}

}  // namespace lsm::sim
