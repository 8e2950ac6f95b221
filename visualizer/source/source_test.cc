#include "source/source.h"

#include <gtest/gtest.h>

#include "source/trace_source.h"
#include "testing/files.h"

namespace lsm::viz {
namespace {

constexpr char kLog[] =
    "1 recovery_step what=created file=1 offset=0 records=0\n"
    "2 opened last_sequence=0 files=0\n"
    "3 version_installed manifest=1 last_sequence=4 log_number=5 added=4:0:4:90:\"a\":\"b\" "
    "removed=\n";

class SourceTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/" + name;
    EXPECT_TRUE(lab::SaveText(path, text).ok());
    return path;
  }
};

TEST_F(SourceTest, AnEventLogIsShownWithItsTree) {
  const auto source = OpenSource(Write("a.events", kLog), false);
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ((*source)->about().problem, "");
  EXPECT_EQ((*source)->history().tree().ToString(), "L0: 4[a..b]");
  EXPECT_FALSE((*source)->Do("put k v").ok());
}

TEST_F(SourceTest, OfADamagedLogIsShownWhatIsSound) {
  const auto source = OpenSource(Write("b.events", std::string(kLog) + "4 nonsense\n"), false);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->history().size(), 3U);
  EXPECT_EQ((*source)->about().problem,
            "Corruption: event log line 4: no event is named 'nonsense'");
}

TEST_F(SourceTest, ALogThatWasCutOffSaysSo) {
  const auto source = OpenSource(Write("c.events", std::string(kLog) + "4 clos"), false);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->about().problem, "Corruption: event log line 4: cut off");
}

TEST_F(SourceTest, ALogIsFollowedWhileItGrows) {
  const std::string path = testing::TempDir() + "/d.events";
  Env* const env = Env::Default();
  auto file = env->CreateWritable(path, {});
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("1 resumed automatic=1\n2 resu").ok());
  ASSERT_TRUE((*file)->Flush().ok());
  const auto source = OpenSource(path, true);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->history().size(), 1U);
  EXPECT_FALSE((*source)->Poll());
  ASSERT_TRUE((*file)->Append("med automatic=0\n").ok());
  ASSERT_TRUE((*file)->Flush().ok());
  EXPECT_TRUE((*source)->Poll());
  EXPECT_EQ((*source)->history().size(), 2U);
  EXPECT_EQ((*source)->about().problem, "");
}

TEST_F(SourceTest, ABadTraceNamesFileLineAndColumn) {
  const std::string path = Write("bad.trace", "lsmlab-trace 1\nc0 frob\n");
  const auto source = OpenSource(path, false);
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.status().ToString().find("bad.trace: line 2, column 4"), std::string::npos);
  EXPECT_FALSE(OpenSource(testing::TempDir() + "/none", false).ok());
}

TEST_F(SourceTest, ATraceOpensAtItsDivergence) {
  const auto source =
      OpenSource(Write("f.trace",
                       "lsmlab-trace 1\nc0 put k v\nfail at=sync:any:1 code=io once\n"
                       "c0 put k w sync\nc0 get k\n"),
                 false);
  ASSERT_TRUE(source.ok());
  EXPECT_FALSE((*source)->about().failed);  // the engine keeps its promises
  EXPECT_EQ((*source)->history().position(), (*source)->history().size());
  const auto wrong =
      OpenSource(Write("w.trace", "lsmlab-trace 1\noption memtable_bytes 1\nc0 get k\n"), false);
  ASSERT_TRUE(wrong.ok());
  EXPECT_TRUE((*wrong)->about().failed);
  EXPECT_EQ((*wrong)->history().position(), (*wrong)->about().divergence);
  EXPECT_NE((*wrong)->about().actual.find("memtable_bytes"), std::string::npos);
}

TEST_F(SourceTest, AnOperationByHandRunsBehindTheCursor) {
  const auto source = OpenDemo();
  source->Seek(source->history().PositionOfStep(11) - 1);
  ASSERT_TRUE(source->Do("put mine 1 sync").ok());
  ASSERT_TRUE(source->Do("crash at=0 keep=none").ok());
  ASSERT_TRUE(source->Do("c0 get mine").ok());
  EXPECT_EQ(source->about().operations.size(), 13U);
  EXPECT_EQ(source->about().answers.back(), "1");
  EXPECT_FALSE(source->about().failed);
  const Status s = source->Do("put");
  EXPECT_FALSE(s.ok());
  EXPECT_NE(s.ToString().find("no operation: put"), std::string::npos);
  EXPECT_EQ(source->about().operations.size(), 13U);
}

TEST_F(SourceTest, TheDemonstrationShowsWhatItIsFor) {
  const auto source = OpenDemo();
  EXPECT_FALSE(source->about().failed) << source->about().actual;
  const Counters& c = source->history().state().counters;
  EXPECT_GT(c.flushes, 10U);
  EXPECT_GT(c.compactions, 3U);
  EXPECT_GT(c.filter_no, 3U);
  EXPECT_GT(c.recoveries, 0U);
}

}  // namespace
}  // namespace lsm::viz
