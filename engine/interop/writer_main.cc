// Writes a history with one engine and dies by SIGKILL right after its last write. A process of its
// own: a fork would inherit an engine without its background threads.
//   interop_writer lsmlab|leveldb SNAPPY SMALL SEED UPDATES KEYS DIR
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "interop/engines.h"

int main(int argc, char** argv) {
  using namespace lsm::interop;
  if (argc != 8) {
    std::fprintf(stderr, "usage: %s lsmlab|leveldb SNAPPY SMALL SEED UPDATES KEYS DIR\n", argv[0]);
    return 2;
  }
  EngineOptions options;
  options.snappy = std::atoi(argv[2]) != 0;
  options.small = std::atoi(argv[3]) != 0;
  const auto number = [argv](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const History history = MakeHistory(number(4), number(5), number(6));
  const bool ours = std::string_view(argv[1]) == "lsmlab";
  const auto engine = ours ? NewLsmlab(options) : NewLevelDb(options);
  engine->Write(argv[7], history, false);
  kill(getpid(), SIGKILL);
}
