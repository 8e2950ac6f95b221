// A forked child that talks with its parent in lines, and what it wrote to standard error.
//
// The parent must have one thread. It sees a child's end as the end of its lines; a child is killed
// when its parent ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lsm::lab {

struct WorkerEnd {
  bool ok = false;      // the body returned
  bool silent = false;  // killed: see Silence
  std::string how;      // "signal 6 (Aborted)", "no sign of life for 60000 ms"
  std::string errors;   // what it wrote to standard error, from its end at most 4 KiB
};

class ChildProcess {
 public:
  // The child's end of the conversation.
  class Link {
   public:
    explicit Link(int fd) : fd_(fd) {}
    void WriteLine(std::string_view line) const;
    std::optional<std::string> ReadLine();  // none: the parent is gone

   private:
    const int fd_;
    std::string partial_;
  };

  ChildProcess() = default;
  ~ChildProcess();  // kills it
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  // Forks; the child runs the body and exits.
  void Start(const std::function<void(Link*)>& body);
  bool started() const { return pid_ >= 0; }

  // False if it does not read any more.
  bool WriteLine(std::string_view line) const;
  int lines_fd() const { return lines_; }  // -1: ended
  int errors_fd() const { return errors_; }
  bool open() const { return lines_ >= 0 || errors_ >= 0; }
  // The whole lines that can be read now; to be called when poll says so.
  std::vector<std::string> ReadLines();
  void ReadErrors();

  uint64_t CpuMicros() const;  // that it has used so far; 0 once it has ended
  void Kill() const;
  // Tells a child that waits for a line that none comes, and waits for its end.
  WorkerEnd Dismiss();
  WorkerEnd Wait();  // it may be started again after this

 private:
  pid_t pid_ = -1;
  int lines_ = -1, errors_ = -1;
  std::string partial_, kept_errors_;
};

// How long a child has said nothing. Only the processor time that it used meanwhile counts, so that
// a busy machine is no endless loop; a child that waits without end uses none, and is given
// kPatience times as long by the clock.
class Silence {
 public:
  static constexpr uint64_t kPatience = 12;

  Silence(const ChildProcess* child, uint64_t limit_ms) : child_(child), limit_ms_(limit_ms) {
    Break();
  }

  void Break();  // it said something
  bool TooLong() const;

 private:
  const ChildProcess* const child_;
  const uint64_t limit_ms_;
  uint64_t since_ = 0, cpu_then_ = 0;  // microseconds
};

// Waits until one of the children has something to read, or until timeout_ms have gone by.
// ready[2 i]: lines of child i; ready[2 i + 1]: its errors.
std::vector<bool> AwaitChildren(const std::vector<ChildProcess*>& children, uint64_t timeout_ms);

}  // namespace lsm::lab
