#include "testing/isolate.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/check.h"
#include "lsm/env.h"
#include "testing/result_json.h"

namespace lsm::lab {
namespace {

constexpr size_t kKeptErrorBytes = 4096;

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);  // the parent is gone
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

// One child and the reading ends of its pipes.
class Worker {
 public:
  void Start(int index, const std::function<void(int, const EmitLine&)>& body) {
    int lines[2], errors[2];
    LSM_CHECK(pipe(lines) == 0 && pipe(errors) == 0);
    std::fflush(nullptr);
    pid_ = fork();
    LSM_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      close(lines[0]);
      close(errors[0]);
      dup2(errors[1], STDERR_FILENO);
      body(index,
           [fd = lines[1]](std::string_view line) { WriteAll(fd, std::string(line) + "\n"); });
      std::fflush(nullptr);
      _exit(0);
    }
    close(lines[1]);
    close(errors[1]);
    lines_ = lines[0];
    errors_ = errors[0];
  }

  int lines_fd() const { return lines_; }
  int errors_fd() const { return errors_; }
  bool open() const { return lines_ >= 0 || errors_ >= 0; }
  void Kill() { kill(pid_, SIGKILL); }

  // The whole lines that can be read now. Closes the pipe at its end.
  std::vector<std::string> ReadLines() {
    ReadSome(&lines_, &partial_);
    std::vector<std::string> lines;
    for (size_t end; (end = partial_.find('\n')) != std::string::npos;) {
      lines.push_back(partial_.substr(0, end));
      partial_.erase(0, end + 1);
    }
    return lines;
  }
  void ReadErrors() {
    ReadSome(&errors_, &kept_errors_);
    if (kept_errors_.size() > kKeptErrorBytes) {
      kept_errors_.erase(0, kept_errors_.size() - kKeptErrorBytes);
    }
  }

  WorkerEnd Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    WorkerEnd end;
    end.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    end.errors = std::move(kept_errors_);
    if (WIFSIGNALED(status)) {
      end.how = fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (!end.ok) {
      end.how = fmt::format("exit status {}", WEXITSTATUS(status));
    }
    return end;
  }

 private:
  static void ReadSome(int* fd, std::string* to) {
    char buffer[1 << 16];
    const ssize_t n = read(*fd, buffer, sizeof(buffer));
    if (n > 0) {
      to->append(buffer, static_cast<size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      close(*fd);
      *fd = -1;
    }
  }

  pid_t pid_ = -1;
  int lines_ = -1, errors_ = -1;
  std::string partial_, kept_errors_;
};

// Waits until a pipe of a worker can be read. False after timeout_ms without.
bool Poll(const std::vector<Worker>& workers, uint64_t timeout_ms, std::vector<pollfd>* fds) {
  fds->clear();
  for (const Worker& worker : workers) {
    fds->push_back({worker.lines_fd(), POLLIN, 0});
    fds->push_back({worker.errors_fd(), POLLIN, 0});
  }
  const int limit = static_cast<int>(std::min<uint64_t>(timeout_ms, 1 << 30));
  int ready = -1;
  do {
    ready = poll(fds->data(), fds->size(), limit);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

std::vector<WorkerEnd> RunWorkers(int workers_count, uint64_t silence_ms,
                                  const std::function<void(int, const EmitLine&)>& body,
                                  const std::function<bool(int, std::string_view)>& on_line) {
  std::vector<Worker> workers(static_cast<size_t>(workers_count));
  std::vector<uint64_t> heard(workers.size(), Env::Default()->NowMicros());
  std::vector<bool> silent(workers.size());
  for (size_t w = 0; w < workers.size(); ++w) workers[w].Start(static_cast<int>(w), body);
  std::vector<pollfd> fds;
  const auto open = [](const Worker& worker) { return worker.open(); };
  bool stop = false;
  while (std::any_of(workers.begin(), workers.end(), open)) {
    Poll(workers, silence_ms, &fds);
    const uint64_t now = Env::Default()->NowMicros();
    for (size_t w = 0; w < workers.size(); ++w) {
      if (fds[2 * w].revents != 0) {
        heard[w] = now;
        for (const std::string& line : workers[w].ReadLines()) {
          if (!stop) stop = !on_line(static_cast<int>(w), line);
        }
      }
      if (fds[2 * w + 1].revents != 0) workers[w].ReadErrors();
      silent[w] = silent[w] || (workers[w].open() && (now - heard[w]) / 1000 >= silence_ms);
      if (silent[w] || (stop && workers[w].open())) workers[w].Kill();
    }
  }
  std::vector<WorkerEnd> ends;
  for (size_t w = 0; w < workers.size(); ++w) {
    ends.push_back(workers[w].Wait());
    ends.back().silent = silent[w];
    if (silent[w]) ends.back().how = fmt::format("no sign of life for {} ms", silence_ms);
  }
  return ends;
}

RunResult RunTraceIsolated(const Trace& trace, const RunOptions& options) {
  using Progress = std::atomic<uint64_t>;
  void* shared =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  LSM_CHECK(shared != MAP_FAILED);
  RunOptions with_progress = options;
  with_progress.progress = new (shared) Progress(0);
  std::string answer;
  const std::vector<WorkerEnd> ends = RunWorkers(
      1, options.silence_ms,
      [&](int, const EmitLine& emit) { emit(ToJson(RunTrace(trace, with_progress)).dump()); },
      [&](int, std::string_view line) {
        answer = line;
        return true;
      });
  const uint64_t step = *with_progress.progress;
  munmap(shared, sizeof(Progress));
  if (ends[0].ok) return ResultFromJson(nlohmann::json::parse(answer));
  const bool stuck = ends[0].silent || ends[0].errors.find("simulation: ") != std::string::npos;
  RunResult result;
  result.ok = false;
  result.silent = ends[0].silent;
  result.property = stuck ? Property::kP14 : Property::kP0;
  result.step = step;
  result.expected = "an answer";
  result.actual = ends[0].how + (ends[0].errors.empty() ? "" : ": " + ends[0].errors);
  result.steps.resize(trace.operations.size());
  return result;
}

}  // namespace lsm::lab
