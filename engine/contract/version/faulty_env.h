// FaultyEnv: an environment that stands on another one and adds the faults that SimEnv does not
// have: a rename that happens and reports an error (catalogue: E7), and reads that fail.
// Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lsm/env.h"

namespace lsm::version_test {

class FaultyEnv final : public Env {
 public:
  explicit FaultyEnv(Env* base) : base_(base) {}

  bool late_rename_error = false;
  uint64_t reads_until_error = UINT64_MAX;  // opening counts as a read

  Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override {
    if (!CountRead()) return Status::IOError("open " + path + ": injected");
    auto file = base_->OpenSequential(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<SequentialFile>(new File(this, path, std::move(*file)));
  }
  Status RenameFile(const std::string& from, const std::string& to) override {
    const Status status = base_->RenameFile(from, to);
    return late_rename_error ? Status::IOError("rename " + from + ": injected") : status;
  }

  Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path,
                                                             IoMode io) override {
    return base_->OpenRandomAccess(path, io);
  }
  Result<std::unique_ptr<WritableFile>> CreateWritable(
      const std::string& path, const WritableFileOptions& options) override {
    return base_->CreateWritable(path, options);
  }
  bool FileExists(const std::string& path) override { return base_->FileExists(path); }
  Result<uint64_t> FileSize(const std::string& path) override { return base_->FileSize(path); }
  Status RemoveFile(const std::string& path) override { return base_->RemoveFile(path); }
  Status LinkFile(const std::string& from, const std::string& to) override {
    return base_->LinkFile(from, to);
  }
  Status TruncateFile(const std::string& path, uint64_t size) override {
    return base_->TruncateFile(path, size);
  }
  Status CreateDir(const std::string& path) override { return base_->CreateDir(path); }
  Status RemoveDir(const std::string& path) override { return base_->RemoveDir(path); }
  Result<std::vector<std::string>> ListDir(const std::string& path) override {
    return base_->ListDir(path);
  }
  Status SyncDir(const std::string& path) override { return base_->SyncDir(path); }
  Result<std::unique_ptr<FileLock>> LockFile(const std::string& path) override {
    return base_->LockFile(path);
  }
  uint64_t NowMicros() override { return base_->NowMicros(); }
  uint64_t UnixSeconds() override { return base_->UnixSeconds(); }
  void SleepMicros(uint64_t us) override { base_->SleepMicros(us); }
  uint64_t RandomSeed() override { return base_->RandomSeed(); }
  std::unique_ptr<Thread> StartThread(std::string name, std::function<void()> body) override {
    return base_->StartThread(std::move(name), std::move(body));
  }
  Baton* baton() override { return base_->baton(); }

 private:
  class File final : public SequentialFile {
   public:
    File(FaultyEnv* env, std::string path, std::unique_ptr<SequentialFile> base)
        : env_(env), path_(std::move(path)), base_(std::move(base)) {}
    Result<size_t> Read(size_t n, char* scratch) override {
      if (!env_->CountRead()) return Status::IOError("read " + path_ + ": injected");
      return base_->Read(n, scratch);
    }

   private:
    FaultyEnv* const env_;
    const std::string path_;
    const std::unique_ptr<SequentialFile> base_;
  };

  bool CountRead() { return reads_until_error > 0 && reads_until_error-- > 0; }

  Env* const base_;
};

}  // namespace lsm::version_test
