// The seam to the machine, as a table: which direct calls are allowed where.
#include <array>

#include "tidy/rules.h"
#include "tidy/text.h"

namespace lsm::tidy {

namespace {

enum Kind : unsigned {
  kThreads = 1,
  kFiles = 2,
  kClocks = 4,
  kRandom = 8,
  kPrinting = 16,
  kNotPortable = 32,  // another result with another standard library: no run would be reproducible
};

struct Ban {
  std::string_view token;
  Kind kind;
};

constexpr Ban kBans[] = {
    {"std::thread", kThreads},
    {"std::jthread", kThreads},
    {"std::async", kThreads},
    {"std::mutex", kThreads},
    {"std::shared_mutex", kThreads},
    {"std::recursive_mutex", kThreads},
    {"std::timed_mutex", kThreads},
    {"std::condition_variable", kThreads},
    {"std::condition_variable_any", kThreads},
    {"std::lock_guard", kThreads},
    {"std::unique_lock", kThreads},
    {"std::scoped_lock", kThreads},
    {"std::promise", kThreads},
    {"std::future", kThreads},
    {"std::this_thread", kThreads},
    {"pthread_create(", kThreads},
    {"fopen(", kFiles},
    {"std::fopen(", kFiles},
    {"std::fstream", kFiles},
    {"std::ifstream", kFiles},
    {"std::ofstream", kFiles},
    {"std::filesystem", kFiles},
    {"::open(", kFiles},
    {"::read(", kFiles},
    {"::write(", kFiles},
    {"::close(", kFiles},
    {"::mmap(", kFiles},
    {"::fsync(", kFiles},
    {"::rename(", kFiles},
    {"::unlink(", kFiles},
    {"std::rename(", kFiles},
    {"std::remove(", kFiles},
    {"std::chrono", kClocks},
    {"std::this_thread::sleep_for", kClocks},
    {"std::this_thread::sleep_until", kClocks},
    {"clock_gettime(", kClocks},
    {"gettimeofday(", kClocks},
    {"time(", kClocks},
    {"std::time(", kClocks},
    {"sleep(", kClocks},
    {"usleep(", kClocks},
    {"nanosleep(", kClocks},
    {"std::random_device", kRandom},
    {"rand(", kRandom},
    {"srand(", kRandom},
    {"std::rand(", kRandom},
    {"getrandom(", kRandom},
    {"std::cout", kPrinting},
    {"std::cerr", kPrinting},
    {"printf(", kPrinting},
    {"fprintf(", kPrinting},
    {"std::printf(", kPrinting},
    {"std::fprintf(", kPrinting},
    {"puts(", kPrinting},
    {"fputs(", kPrinting},
    {"fmt::print(", kPrinting},
    {"std::uniform_int_distribution", kNotPortable},
    {"std::uniform_real_distribution", kNotPortable},
    {"std::normal_distribution", kNotPortable},
    {"std::bernoulli_distribution", kNotPortable},
    {"std::discrete_distribution", kNotPortable},
    {"std::shuffle", kNotPortable},
    {"std::hash", kNotPortable},
};

struct Zone {
  std::string_view prefix;
  unsigned allowed;
};

// The first that fits decides; what stands nowhere may do none of it. Tests come on top: threads
// and files are theirs too, time and chance are not.
constexpr unsigned kInTests = kThreads | kFiles | kPrinting;
constexpr Zone kZones[] = {
    {"engine/env/", kThreads | kFiles | kClocks | kRandom | kPrinting},
    {"engine/testing/sim/", kThreads | kPrinting},
    {"engine/testing/child_process.cc", kClocks},  // the processor time of another process
    {"engine/base/check.cc", kPrinting},
    {"engine/interop/", kFiles | kPrinting},
    {"engine/foreign/", kFiles | kPrinting},
    {"engine/tools/", kFiles | kPrinting},
    {"engine/tidy/", kFiles | kPrinting},
    {"fuzz/", kPrinting},
    {"bench/", kFiles | kClocks | kPrinting},  // it measures the machine itself
    // The processor time of another process; threads that the simulated world must not see.
    {"labs/grader/remote/stage_process.cc", kThreads | kClocks | kPrinting},
    {"labs/grader/remote/", kThreads | kPrinting},
    {"visualizer/app/", kPrinting},
};

unsigned AllowedIn(std::string_view path) {
  const unsigned test = IsTest(path) ? kInTests : 0;
  for (const Zone& zone : kZones) {
    if (path.starts_with(zone.prefix)) return zone.allowed | test;
  }
  return test;
}

}  // namespace

Findings CheckBannedCalls(const Source& source) {
  Findings findings;
  if (!IsCode(source.path)) return findings;
  const unsigned allowed = AllowedIn(source.path);
  const std::string code = BlankCommentsAndLiterals(source.text);
  const std::vector<std::string_view> lines = Lines(code);
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const Ban& ban : kBans) {
      if ((ban.kind & allowed) != 0) continue;
      if (FindToken(lines[i], ban.token) == std::string_view::npos) continue;
      findings.push_back({source.path, static_cast<int>(i) + 1,
                          std::string(ban.token) + " is not allowed here: use lsm::Env"});
    }
  }
  return findings;
}

}  // namespace lsm::tidy
