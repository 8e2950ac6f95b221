#include "model/history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/narrate.h"

namespace lsm::viz {
namespace {

// A made-up run of `rounds` memtables, each flushed; every fourth time level 0 is compacted.
History MadeUp(uint64_t rounds) {
  History history;
  uint64_t step = 0;
  const auto tell = [&](Event event) { history.Append({++step, std::move(event), ""}); };
  tell(event::RecoveryStep{"created", 1, 0, 0});
  tell(event::Opened{0, 0});
  std::vector<uint64_t> l0;
  uint64_t deep = 0;
  for (uint64_t i = 1; i <= rounds; ++i) {
    const uint64_t wal = 2 * i, file = 2 * i + 1;
    tell(event::WalAppend{wal, 0, 50});
    tell(event::Write{i, 1, 1, 40, false});
    tell(event::WalSync{wal, 50});
    tell(event::MemtableSealed{i, wal, 1, 100});
    tell(event::FlushBegin{i, 1});
    tell(event::VersionInstalled{1, i, wal + 2, {{file, 0, file, 90, "a", "k"}}, {}});
    tell(event::FlushEnd{i, file, 90, true});
    l0.push_back(file);
    if (i % 4 != 0) continue;
    const uint64_t out = 100'000 + i;
    tell(event::CompactionPicked{i, 0, 1, l0, {}, "4 runs"});
    tell(event::CompactionOutput{i, out, 200, 4});
    if (deep != 0) l0.push_back(deep);
    tell(event::VersionInstalled{1, i, wal + 2, {{out, 1, 0, 200, "a", "k"}}, l0});
    tell(event::CompactionEnd{i, 360, 200, 4, 4, true});
    l0.clear();
    deep = out;
  }
  return history;
}

// All that a picture could show of a position.
std::string Shown(const History& history) {
  const EngineState& s = history.state();
  std::string text = history.tree().ToString() + TranscriptOf(history);
  for (const uint64_t n : {s.last_sequence, s.active.entries, s.counters.BytesOut(),
                           s.counters.flushes, s.counters.wal_syncs, s.table_bytes, s.l0_tables}) {
    text += " " + std::to_string(n);
  }
  for (const Wal& log : s.logs) text += " log " + std::to_string(log.file);
  for (const Job& job : s.jobs) text += job.done ? " done" : " runs";
  return text + std::to_string(history.change().added.size());
}

TEST(History, TheStateBehindEachMoment) {
  History history = MadeUp(4);
  history.Seek(9);
  EXPECT_EQ(history.tree().ToString(), "L0: 3[a..k]");
  EXPECT_EQ(history.state().counters.flushes, 1U);
  history.Seek(31);  // picked
  ASSERT_EQ(history.state().jobs.size(), 1U);
  EXPECT_EQ(history.state().jobs[0].inputs.size(), 4U);
  EXPECT_FALSE(history.state().jobs[0].done);
  history.Seek(1000);
  EXPECT_EQ(history.position(), history.size());
  EXPECT_EQ(history.tree().ToString(), "L1: 100004[a..k]");
  EXPECT_TRUE(history.state().jobs[0].done);
  EXPECT_EQ(history.state().logs.size(), 1U);
  EXPECT_EQ(history.state().counters.compaction_written, 200U);
}

TEST(History, APositionDecidesWhatIsShownHoweverItWasReached) {
  History forward = MadeUp(600);
  ASSERT_GT(forward.size(), 4 * History::kCheckpointEvery);
  std::vector<std::string> shown;
  for (size_t i = 0; i <= forward.size(); ++i) {
    forward.Seek(i);
    shown.push_back(Shown(forward));
  }
  for (size_t i = forward.size() + 1; i-- > 3 * History::kCheckpointEvery;) {
    forward.Seek(i);
    ASSERT_EQ(Shown(forward), shown[i]) << i;
  }
  uint64_t random = 7;
  for (int n = 0; n < 50; ++n) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const size_t i = (random >> 33) % shown.size();
    forward.Seek(i);
    ASSERT_EQ(Shown(forward), shown[i]) << i;
  }
}

TEST(History, GrowsWhileTheCursorStandsSomewhere) {
  History history = MadeUp(8);
  history.Seek(20);
  const std::string before = Shown(history);
  history.Append({9999, event::Closed{"OK"}, ""});
  EXPECT_EQ(Shown(history), before);
  history.Seek(history.size());
  EXPECT_FALSE(history.state().open);
}

TEST(History, FindsWhereAStepBegins) {
  History history;
  for (const uint64_t step : {0, 0, 1, 1, 3}) history.Append({step, std::nullopt, "x"});
  EXPECT_EQ(history.PositionOfStep(1), 3U);
  EXPECT_EQ(history.PositionOfStep(2), 5U);
  EXPECT_EQ(history.PositionOfStep(4), 5U);
  EXPECT_EQ(History().PositionOfStep(1), 0U);
}

TEST(History, ALogThatBeginsInTheMiddleIsShownAsFarAsItIsKnown) {
  History history;
  history.Append({1, event::FlushEnd{7, 12, 90, true}, ""});
  history.Append({2, event::CompactionEnd{3, 1, 1, 1, 1, true}, ""});
  history.Append({3, event::VersionInstalled{1, 9, 4, {}, {12, 13}}, ""});
  history.Append({4, event::StallEnd{"x", 3}, ""});
  history.Seek(4);
  EXPECT_EQ(history.tree().ToString(), "empty");
  EXPECT_EQ(history.state().counters.flushes, 1U);
}

TEST(Narrate, TellsARunInWords) {
  History history = MadeUp(1);
  std::string text;
  for (size_t i = 1; i <= history.size(); ++i) {
    history.Seek(i);
    text += TranscriptOf(history);
  }
  EXPECT_EQ(
      text,
      "     1  recovery    A new database is created\n"
      "     2  recovery    The database is open: 0 updates, 0 tables\n"
      "     3  write       50 B appended to log 2 at offset 0\n"
      "     4  write       1 update written (40 B): readers see it, it stands in the memtable\n"
      "     5  write       Log 2 synced: its first 50 B survive a power cut\n"
      "     6  flush       Memtable 1 is full (1 version): sealed, a new one takes the writes\n"
      "     7  flush       Flush begins: memtable 1 is written to a table, sorted\n"
      "     8  compaction  New version of the tree is durable: 1 table in, 0 out\n"
      "                    tree  L0: 3[a..k]\n"
      "     9  flush       Flush done: memtable 1 is now table 3 (90 B) in level 0\n");
}

TEST(Narrate, BytesAreExactWhileTheyAreFew) {
  EXPECT_EQ(Bytes(0), "0 B");
  EXPECT_EQ(Bytes(9999), "9999 B");
  EXPECT_EQ(Bytes(10240), "10.0 KB");
  EXPECT_EQ(Bytes(uint64_t{5} << 30), "5.0 GB");
  EXPECT_EQ(Bytes(~uint64_t{0}), "16.0 EB");
}

}  // namespace
}  // namespace lsm::viz
