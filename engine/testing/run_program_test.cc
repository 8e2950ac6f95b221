#include "testing/run_program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "env/temp_dir_for_test.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

TEST(RunProgram, GivesTheExitStatusAndKeepsTheOutput) {
  const TempDir dir;
  const std::string output = dir.File("output");
  const auto status =
      RunProgram({{"/bin/sh", "-c", "echo $WORD; echo err >&2; exit 7"}, {"WORD=hello"}, output});
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(*status, 7);
  EXPECT_EQ(*LoadText(output), "hello\nerr\n");
}

TEST(RunProgram, GivesItNoOtherOpenFiles) {
  const TempDir dir;
  const int open_here = dup(STDOUT_FILENO);
  const std::string output = dir.File("output");
  ASSERT_TRUE(RunProgram({{"/bin/sh", "-c", "ls /proc/self/fd | wc -l"}, {}, output}).ok());
  EXPECT_EQ(*LoadText(output), "4\n") << "the three, and that of ls itself";
  close(open_here);
}

TEST(RunProgram, SaysWhichSignalEndedIt) {
  const auto status = RunProgram({{"/bin/sh", "-c", "kill -KILL $$"}});
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(*status, 128 + 9);
}

TEST(RunProgram, AProgramThatIsNotThereIsAnError) {
  EXPECT_TRUE(RunProgram({{"/no/such/program"}}).status().code() == StatusCode::kIOError);
}

}  // namespace
}  // namespace lsm::lab
