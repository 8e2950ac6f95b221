#include "events/event_log.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "events/event_text.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

std::string DamageOf(std::string_view log) { return ReadEventLog(log).status().ToString(); }

TEST(EventLog, NumbersItsLinesFromOne) {
  sim::SimEnv env{sim::SimOptions{}};
  std::string log;
  EventLogWriter writer(&env, [&log](std::string_view line) { log += line; });
  writer.OnEvent(event::Opened{0, 0});
  writer.OnEvent(event::Closed{"OK"});
  EXPECT_EQ(log, "1 opened last_sequence=0 files=0\n2 closed status=OK\n");
}

TEST(EventLog, TakesTheStepFromItsOwner) {
  sim::SimEnv env{sim::SimOptions{}};
  std::string log;
  uint64_t step = 7;
  EventLogWriter writer(
      &env, [&log](std::string_view line) { log += line; }, [&] { return step; });
  writer.OnEvent(event::Resumed{true});
  writer.OnEvent(event::Resumed{false});
  EXPECT_EQ(log, "7 resumed automatic=1\n7 resumed automatic=0\n");
}

TEST(EventLog, ReadsBackWhatManyTasksWrote) {
  sim::SimEnv env{sim::SimOptions{}};
  std::string log;
  EventLogWriter writer(&env, [&](std::string_view line) {
    for (const char c : line) {  // a line that others could cut in two, were there no lock
      log.push_back(c);
      SchedulePoint(&env, "sink");
    }
  });
  {
    std::vector<std::unique_ptr<Thread>> threads;
    for (uint64_t id = 0; id < 3; ++id) {
      threads.push_back(env.StartThread("writer", [&writer, id] {
        for (uint64_t n = 0; n < 10; ++n) writer.OnEvent(event::FlushBegin{id, n});
      }));
    }
  }
  const auto events = ReadEventLog(log);
  ASSERT_TRUE(events.ok()) << events.status().ToString();
  ASSERT_EQ(events->size(), 30u);
  std::vector<uint64_t> next(3, 0);
  for (size_t i = 0; i < events->size(); ++i) {
    EXPECT_EQ((*events)[i].step, i + 1);
    const auto& flush = std::get<event::FlushBegin>((*events)[i].event);
    EXPECT_EQ(flush.entries, next[flush.memtable]++);
  }
}

TEST(EventLog, DamageNamesLineAndReason) {
  const std::string good = "4 resumed automatic=1\n";
  EXPECT_EQ(DamageOf(good + "5 resumed automatic=x\n"),
            "Corruption: event log line 2: resumed: field 'automatic' cannot be 'x'");
  EXPECT_EQ(DamageOf(good + "resumed automatic=1\n"),
            "Corruption: event log line 2: no step in front");
  EXPECT_EQ(DamageOf(good + "\n"), "Corruption: event log line 2: no step in front");
  EXPECT_EQ(DamageOf(good + "3 resumed automatic=1\n"),
            "Corruption: event log line 2: step 3 after step 4");
  EXPECT_EQ(DamageOf(good + "5 resumed automatic=1"), "Corruption: event log line 2: cut off");
}

TEST(EventLog, EmptyLogHasNoEvents) { EXPECT_TRUE(ReadEventLog("")->empty()); }

TEST(EventLog, IsFollowedInPiecesThatEndAnywhere) {
  const std::string log = "1 resumed automatic=1\n2 closed status=OK\n";
  std::vector<std::string> seen;
  EventLogReader reader([&](LoggedEvent e) { seen.push_back(FormatEvent(e.event)); });
  for (const char c : log) ASSERT_TRUE(reader.Feed(std::string_view(&c, 1)).ok());
  EXPECT_TRUE(reader.Finish().ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"resumed automatic=1", "closed status=OK"}));
}

TEST(EventLog, ReaderStopsAtTheFirstDamage) {
  int seen = 0;
  EventLogReader reader([&seen](LoggedEvent) { ++seen; });
  EXPECT_FALSE(reader.Feed("1 resumed automatic=1\nx\n2 resumed automatic=1\n").ok());
  EXPECT_FALSE(reader.Feed("3 resumed automatic=1\n").ok());
  EXPECT_FALSE(reader.Finish().ok());
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace lsm
