#include "testing/child_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "lsm/env.h"

// Of libgcov: writes the counts of the lines that ran. Null but in builds for ./lab coverage.
extern "C" void __gcov_dump() __attribute__((weak));

namespace lsm::lab {
namespace {

constexpr size_t kKeptErrorBytes = 4096;

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// Closes *fd at the end of the stream, or when it broke.
void ReadSome(int* fd, std::string* to) {
  char buffer[1 << 16];
  const ssize_t n = read(*fd, buffer, sizeof(buffer));
  if (n > 0) {
    to->append(buffer, static_cast<size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    close(*fd);
    *fd = -1;
  }
}

}  // namespace

void ChildProcess::Link::WriteLine(std::string_view line) const {
  if (!SendAll(fd_, std::string(line) + "\n")) _exit(1);
}

std::optional<std::string> ChildProcess::Link::ReadLine() {
  for (;;) {
    const size_t end = partial_.find('\n');
    if (end != std::string::npos) {
      std::string line = partial_.substr(0, end);
      partial_.erase(0, end + 1);
      return line;
    }
    int fd = fd_;
    ReadSome(&fd, &partial_);
    if (fd < 0) return std::nullopt;
  }
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      lines_(std::exchange(other.lines_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      partial_(std::move(other.partial_)),
      kept_errors_(std::move(other.kept_errors_)) {}

ChildProcess::~ChildProcess() {
  if (!started()) return;
  Kill();
  Wait();
}

void ChildProcess::Start(const std::function<void(Link*)>& body) {
  LSM_CHECK(!started());
  int lines[2], errors[2];
  LSM_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines) == 0 && pipe(errors) == 0);
  std::fflush(nullptr);
  pid_ = fork();
  LSM_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody waits for it then
    close(lines[0]);
    close(errors[0]);
    dup2(errors[1], STDERR_FILENO);
    Link link(lines[1]);
    body(&link);
    std::fflush(nullptr);
    if (__gcov_dump != nullptr) __gcov_dump();  // _exit does not
    _exit(0);
  }
  close(lines[1]);
  close(errors[1]);
  lines_ = lines[0];
  errors_ = errors[0];
}

bool ChildProcess::WriteLine(std::string_view line) const {
  return lines_ >= 0 && SendAll(lines_, std::string(line) + "\n");
}

std::vector<std::string> ChildProcess::ReadLines() {
  ReadSome(&lines_, &partial_);
  std::vector<std::string> lines;
  size_t begin = 0;
  for (size_t end; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(partial_.substr(begin, end - begin));
  }
  partial_.erase(0, begin);
  return lines;
}

void ChildProcess::ReadErrors() {
  ReadSome(&errors_, &kept_errors_);
  if (kept_errors_.size() > kKeptErrorBytes) {
    kept_errors_.erase(0, kept_errors_.size() - kKeptErrorBytes);
  }
}

void ChildProcess::Kill() const { kill(pid_, SIGKILL); }

WorkerEnd ChildProcess::Dismiss() {
  close(lines_);
  lines_ = -1;
  return Wait();
}

WorkerEnd ChildProcess::Wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  for (int* fd : {&lines_, &errors_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  pid_ = -1;
  partial_.clear();
  WorkerEnd end;
  end.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  end.errors = std::exchange(kept_errors_, "");
  if (WIFSIGNALED(status)) {
    end.how = fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else if (!end.ok) {
    end.how = fmt::format("exit status {}", WEXITSTATUS(status));
  }
  return end;
}

uint64_t ChildProcess::CpuMicros() const {
  clockid_t clock{};
  timespec used{};
  if (!started() || clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return 0;
  }
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000 +
         static_cast<uint64_t>(used.tv_nsec) / 1000;
}

void Silence::Break() {
  since_ = Env::Default()->NowMicros();
  cpu_then_ = child_->CpuMicros();
}

bool Silence::TooLong() const {
  const uint64_t limit = limit_ms_ * 1000;
  const uint64_t silent = Env::Default()->NowMicros() - since_;
  const uint64_t cpu = child_->CpuMicros();
  return silent >= limit && (silent >= kPatience * limit || cpu >= cpu_then_ + limit);
}

std::vector<bool> AwaitChildren(const std::vector<ChildProcess*>& children, uint64_t timeout_ms) {
  std::vector<pollfd> fds;
  for (const ChildProcess* child : children) {
    fds.push_back({child->lines_fd(), POLLIN, 0});
    fds.push_back({child->errors_fd(), POLLIN, 0});
  }
  const int limit = static_cast<int>(std::min<uint64_t>(timeout_ms, 1 << 30));
  while (poll(fds.data(), fds.size(), limit) < 0 && errno == EINTR) {
  }
  std::vector<bool> ready;
  for (const pollfd& fd : fds) ready.push_back(fd.revents != 0);
  return ready;
}

}  // namespace lsm::lab
