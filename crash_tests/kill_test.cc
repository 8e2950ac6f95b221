// A small slice of row `kill`: processes killed by SIGKILL on the real file
// system.
#include "testing/kill.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "env/temp_dir_for_test.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

KillOptions Killing(const TempDir& dir, uint64_t rounds) {
  KillOptions options;
  options.dir = dir.File("db");
  options.rounds = rounds;
  options.options.memtable_bytes = 16 << 10;
  options.options.max_file_bytes = 8 << 10;
  return options;
}

class Kill : public ::testing::TestWithParam<std::tuple<IoMode, WalSync>> {};

TEST_P(Kill, WhatWasAcknowledgedSurvives) {
  const TempDir dir;
  KillOptions options = Killing(dir, 8);
  options.options.wal_io = options.options.read_io = std::get<0>(GetParam());
  options.options.wal_sync = std::get<1>(GetParam());
  const KillReport report = KillAgainAndAgain(options);
  EXPECT_EQ(report.finding, "");
  EXPECT_EQ(report.rounds, 8U);
  EXPECT_GT(report.acknowledged, 100U);
}

INSTANTIATE_TEST_SUITE_P(Modes, Kill,
                         ::testing::Combine(::testing::Values(IoMode::kPlain, IoMode::kMapped),
                                            ::testing::Values(WalSync::kOnRequest,
                                                              WalSync::kEveryWrite)));

TEST(KillEarly, StrikesWithinTheOpen) {
  const TempDir dir;
  KillOptions options = Killing(dir, 12);
  options.moments_max = 3;
  const KillReport report = KillAgainAndAgain(options);
  EXPECT_EQ(report.finding, "");
  EXPECT_GT(report.in_open, 0U);
}

// Databases that are wrong in just one way are found, by the property that they break.
struct Control {
  Flaw flaw;
  const char* broken;  // property; "": none
};

class KillControl : public ::testing::TestWithParam<Control> {};

TEST_P(KillControl, IsFound) {
  const TempDir dir;
  KillOptions options = Killing(dir, 6);
  options.open = [](const Options& o, const std::string& path) {
    return OpenToyDb(o, path, GetParam().flaw);
  };
  const KillReport report = KillAgainAndAgain(options);
  const std::string broken = report.finding.substr(0, report.finding.find(' '));
  EXPECT_EQ(broken, GetParam().broken) << report.finding;
}

INSTANTIATE_TEST_SUITE_P(Flaws, KillControl,
                         ::testing::Values(Control{Flaw::kNone, ""},
                                           Control{Flaw::kForgetDelete, "P4"},
                                           Control{Flaw::kLoseOnRewrite, "P6"},
                                           Control{Flaw::kBadStructure, "P13"}));

TEST(KillErrors, AWriterThatCannotOpenIsAFinding) {
  const TempDir dir;
  KillOptions options = Killing(dir, 3);
  options.dir = dir.File("no/such/place");
  const KillReport report = KillAgainAndAgain(options);
  EXPECT_EQ(report.rounds, 1U);
  EXPECT_NE(report.finding.find("a writer stopped"), std::string::npos) << report.finding;
}

}  // namespace
}  // namespace lsm::lab
