#include "workloads/process.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lsm::bench {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The rest of the first line of `text` that begins with `name`.
std::string Field(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    const size_t at = line.find_first_not_of(" \t:", name.size());
    return at == std::string::npos ? "" : line.substr(at);
  }
  return "";
}

uint64_t Number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

uint64_t Micros(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
}

}  // namespace

ProcessUse UseNow() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {Micros(usage.ru_utime) + Micros(usage.ru_stime),
          Number(Field(FileText("/proc/self/io"), "write_bytes"))};
}

uint64_t NowNanos() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

Memory MemoryNow() {
  const std::string status = FileText("/proc/self/status");
  return {Number(Field(status, "VmHWM")) << 10, Number(Field(status, "RssAnon")) << 10};
}

struct AnonymousPeak::State {
  std::atomic<bool> done{false};
  std::atomic<uint64_t> peak{0};
  void Look() {
    const uint64_t now = MemoryNow().anonymous_bytes;
    if (now > peak.load()) peak.store(now);
  }
};

AnonymousPeak::AnonymousPeak() : state_(std::make_unique<State>()) {
  thread_ = Env::Default()->StartThread("anonymous-peak", [state = state_.get()] {
    while (!state->done.load()) {
      state->Look();
      Env::Default()->SleepMicros(20'000);
    }
  });
}
AnonymousPeak::~AnonymousPeak() { state_->done.store(true); }

uint64_t AnonymousPeak::bytes() {
  state_->Look();
  return state_->peak.load();
}

Machine DescribeMachine() {
  Machine machine;
  machine.cpu = Field(FileText("/proc/cpuinfo"), "model name");
  utsname name{};
  if (uname(&name) == 0) machine.kernel = std::string(name.sysname) + " " + name.release;
  machine.cpus = static_cast<uint64_t>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.memory_bytes = Number(Field(FileText("/proc/meminfo"), "MemTotal")) << 10;
  machine.load = FileText("/proc/loadavg").substr(0, 14);
  machine.compiler = __VERSION__;
#ifdef NDEBUG
  machine.optimised = true;
#endif
  return machine;
}

// Assertions call __assert_fail, so a library that has them imports the name.
Library FindLibrary(std::string_view part) {
  std::istringstream maps(FileText("/proc/self/maps"));
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string path = line.substr(slash);
    if (path.substr(path.rfind('/') + 1).find(part) == std::string::npos) continue;
    return {path, FileText(path).find("__assert_fail") != std::string::npos};
  }
  return {};
}

}  // namespace lsm::bench
