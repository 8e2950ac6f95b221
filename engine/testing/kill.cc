#include "testing/kill.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/escape.h"
#include "lsm/db.h"
#include "lsm/env.h"
#include "testing/oracle.h"
#include "testing/session.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

// What goes over the pipe: one byte a moment; behind kError a text, to the end.
constexpr char kAcknowledged = 'a', kEvent = 'e', kError = 'x';

struct KillWrite {
  std::vector<Update> updates;
  bool sync = false;
};

// The i-th write of a round: few keys, values that tell where they come from.
KillWrite WriteAt(uint64_t seed, uint64_t round, uint64_t i) {
  constexpr uint64_t kKeys = 40;
  sim::Random random(seed + (round << 32) + i);
  KillWrite write;
  const uint64_t updates = random.Below(6) == 0 ? 2 + random.Below(4) : 1;
  for (uint64_t u = 0; u < updates; ++u) {
    Update update{fmt::format("k{:02}", random.Below(kKeys)), std::nullopt};
    const uint64_t size = random.Below(16) == 0 ? 3000 : random.Below(100);
    if (random.Below(6) != 0) {
      update.value = fmt::format("{}-{}-{}", round, i, u) + std::string(size, 'x');
    }
    write.updates.push_back(std::move(update));
  }
  write.sync = random.Below(8) == 0;
  return write;
}

// The writer's end. Its process dies at its own hand with moment number `last`, if there is one.
class Pipe final : public EventListener {
 public:
  Pipe(int fd, uint64_t last) : fd_(fd), last_(last) {}
  // One byte is written whole, whichever thread writes it.
  void Tell(char moment) {
    LSM_CHECK(write(fd_, &moment, 1) == 1);
    if (moments_.fetch_add(1) + 1 == last_) ::kill(getpid(), SIGKILL);
  }
  void OnEvent(const Event&) override { Tell(kEvent); }
  [[noreturn]] void Fail(const Status& status) {
    const std::string text = kError + status.ToString();
    _exit(write(fd_, text.data(), text.size()) > 0 ? 1 : 2);
  }

 private:
  const int fd_;
  const uint64_t last_;
  std::atomic<uint64_t> moments_{0};
};

[[noreturn]] void WriteUntilKilled(const KillOptions& kill, uint64_t round, int fd, uint64_t last) {
  Pipe pipe(fd, last);
  Options options = kill.options;
  options.listener = &pipe;
  auto db = kill.open(options, kill.dir);
  if (!db.ok()) pipe.Fail(db.status());
  for (uint64_t i = 0;; ++i) {
    const KillWrite write = WriteAt(kill.seed, round, i);
    WriteBatch batch;
    for (const Update& update : write.updates) {
      update.value.has_value() ? batch.Put(update.key, *update.value) : batch.Delete(update.key);
    }
    if (Status s = (*db)->Write(WriteOptions{write.sync}, batch); !s.ok()) pipe.Fail(s);
    pipe.Tell(kAcknowledged);
  }
}

struct Heard {
  uint64_t acknowledged = 0;
  std::string error;
};

// Runs a writer and kills it behind so many moments: exactly there, by itself, or a little later,
// wherever its threads are. What it still said is heard, too.
Heard RunAndKill(const KillOptions& kill, uint64_t round, uint64_t moments, bool exactly) {
  int ends[2];
  LSM_CHECK(pipe(ends) == 0);
  const pid_t pid = fork();
  LSM_CHECK(pid >= 0);
  if (pid == 0) {
    close(ends[0]);
    WriteUntilKilled(kill, round, ends[1], exactly ? moments : 0);
  }
  close(ends[1]);
  Heard heard;
  bool in_error = false;
  for (uint64_t heard_moments = 0;;) {
    char bytes[256];
    // While the end is not near one byte at a time, so that the kill comes
    // right behind its moment.
    const ssize_t n = read(ends[0], bytes, heard_moments < moments ? 1 : sizeof(bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    for (ssize_t i = 0; i < n; ++i) {
      in_error = in_error || bytes[i] == kError;
      if (in_error) heard.error += bytes[i];
      if (!in_error && bytes[i] == kAcknowledged) ++heard.acknowledged;
    }
    if (heard_moments < moments && ++heard_moments == moments) ::kill(pid, SIGKILL);
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!killed && heard.error.empty()) heard.error = fmt::format("wait status {}", status);
  return heard;
}

class KillRun {
 public:
  explicit KillRun(const KillOptions& options) : options_(options), random_(options.seed) {
    if (options_.options.env == nullptr) options_.options.env = Env::Default();
    options_.options.create_if_missing = true;
  }

  KillReport Run() {
    for (uint64_t round = 0; round < options_.rounds && report_.finding.empty(); ++round) {
      const std::string finding = Round(round);
      if (!finding.empty()) {
        report_.finding = fmt::format("{} (round {} of seed {}; the database is in {})", finding,
                                      round, options_.seed, options_.dir);
      }
      ++report_.rounds;
      if (options_.on_round) options_.on_round();
    }
    return std::move(report_);
  }

 private:
  std::string Round(uint64_t round) {
    // One in four early, within the recovery.
    const uint64_t early = random_.Below(4) == 0 ? 50 : 1;
    const uint64_t moments = 1 + random_.Below(std::max<uint64_t>(options_.moments_max / early, 1));
    const bool exactly = random_.Below(2) == 0;
    const Heard heard = RunAndKill(options_, round, moments, exactly);
    if (!heard.error.empty()) return "a writer stopped: " + heard.error;
    const bool always = options_.options.wal_sync == WalSync::kEveryWrite;
    for (uint64_t i = 0; i < heard.acknowledged; ++i) {
      KillWrite write = WriteAt(options_.seed, round, i);
      oracle_.BeginWrite(0, std::move(write.updates));
      oracle_.EndWrite(0, true, write.sync || always);
    }
    const KillWrite in_flight = WriteAt(options_.seed, round, heard.acknowledged);
    oracle_.BeginWrite(0, in_flight.updates);
    oracle_.EndWrite(0, false, false);  // it counts or not
    report_.acknowledged += heard.acknowledged;
    if (heard.acknowledged == 0) ++report_.in_open;
    return Judge(in_flight);
  }

  std::string Judge(const KillWrite& in_flight) {
    auto db = options_.open(options_.options, options_.dir);
    if (!db.ok()) return Broken(Property::kP8, db.status().ToString());
    Contents contents;
    {
      const auto iterator = (*db)->NewIterator({});
      for (auto& entry : WalkForward(iterator.get())) contents.insert(std::move(entry));
      if (!iterator->status().ok()) return iterator->status().ToString();
    }
    const Update& last = in_flight.updates.back();
    const auto found = contents.find(last.key);
    if (last.value.has_value() && found != contents.end() && found->second == *last.value) {
      ++report_.in_flight;
    }
    const Verdict verdict = oracle_.JudgeRecovery(contents, Oracle::End::kKilled);
    if (!verdict.ok) {
      return Broken(verdict.property, fmt::format("{} = {}, not {}", Escape(verdict.key),
                                                  verdict.actual, verdict.expected));
    }
    std::vector<std::string> findings;
    if (Status s = (*db)->CheckIntegrity(&findings); !s.ok()) return s.ToString();
    if (!findings.empty()) return Broken(Property::kP13, findings.front());
    return (*db)->Close().ok() ? "" : "the judged database cannot be closed";
  }

  static std::string Broken(Property property, const std::string& what) {
    return fmt::format("{}: {}", PropertyText(property), what);
  }

  KillOptions options_;
  sim::Random random_;
  Oracle oracle_{1};
  KillReport report_;
};

}  // namespace

KillReport KillAgainAndAgain(const KillOptions& options) { return KillRun(options).Run(); }

}  // namespace lsm::lab
