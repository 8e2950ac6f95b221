// The stage under test, in a process of its own. The remote stages in stages/ forward the calls of
// the engine and of the suites to it; nothing of its code is in this process.
//
// LSM_STAGE_HOST names the program (hosts/), LSM_STAGE_OUTPUT a file that gets what it prints. It
// is started, confined, at the first call; a process that was forked gets one of its own. Each
// thread here has a channel and a thread there, so calls of several threads meet in the stage as
// they would without the wall.
//
// A stage that ends, hangs or answers nonsense cannot be tested any further: this process then says
// so and exits with kStageBroke. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "remote/channel.h"

namespace lsm::remote {

inline constexpr int kStageBroke = 70;

// Calls the stage and returns its answer. `what` is the call's name as people know it and lives for
// ever; `serve` answers what the stage asks meanwhile.
std::string CallStage(const char* what, const Out& request,
                      const Channel::Handler& serve = nullptr);

// Ends this process: `how` says what the stage did in the call `what`.
[[noreturn]] void StageBroke(const char* what, std::string_view how);

// The answer, read by `read(In*)`, which must use all of it.
template <class Read>
auto ReadAnswer(const char* what, const std::string& answer, Read read) {
  In in(answer);
  auto value = read(&in);
  if (!in.AllRead()) StageBroke(what, "answered what is no answer to this call");
  return value;
}

}  // namespace lsm::remote
