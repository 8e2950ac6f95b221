#include "testing/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lsm::lab {

Result<int> RunProgram(const ProgramRun& run) {
  std::vector<char*> arguments, environment;
  for (const std::string& word : run.command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  for (const std::string& word : run.variables) {
    environment.push_back(const_cast<char*>(word.c_str()));
  }
  for (char** word = environ; *word != nullptr; ++word) environment.push_back(*word);
  arguments.push_back(nullptr);
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!run.output.empty()) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, run.output.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t child = -1;
  const int error =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return Status::IOError(fmt::format("start {}: {}", run.command[0], std::strerror(error)));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalled = 128;  // as a shell says it
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

}  // namespace lsm::lab
