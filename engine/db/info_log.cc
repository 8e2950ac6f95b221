#include "db/info_log.h"

#include <fmt/format.h>

#include "format/filename.h"

namespace lsm {
namespace {

class FileLogger final : public Logger {
 public:
  FileLogger(Env* env, std::unique_ptr<WritableFile> file)
      : env_(env), mu_(env), file_(std::move(file)) {}

  void Log(LogLevel level, std::string_view line) override {
    if (level == LogLevel::kDebug || file_ == nullptr) return;
    static constexpr const char* kNames[] = {"debug", "info", "warn", "error"};
    const std::string text = fmt::format("{} {:>12} {} {}\n", env_->UnixSeconds(),
                                         env_->NowMicros(), kNames[static_cast<int>(level)], line);
    MutexLock lock(&mu_);
    // A log that cannot be written must not disturb the database.
    file_->Append(text).IgnoreError();
    file_->Flush().IgnoreError();
  }

 private:
  Env* const env_;
  Mutex mu_;
  std::unique_ptr<WritableFile> file_;
};

}  // namespace

std::unique_ptr<Logger> OpenInfoLog(Env* env, const std::string& dir) {
  const std::string path = InfoLogFileName(dir);
  if (env->FileExists(path)) env->RenameFile(path, OldInfoLogFileName(dir)).IgnoreError();
  auto file = env->CreateWritable(path, {});
  return std::make_unique<FileLogger>(env, file.ok() ? std::move(*file) : nullptr);
}

}  // namespace lsm
