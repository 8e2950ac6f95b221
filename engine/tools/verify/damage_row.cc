// One flipped byte, at every offset of a log and of a table: the database reports it or answers
// correctly, and never answers wrongly, however often it is asked. Only the last synced group of a
// log may go without a word: it cannot be told from a torn tail (docs/guarantees.md).
#include <fmt/format.h>

#include <map>
#include <vector>

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
  Damage(IoMode io, FileKind kind, uint64_t cache_bytes, Reporter* reporter)
      : kind_(kind), reporter_(reporter) {
    options_.env = &env_;
    options_.info_log = &logger_;
    options_.create_if_missing = true;
    options_.memtable_bytes = 4096;
    options_.block_bytes = 64;
    options_.compression = Compression::kNone;
    options_.block_cache_bytes = cache_bytes;
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

  // False if an answer was wrong. What was reported once is asked for again: a block must not be
  // trusted because somebody has looked at it before.
  bool Judge(const std::string& path, size_t offset) {
    const auto db = DB::Open(options_, kDir);
    if (!db.ok()) {
      reporter_->Add("reported", 1);
      return true;
    }
    // All of it; of a log perhaps without the last group.
    std::vector<Contents> possible{FirstWrites(kWrites)};
    if (kind_ == FileKind::kWal) possible.push_back(FirstWrites(kWrites - 1));
    uint64_t errors = 0;
    for (int round = 0; round < kRounds; ++round) {
      if (!JudgeGets(db->get(), &possible, &errors) || !JudgeScan(db->get(), &possible, &errors)) {
        reporter_->Finding(
            fmt::format("{}: with a flipped byte {} of {} a wrong answer and no error, in round {}",
                        PropertyText(Property::kP8), offset, path, round + 1));
        return false;
      }
    }
    reporter_->Add("reported", errors > 0 ? 1 : 0);
    return true;
  }

  // What explains all answers so far stays possible; an error explains itself.
  bool JudgeGets(DB* db, std::vector<Contents>* possible, uint64_t* errors) {
    for (const auto& [key, value] : FirstWrites(kWrites)) {
      std::string seen;
      const Status status = db->Get({}, key, &seen);
      reporter_->Add("answers", 1);
      if (!status.ok() && !status.IsNotFound()) {
        ++*errors;
        continue;
      }
      std::erase_if(*possible, [&, &k = key](const Contents& contents) {
        const auto entry = contents.find(k);
        return status.ok() ? entry == contents.end() || entry->second != seen
                           : entry != contents.end();
      });
    }
    return !possible->empty();
  }

  bool JudgeScan(DB* db, std::vector<Contents>* possible, uint64_t* errors) {
    const auto it = db->NewIterator({});
    Contents seen;
    for (auto& entry : WalkForward(it.get())) seen.insert(std::move(entry));
    reporter_->Add("answers", 1);
    if (it->status().ok()) {
      std::erase_if(*possible, [&seen](const Contents& contents) { return contents != seen; });
    } else {
      ++*errors;
    }
    return !possible->empty();
  }

  static constexpr int kRounds = 3;  // gets, a scan; again; and with what the scan left in caches

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
    constexpr uint64_t kRoomy = 1 << 20;
    for (const IoMode io : {IoMode::kPlain, IoMode::kMapped}) {
      for (const FileKind kind : {FileKind::kWal, FileKind::kTable}) {
        for (const uint64_t cache_bytes : {uint64_t{0}, kRoomy}) {
          if (!Damage(io, kind, cache_bytes, reporter).Run()) return;
        }
      }
    }
  };
  return RunRow(options, work);
}

}  // namespace lsm::lab
