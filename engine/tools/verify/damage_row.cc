// One flipped byte, at every offset of a log and of a table: the database reports it or answers
// correctly, and never answers wrongly. Only the last synced group of a log may go without a word:
// it cannot be told from a torn tail (docs/guarantees.md).
#include <fmt/format.h>

#include <map>

#include "base/escape.h"
#include "format/filename.h"
#include "lsm/db.h"
#include "testing/session.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

constexpr char kDir[] = "/db";
constexpr int kWrites = 6;

class SilentLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

Contents FirstWrites(int n) {
  Contents contents;
  for (int i = 0; i < n; ++i) {
    contents[fmt::format("k{}", i)] = fmt::format("value {} of the damaged file", i);
  }
  return contents;
}

class Damage {
 public:
  Damage(IoMode io, FileKind kind, Reporter* reporter) : kind_(kind), reporter_(reporter) {
    options_.env = &env_;
    options_.info_log = &logger_;
    options_.create_if_missing = true;
    options_.memtable_bytes = 4096;
    options_.block_bytes = 64;
    options_.compression = Compression::kNone;
    options_.wal_io = options_.read_io = io;
  }

  // False once something was wrong.
  bool Run() {
    const std::string path = Prepare();
    const auto bytes = env_.ReadWholeFile(path);
    if (path.empty() || !bytes.ok()) {
      reporter_->Finding("no file to damage: " + bytes.status().ToString());
      return false;
    }
    std::map<std::string, std::string> pristine;
    for (const std::string& name : Names()) {
      const std::string file = std::string(kDir) + "/" + name;
      pristine[file] = *env_.ReadWholeFile(file);
    }
    for (size_t i = 0; i < bytes->size(); ++i) {
      Restore(pristine);
      std::string damaged = *bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
      if (!env_.OverwriteFile(path, damaged).ok() || !Judge(path, i)) return false;
      reporter_->Add("damaged bytes", 1);
    }
    return true;
  }

 private:
  // The file that will be damaged.
  std::string Prepare() {
    const auto db = DB::Open(options_, kDir);
    if (!db.ok()) return "";
    for (const auto& [key, value] : FirstWrites(kWrites)) {
      if (!(*db)->Put(WriteOptions{true}, key, value).ok()) return "";
    }
    if (kind_ == FileKind::kTable && !(*db)->Flush().ok()) return "";
    if (!(*db)->Close().ok()) return "";
    for (const std::string& name : Names()) {
      const std::string path = std::string(kDir) + "/" + name;
      if (ParseFileName(name).kind == kind_ && *env_.FileSize(path) > 0) return path;
    }
    return "";
  }

  std::vector<std::string> Names() {
    auto names = env_.ListDir(kDir);
    return names.ok() ? std::move(*names) : std::vector<std::string>();
  }

  // Opening writes: every try begins with the same files.
  void Restore(const std::map<std::string, std::string>& pristine) {
    for (const std::string& name : Names()) {
      env_.RemoveFile(std::string(kDir) + "/" + name).IgnoreError();  // there: it was listed
    }
    for (const auto& [path, bytes] : pristine) env_.OverwriteFile(path, bytes).IgnoreError();
  }

  bool Judge(const std::string& path, size_t offset) {
    const auto db = DB::Open(options_, kDir);
    if (!db.ok()) return Reported();
    const auto it = (*db)->NewIterator({});
    Contents seen;
    for (auto& entry : WalkForward(it.get())) seen.insert(std::move(entry));
    if (!it->status().ok()) return Reported();
    if (seen == FirstWrites(kWrites)) return true;
    const bool last_group_only = kind_ == FileKind::kWal && seen == FirstWrites(kWrites - 1);
    if (last_group_only) return true;
    reporter_->Finding(
        fmt::format("{}: a flipped byte {} of {} shows {} entries of {} and no error",
                    PropertyText(Property::kP8), offset, path, seen.size(), kWrites));
    return false;
  }

  bool Reported() {
    reporter_->Add("reported", 1);
    return true;
  }

  const FileKind kind_;
  Reporter* const reporter_;
  sim::SimEnv env_{sim::SimOptions()};
  SilentLogger logger_;
  Options options_;
};

}  // namespace

Row DamageRow(const VerifyOptions& options) {
  RowWork work;
  work.name = "damage";
  work.body = [](int, Reporter* reporter) {
    for (const IoMode io : {IoMode::kPlain, IoMode::kMapped}) {
      for (const FileKind kind : {FileKind::kWal, FileKind::kTable}) {
        if (!Damage(io, kind, reporter).Run()) return;
      }
    }
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
