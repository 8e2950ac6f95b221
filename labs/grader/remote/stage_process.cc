#include "remote/stage_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "lsm/env.h"
#include "remote/confine.h"

namespace lsm::remote {
namespace {

constexpr uint64_t kMaxCallCpu_us = 5'000'000;    // of processor time: an endless loop
constexpr uint64_t kMaxCallWait_us = 60'000'000;  // by the clock: it waits for what never comes
constexpr int kControlFd = 3, kProgramFd = 4;     // in the child

// The names of the last calls, for the message about a stage that broke.
class LastCalls {
 public:
  void Note(const char* what) { names_[next_++ % names_.size()] = what; }
  std::string ToString() const {
    std::string text;
    for (size_t i = next_ > names_.size() ? next_ - names_.size() : 0; i < next_; ++i) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", names_[i % names_.size()]);
    }
    return text;
  }

 private:
  std::array<const char*, 6> names_{};
  size_t next_ = 0;
};

void SendFd(int control, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(fd))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof(space);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(fd));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  (void)sendmsg(control, &message, MSG_NOSIGNAL);  // if it is gone, the first call finds that out
}

// Never returns. Between fork and exec: no locks, no allocation.
[[noreturn]] void RunHost(int program, int control, int input, int output) {
  // All far above the numbers that they are moved to.
  const bool moved = dup2(input, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0 &&
                     dup2(control, kControlFd) >= 0 && dup3(program, kProgramFd, O_CLOEXEC) >= 0;
  if (moved && syscall(SYS_close_range, kProgramFd + 1, ~0U, 0) == 0 &&
      ConfineThisProcess(getpid())) {
    char name[] = "stage";
    char* const arguments[] = {name, nullptr};
    char* const variables[] = {nullptr};
    syscall(SYS_execveat, kProgramFd, "", arguments, variables, AT_EMPTY_PATH);
  }
  _exit(126);
}

class StageProcess {
 public:
  // Of this process.
  static StageProcess& Get() {
    static std::mutex* const mu = new std::mutex;
    static StageProcess* process = nullptr;
    const std::lock_guard lock(*mu);
    if (process == nullptr || process->owner_ != getpid()) process = new StageProcess;
    return *process;
  }

  std::unique_ptr<Channel> Lend() {
    const std::lock_guard lock(mu_);
    if (free_.empty()) {
      int ends[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) Fail("no more sockets");
      SendFd(control_, ends[1]);
      close(ends[1]);
      return std::make_unique<Channel>(ends[0]);
    }
    std::unique_ptr<Channel> channel = std::move(free_.back());
    free_.pop_back();
    return channel;
  }
  void Return(std::unique_ptr<Channel> channel) {
    const std::lock_guard lock(mu_);
    free_.push_back(std::move(channel));
  }
  pid_t owner() const { return owner_; }

  void Note(const char* what) {
    const std::lock_guard lock(mu_);
    calls_.Note(what);
  }
  uint64_t CpuMicros() const {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
    return static_cast<uint64_t>(used.tv_sec) * 1'000'000 +
           static_cast<uint64_t>(used.tv_nsec) / 1000;
  }

  // The first thread to find the stage broken tells; the others wait here until the process ends.
  [[noreturn]] void Broke(const char* what, std::string_view how) {
    static std::mutex* const only_one = new std::mutex;
    only_one->lock();
    const std::string end = how.empty() ? HowItEnded() : std::string(how);
    std::fputs(fmt::format("STAGE BROKE: in {} the stage {}\nlast calls: {}\n", what, end,
                           calls_.ToString())
                   .c_str(),
               stderr);
    std::fflush(stderr);
    kill(pid_, SIGKILL);
    _exit(kStageBroke);
  }

 private:
  StageProcess() : owner_(getpid()) {
    const char* const host = std::getenv("LSM_STAGE_HOST");
    const char* const output = std::getenv("LSM_STAGE_OUTPUT");
    const int program = host != nullptr ? open(host, O_RDONLY | O_CLOEXEC) : -1;
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int said =
        output == nullptr ? null : open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int ends[2];
    if (program < 0) Fail("LSM_STAGE_HOST names no program: ./lab grade sets it");
    if (null < 0 || said < 0) Fail("no file for its output: LSM_STAGE_OUTPUT");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) Fail("no socket");
    int high[4] = {program, ends[1], null, said};
    for (int& fd : high) fd = fcntl(fd, F_DUPFD_CLOEXEC, 16);
    pid_ = fork();
    if (pid_ < 0) Fail("fork failed");
    if (pid_ == 0) RunHost(high[0], high[1], high[2], high[3]);
    for (const int fd : high) close(fd);
    for (const int fd : {program, ends[1], null}) close(fd);
    if (said != null) close(said);
    control_ = ends[0];
  }

  [[noreturn]] static void Fail(std::string_view why) {
    std::fputs(fmt::format("the stage cannot be started: {}\n", why).c_str(), stderr);
    std::fflush(stderr);
    _exit(1);
  }

  std::string HowItEnded() const {
    int status = 0;
    for (int i = 0; i < 20 && waitpid(pid_, &status, WNOHANG) == 0; ++i) {
      if (i == 19) return "sent bytes that are no message, or closed its connection";
      poll(nullptr, 0, 50);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 126) return "could not be confined and run";
    if (WIFEXITED(status)) {
      return fmt::format("ended its process with status {}", WEXITSTATUS(status));
    }
    const int signal = WTERMSIG(status);
    const char* const meaning =
        signal == SIGSYS ? ": it asked the system for a file, a process or the network"
        : signal == SIGXCPU || signal == SIGKILL ? ": it used up its time or its memory"
        : signal == SIGXFSZ                      ? ": it printed too much"
                                                 : "";
    return fmt::format("was ended by signal {} ({}){}", signal, strsignal(signal), meaning);
  }

  const pid_t owner_;
  pid_t pid_ = -1;
  int control_ = -1;
  std::mutex mu_;  // for what follows
  std::vector<std::unique_ptr<Channel>> free_;
  LastCalls calls_;
};

// The channel of a thread, given back at the thread's end.
class Lease {
 public:
  ~Lease() {
    if (process_ != nullptr && process_->owner() == getpid()) process_->Return(std::move(channel_));
  }
  Channel* Of(StageProcess* process) {
    if (process_ != process) {
      if (process_ != nullptr) channel_.reset();
      process_ = process;
      channel_ = process->Lend();
    }
    return channel_.get();
  }

 private:
  StageProcess* process_ = nullptr;
  std::unique_ptr<Channel> channel_;
};

thread_local Lease lease;

}  // namespace

std::string CallStage(const char* what, const Out& request, const Channel::Handler& serve) {
  StageProcess& process = StageProcess::Get();
  Channel* const channel = lease.Of(&process);
  process.Note(what);
  std::string answer, gave_up;
  Env* const env = Env::Default();
  uint64_t began_us = 0, cpu_us = 0;
  const auto patience = [&] {
    if (began_us == 0) {
      began_us = env->NowMicros();
      cpu_us = process.CpuMicros();
      return true;
    }
    if (process.CpuMicros() > cpu_us + kMaxCallCpu_us) {
      gave_up = "computed for 5 s without an answer: does a loop never end?";
    } else if (env->NowMicros() > began_us + kMaxCallWait_us) {
      gave_up = "gave no answer for 60 s: does it wait for something that never comes?";
    }
    return gave_up.empty();
  };
  if (!channel->Call(request.bytes(), serve, patience, &answer)) process.Broke(what, gave_up);
  return answer;
}

void StageBroke(const char* what, std::string_view how) { StageProcess::Get().Broke(what, how); }

}  // namespace lsm::remote
