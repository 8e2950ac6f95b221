// lsm: the command line of the engine. Verbs: docs/lsm.md.
#include <cstdio>
#include <string>
#include <vector>

#include "tools/cli/program.h"

int main(int argc, char** argv) {
  return lsm::cli::Main(std::vector<std::string>(argv + 1, argv + argc), stdin, stdout, stderr);
}
