// Each property has a history that keeps it and one, made by hand, that breaks it.
#include "testing/oracle.h"

#include <gtest/gtest.h>

namespace lsm::lab {
namespace {

Update Put(const std::string& key, const std::string& value) { return {key, value}; }
Update Delete(const std::string& key) { return {key, std::nullopt}; }

void Write(Oracle* oracle, std::vector<Update> updates, bool synced = false, size_t client = 0) {
  oracle->BeginWrite(client, std::move(updates));
  oracle->EndWrite(client, true, synced);
}
void FailWrite(Oracle* oracle, std::vector<Update> updates) {
  oracle->BeginWrite(0, std::move(updates));
  oracle->EndWrite(0, false, false);
}

std::string Name(const Verdict& verdict) {
  return verdict.ok ? "ok" : std::string(PropertyId(verdict.property)) + " " + verdict.key;
}

std::string Recover(Oracle oracle, const Contents& recovered,
                    Oracle::End end = Oracle::End::kPowerCut) {
  return Name(oracle.JudgeRecovery(recovered, end));
}

// What a read of the newest state may answer.
std::string Read(Oracle* oracle, const Contents& seen, const KeyRange& range = {}) {
  Oracle::View view = oracle->BeginView(0);
  oracle->EndView(&view);
  return Name(oracle->Check(&view, range, seen, Property::kP12));
}

TEST(OracleReads, AnswerWithTheNewestWrite) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Write(&oracle, {Put("a", "2"), Put("b", "1")});
  Write(&oracle, {Delete("b")});
  EXPECT_EQ(Read(&oracle, {{"a", "2"}}), "ok");
  EXPECT_EQ(Read(&oracle, {}, KeyRange::Only("b")), "ok");
  EXPECT_EQ(Read(&oracle, {{"a", "1"}}), "P12 a");
  EXPECT_EQ(Read(&oracle, {}), "P12 a");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}, {"b", "1"}}), "P4 b");
  EXPECT_EQ(Read(&oracle, {{"a", "3"}}), "P4 a");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}, {"c", "1"}}), "P4 c");
}

TEST(OracleReads, KeepToTheBounds) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1"), Put("b", "1"), Put("c", "1")});
  EXPECT_EQ(Read(&oracle, {{"b", "1"}}, {"b", "c"}), "ok");
  EXPECT_EQ(Read(&oracle, {{"b", "1"}, {"c", "1"}}, {"b", "c"}), "P12 c");
}

TEST(OracleReads, MaySeeAFailedWriteWholeOrNot) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1"), Put("b", "1")});
  FailWrite(&oracle, {Put("a", "2"), Put("b", "2")});
  EXPECT_EQ(Read(&oracle, {{"a", "1"}, {"b", "1"}}), "ok");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}, {"b", "2"}}), "ok");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}, {"b", "1"}}), "P3 b");
  Write(&oracle, {Put("a", "3")});
  EXPECT_EQ(Read(&oracle, {{"a", "3"}, {"b", "2"}}), "ok");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}, {"b", "2"}}), "P12 a");
}

TEST(OracleSnapshots, Repeat) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Oracle::View view = oracle.BeginView(0);
  oracle.EndView(&view);
  Write(&oracle, {Put("a", "2")});
  EXPECT_TRUE(oracle.Check(&view, {}, {{"a", "1"}}, Property::kP11).ok);
  EXPECT_EQ(Name(oracle.Check(&view, {}, {{"a", "2"}}, Property::kP11)), "P11 a");
}

TEST(OracleRecovery, P1AcknowledgedSyncedWritesSurvive) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Write(&oracle, {Put("b", "1")}, true);
  Write(&oracle, {Put("c", "1")});
  EXPECT_EQ(Recover(oracle, {{"a", "1"}, {"b", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "P1 b");
  EXPECT_EQ(Recover(oracle, {}), "P1 a");
}

TEST(OracleRecovery, P1AKilledProcessLosesNothing) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}, Oracle::End::kKilled), "ok");
  EXPECT_EQ(Recover(oracle, {}, Oracle::End::kKilled), "P1 a");
}

TEST(OracleRecovery, P1AFlushMakesDurableWhatHadReturned) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  oracle.MarkDurable(oracle.Returned());
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {}), "P1 a");
}

TEST(OracleRecovery, P2WhatSurvivesIsAPrefix) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Write(&oracle, {Put("b", "1")});
  EXPECT_EQ(Recover(oracle, {}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}, {"b", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"b", "1"}}).substr(0, 2), "P2");
}

TEST(OracleRecovery, P2OverClientsRespectsRealTime) {
  Oracle oracle(2);
  Write(&oracle, {Put("c0/a", "1")}, false, 0);
  Write(&oracle, {Put("c1/a", "1")}, false, 1);
  EXPECT_EQ(Recover(oracle, {{"c0/a", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"c1/a", "1"}}), "P2 ");
}

TEST(OracleRecovery, P2ConcurrentWritesMaySurviveInAnyOrder) {
  Oracle oracle(2);
  oracle.BeginWrite(0, {Put("c0/a", "1")});
  oracle.BeginWrite(1, {Put("c1/a", "1")});
  oracle.EndWrite(0, true, false);
  oracle.EndWrite(1, true, false);
  EXPECT_EQ(Recover(oracle, {{"c0/a", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"c1/a", "1"}}), "ok");
}

TEST(OracleRecovery, P3BatchesAreAllOrNothing) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1"), Put("b", "1")});
  EXPECT_EQ(Recover(oracle, {}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}, {"b", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "P3 b");
}

TEST(OracleRecovery, P4NothingIsInventedOrResurrected) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Write(&oracle, {Delete("a")}, true);
  EXPECT_EQ(Recover(oracle, {}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "P4 a");
  EXPECT_EQ(Recover(oracle, {{"a", "9"}}), "P4 a");
  EXPECT_EQ(Recover(oracle, {{"z", "1"}}), "P4 z");
}

TEST(OracleRecovery, P6WhatWasObservedAfterARecoverySurvives) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  EXPECT_TRUE(oracle.JudgeRecovery({{"a", "1"}}, Oracle::End::kPowerCut).ok);
  Write(&oracle, {Put("b", "1")});
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "ok");
  EXPECT_EQ(Recover(oracle, {}), "P6 a");
}

TEST(OracleRecovery, AFailedWriteMayAppear) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")}, true);
  FailWrite(&oracle, {Put("a", "2")});
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}, Oracle::End::kKilled), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "2"}}, Oracle::End::kKilled), "ok");
  EXPECT_EQ(Recover(oracle, {}, Oracle::End::kKilled), "P1 a");
}

// Each write takes the next number; what lies below `last` and in the range expires.
void WriteNumbered(Oracle* oracle, uint64_t number, std::vector<Update> updates) {
  oracle->BeginWrite(0, std::move(updates));
  oracle->OnEvent(event::Write{number, 1, 1, 0, false});
  oracle->EndWrite(0, true, true);
}
void Expire(Oracle* oracle, uint64_t last, const std::string& smallest,
            const std::string& largest) {
  oracle->OnEvent(event::TableExpired{1, 1, last, smallest, largest});
}

TEST(OracleExpiry, TakesOnlyWhatLayInTheTable) {
  Oracle oracle(1);
  WriteNumbered(&oracle, 1, {Put("a", "1")});
  WriteNumbered(&oracle, 2, {Put("b", "2")});
  WriteNumbered(&oracle, 3, {Put("c", "3")});
  EXPECT_EQ(Read(&oracle, {{"b", "2"}, {"c", "3"}}), "P12 a") << "nothing was told";
  Expire(&oracle, 2, "a", "a");
  EXPECT_EQ(Read(&oracle, {{"a", "1"}, {"b", "2"}, {"c", "3"}}), "ok") << "it may still be there";
  EXPECT_EQ(Read(&oracle, {{"b", "2"}, {"c", "3"}}), "ok");
  EXPECT_EQ(Read(&oracle, {{"c", "3"}}), "P12 b") << "outside of the range";
  Expire(&oracle, 2, "a", "c");
  EXPECT_EQ(Read(&oracle, {{"c", "3"}}), "ok");
  EXPECT_EQ(Read(&oracle, {}), "P12 c") << "newer";
}

TEST(OracleExpiry, ShowsNothingOlder) {
  Oracle oracle(1);
  WriteNumbered(&oracle, 1, {Put("a", "1")});
  WriteNumbered(&oracle, 2, {Put("a", "2")});
  Expire(&oracle, 2, "a", "a");
  EXPECT_EQ(Read(&oracle, {{"a", "1"}}), "P4 a");
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}), "P4 a");
  EXPECT_EQ(Recover(oracle, {{"a", "2"}}), "ok") << "the edit was not durable yet";
  EXPECT_EQ(Read(&oracle, {}), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "2"}}), "P4 a") << "it was seen to be gone";
  EXPECT_EQ(Recover(oracle, {}), "ok");
}

TEST(OracleExpiry, IsJudgedByTheSameNumbersBehindARecovery) {
  Oracle oracle(1);
  WriteNumbered(&oracle, 1, {Put("a", "1")});
  WriteNumbered(&oracle, 2, {Put("b", "2")});
  oracle.OnEvent(event::Opened{2, 1});
  ASSERT_TRUE(oracle.JudgeRecovery({{"a", "1"}, {"b", "2"}}, Oracle::End::kKilled).ok);
  Expire(&oracle, 1, "a", "b");
  EXPECT_EQ(Read(&oracle, {{"b", "2"}}), "ok");
  EXPECT_EQ(Read(&oracle, {}), "P12 b");
}

TEST(OracleRecovery, AFailedWriteIsGoneForGoodAfterAResume) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")}, true);
  FailWrite(&oracle, {Put("a", "2")});
  const std::vector<size_t> returned = oracle.Returned();
  FailWrite(&oracle, {Put("a", "3")});  // while Resume runs: it may fail behind it
  oracle.MarkGone(returned);
  EXPECT_EQ(Recover(oracle, {{"a", "1"}}, Oracle::End::kKilled), "ok");
  EXPECT_EQ(Recover(oracle, {{"a", "2"}}, Oracle::End::kKilled), "P4 a");
  EXPECT_EQ(Recover(oracle, {{"a", "3"}}, Oracle::End::kKilled), "ok");
  EXPECT_EQ(Read(&oracle, {{"a", "2"}}), "P4 a");
}

TEST(OracleRecovery, TellsWhatCameBackFromWhatWasNeverThere) {
  Oracle oracle(1);
  Write(&oracle, {Put("a", "1")});
  Write(&oracle, {Delete("a")}, true);
  FailWrite(&oracle, {Put("b", "2")});
  oracle.MarkGone(oracle.Returned());
  const auto judge = [&oracle](const Contents& contents) {
    return Oracle(oracle).JudgeRecovery(contents, Oracle::End::kPowerCut);
  };
  EXPECT_TRUE(judge({{"a", "1"}}).resurrected);
  EXPECT_TRUE(judge({{"b", "2"}}).resurrected);
  for (const Contents& invented :
       {Contents{{"a", "7"}}, Contents{{"b", "7"}}, Contents{{"c", "1"}}}) {
    const Verdict verdict = judge(invented);
    EXPECT_EQ(verdict.property, Property::kP4);
    EXPECT_FALSE(verdict.ok || verdict.resurrected);
  }
}

TEST(OracleClients, AReadSeesAnotherClientsWriteFromItsCallToItsReturn) {
  Oracle oracle(2);
  Write(&oracle, {Put("c1/a", "1")}, false, 1);
  oracle.BeginWrite(1, {Put("c1/a", "2")});
  EXPECT_EQ(Read(&oracle, {{"c1/a", "1"}}), "ok");
  EXPECT_EQ(Read(&oracle, {{"c1/a", "2"}}), "ok");
  // Seen once, it is there for every later read.
  EXPECT_EQ(Read(&oracle, {{"c1/a", "1"}}), "P12 c1/a");
}

TEST(OracleClients, AScanSeesAnotherClientsBatchWhole) {
  Oracle oracle(2);
  oracle.BeginWrite(1, {Put("c1/a", "1"), Put("c1/b", "1")});
  EXPECT_EQ(Read(&oracle, {{"c1/a", "1"}}), "P3 c1/b");
  EXPECT_EQ(Read(&oracle, {{"c1/a", "1"}, {"c1/b", "1"}}), "ok");
}

TEST(OracleClients, AReadOfTwoClientsRespectsRealTime) {
  Oracle oracle(2);
  Oracle::View view = oracle.BeginView(0);
  Write(&oracle, {Put("c0/a", "1")}, false, 0);
  Write(&oracle, {Put("c1/a", "1")}, false, 1);
  oracle.EndView(&view);
  Oracle::View other = view;
  EXPECT_EQ(Name(oracle.Check(&view, {}, {{"c1/a", "1"}}, Property::kP15)), "P15 ");
  EXPECT_EQ(Name(oracle.Check(&other, {}, {{"c0/a", "1"}}, Property::kP15)), "ok");
}

}  // namespace
}  // namespace lsm::lab
