// Each rule must find fault with a text that breaks it, and with nothing else.
#include "tidy/rules.h"

#include <gtest/gtest.h>

namespace lsm::tidy {
namespace {

constexpr std::string_view kOpening = "// What it is for.\n#pragma once\n";

Source File(std::string path, std::string_view body) {
  return {std::move(path), std::string(kOpening) + std::string(body)};
}

std::string FirstMessage(const Findings& findings) {
  return findings.empty() ? "" : findings.front().message;
}

TEST(Shape, AcceptsAnOrdinaryHeader) {
  EXPECT_TRUE(CheckShape(File("engine/base/a.h", "int x;\n")).empty());
}

TEST(Shape, FindsFileThatIsTooLong) {
  std::string body;
  for (int i = 0; i < kMaxFileLines; ++i) body += "\n";
  EXPECT_EQ(FirstMessage(CheckShape(File("engine/base/a.h", body))), "is longer than 600 lines");
}

TEST(Shape, FindsLineThatIsTooWide) {
  const Findings findings =
      CheckShape(File("engine/base/a.h", std::string(kMaxColumns + 1, 'x') + "\n"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].line, 3);
}

TEST(Shape, CountsColumnsNotBytes) {
  std::string line = "// ";
  while (line.size() < 3 + 2 * 97) line += "\xc3\xa9";
  EXPECT_TRUE(CheckShape(File("engine/base/a.h", line + "\n")).empty());
}

TEST(Shape, FindsHeaderWithoutOpeningCommentOrGuard) {
  EXPECT_EQ(CheckShape({"engine/base/a.h", "int x;\n"}).size(), 2u);
}

TEST(BannedCalls, FindsThreadsClocksChanceFilesAndPrintingInTheEngine) {
  for (const char* line :
       {"std::thread t;", "std::mutex mu;", "std::condition_variable cv;",
        "auto t = std::chrono::steady_clock::now();", "std::random_device d;", "int r = rand();",
        "auto t = time(nullptr);", "auto* f = fopen(p, m);", "std::ofstream out(p);",
        "int fd = ::open(p, 0);", "sleep(1);", "std::cout << 1;", "std::shuffle(a, b, g);"}) {
    EXPECT_EQ(CheckBannedCalls(File("engine/db/a.cc", line)).size(), 1u) << line;
  }
}

TEST(BannedCalls, LeavesMembersLongerNamesCommentsAndLiteralsAlone) {
  for (const char* line :
       {"env->time();", "clock.sleep(1);", "lifetime();", "DB::open(p);", "// std::thread",
        "/* rand() */", "auto s = \"std::mutex\";", "auto s = R\"(time(0))\";",
        "int n = 1'000; char c = 't';", "std::thread_local_thing x;"}) {
    EXPECT_TRUE(CheckBannedCalls(File("engine/db/a.cc", line)).empty()) << line;
  }
}

TEST(BannedCalls, AllowsThePosixEnvironmentTheMachine) {
  EXPECT_TRUE(
      CheckBannedCalls(File("engine/env/posix.cc", "std::thread t; ::open(p, 0);")).empty());
}

TEST(BannedCalls, AllowsTestsFilesButNoSleep) {
  EXPECT_TRUE(CheckBannedCalls(File("engine/db/a_test.cc", "std::ifstream in(p);")).empty());
  EXPECT_EQ(CheckBannedCalls(File("engine/db/a_test.cc", "sleep(1);")).size(), 1u);
}

TEST(BannedCalls, AllowsTheSimulatorThreadsButNoClock) {
  EXPECT_TRUE(CheckBannedCalls(File("engine/testing/sim/a.cc", "std::mutex mu;")).empty());
  EXPECT_EQ(CheckBannedCalls(File("engine/testing/sim/a.cc", "std::chrono::seconds s;")).size(),
            1u);
}

TEST(BannedCalls, FindsUnportableChanceEverywhere) {
  for (const char* path : {"engine/env/a.cc", "engine/db/a_test.cc", "engine/testing/sim/a.cc"}) {
    EXPECT_EQ(CheckBannedCalls(File(path, "std::uniform_int_distribution<> d;")).size(), 1u)
        << path;
  }
}

TEST(Includes, AcceptsWhatStandsBelow) {
  EXPECT_TRUE(CheckIncludes(File("engine/db/a.cc",
                                 "#include <stage/wal/wal.h>\n#include <vector>\n"
                                 "#include \"base/check.h\"\n#include \"lsm/db.h\"\n"))
                  .empty());
}

TEST(Includes, FindsIncludeThatRunsOutward) {
  for (const auto& [path, line] : std::vector<std::pair<std::string, std::string>>{
           {"engine/base/a.h", "#include \"format/tree.h\"\n"},
           {"engine/wal/a.h", "#include \"db/stages.h\"\n"},
           {"engine/wal/a.h", "#include <stage/version/version_set.h>\n"},
           {"engine/include/lsm/a.h", "#include \"base/check.h\"\n"},
           {"engine/testing/runner.cc", "#include \"db/db_impl.h\"\n"},
           {"engine/contract/wal/concept.h", "#include <stage/wal/wal.h>\n"}}) {
    EXPECT_NE(FirstMessage(CheckIncludes(File(path, line))).find("one way"), std::string::npos)
        << path << ": " << line;
  }
}

TEST(Includes, FindsStageThatIsNotReachedThroughTheMix) {
  for (const char* line :
       {"#include \"wal/wal.h\"\n", "#include <wal/wal.h>\n", "#include \"stage/wal/wal.h\"\n"}) {
    EXPECT_EQ(CheckIncludes(File("engine/wal/a.cc", line)).size(), 1u) << line;
  }
}

TEST(Includes, GivesASuiteItsStageAndTheSimulator) {
  const std::string body = "#include <stage/wal/wal.h>\n#include \"testing/sim/sim_env.h\"\n";
  EXPECT_TRUE(CheckIncludes(File("engine/contract/wal/wal_test.cc", body)).empty());
  EXPECT_EQ(CheckIncludes(File("engine/contract/bloom/bloom_test.cc", body)).size(), 1u);
}

TEST(Includes, FindsUnknownComponent) {
  EXPECT_EQ(CheckIncludes(File("engine/elsewhere/a.cc", "")).size(), 1u);
}

TEST(Words, FindsNotesToSelfAndMachinePaths) {
  for (const char* line : {"// TODO: later", "see /home/me/notes", "cd /srv/lsmlab/build"}) {
    EXPECT_EQ(CheckWords({"docs/a.md", line}, "/srv/lsmlab").size(), 1u) << line;
  }
  EXPECT_TRUE(CheckWords({"docs/a.md", "all the methods; a/srv/lsmlab"}, "/srv/lsmlab").empty());
}

TEST(Links, FindsLinkToNothing) {
  const auto exists = [](const std::string& path) { return path == "docs/b.md"; };
  EXPECT_TRUE(CheckLinks({"docs/a.md", "[b](b.md#part) [web](https://x.org)\n"}, exists).empty());
  EXPECT_TRUE(CheckLinks({"docs/a.md", "```\n[x](y.md)\n```\n"}, exists).empty());
  const Findings findings = CheckLinks({"docs/a.md", "[b](b.md)\n[c](c.md)\n"}, exists);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].line, 2);
}

TEST(Files, FindsHeaderThatNobodyIncludes) {
  const std::vector<Source> sources = {
      File("engine/base/used.h", ""),
      File("engine/base/dead.h", ""),
      File("engine/wal/wal.h", ""),
      File("engine/include/lsm/db.h", ""),
      {"engine/db/a.cc",
       "#include <stage/wal/wal.h>\n#include \"base/used.h\"\n#include \"lsm/db.h\"\n"}};
  const Findings findings = CheckUnusedHeaders(sources);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].path, "engine/base/dead.h");
}

TEST(Files, FindsFileThatNoTargetBuilds) {
  const std::vector<Source> sources = {
      {"engine/base/a.cc", ""}, {"engine/base/dead.cc", ""}, {"engine/wal/wal.cc", ""}};
  const Findings findings = CheckUnbuiltFiles(sources, R"("file": "/x/engine/base/a.cc")", {"wal"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].path, "engine/base/dead.cc");
}

}  // namespace
}  // namespace lsm::tidy
