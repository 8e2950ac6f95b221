#include "testing/trace.h"

#include <gtest/gtest.h>
// Behind gtest: it defines RC_GTEST_PROP on top of it.
#include <rapidcheck/gtest.h>

#include "lsm/options_text.h"
#include "testing/generator.h"

namespace lsm::lab {
namespace {

// One line of each operation, in the form in which Print writes it.
constexpr const char* kLines[] = {
    "c0 put k1 v1",
    "c0 put \"\" \"\" sync",
    "c0 put \\x00\\xff @100:7",
    "c0 put k \\x40x",
    "c0 put k \\x40",
    "c0 delete k1",
    "c0 delete sync sync",
    "c0 batch put k1 v1 delete k2 put sync sync sync",
    "c0 batch",
    "c0 get k1",
    "c0 get at at at",
    "c0 multiget 2 at k at s1",
    "c0 multiget 0",
    "c0 scan",
    "c0 scan from from to to at s1",
    "c0 rscan to b",
    "c0 zigzag k",
    "c0 snapshot s1",
    "c0 release s1",
    "c0 iterate i1 from a to b",
    "c0 check i1",
    "c0 close i1",
    "c0 sleep 5",
    "c0 flush",
    "flush",
    "syncwal",
    "compact from a",
    "wait",
    "checkpoint",
    "resume",
    "reopen",
    "reopen compression none wal_io plain",
    "integrity",
    "crash at=5 keep=none",
    "crash at=0 keep=0-3,7 again at=1 keep=seed:9 again at=2 keep=all",
    "crash at=sync:log:2 keep=ordered:7",
    "crash at=rename:current:1 keep=1,2-4=zero,5=garbage:7,6=part:100,9",
    "kill at=3",
    "kill at=append:manifest:1",
    "fail at=3 code=io once",
    "fail at=1 code=nospace sticky",
    "fail at=sync:log:1 code=io effect=revert times=3",
    "fail at=append:any:2:100-200 code=io effect=short:7 once",
    "damage flip table:1 at=10 number=7",
    "damage truncate log:2 at=100",
    "damage garbage table:2 at=0 bytes=512 number=3",
    "damage zero manifest:1 at=0 bytes=16",
    "damage remove current:1",
    "damage misdirect table:1 at=512 bytes=64 from table:2 at=0",
};

Result<Trace> ParseBody(const std::string& body) { return Parse("lsmlab-trace 1\n" + body); }

TEST(Trace, EachOperationIsPrintedAsItWasRead) {
  for (const char* line : kLines) {
    const auto trace = ParseBody(line);
    ASSERT_TRUE(trace.ok()) << line << ": " << trace.status().ToString();
    ASSERT_EQ(trace->operations.size(), 1U);
    EXPECT_EQ(Print(trace->operations[0]), line);
  }
}

TEST(Trace, TheHeadIsPrintedAsItWasRead) {
  const std::string text =
      "lsmlab-trace 1\nstage memtable=labs/mine\noption memtable_bytes 1024\n"
      "option compression none\noption bits_per_key 7.5\noption wal_sync every_write\n"
      "option read_io plain\nschedule seed=18446744073709551615 switch=128\nclients 2\n"
      "start closed\nexpect P4\n"
      "c1 put c1/k v\n";
  const auto trace = Parse(text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_EQ(Print(*trace), text);
  const Options options = OptionsOf(*trace);
  EXPECT_EQ(options.memtable_bytes, 1024U);
  EXPECT_EQ(options.compression, Compression::kNone);
  EXPECT_EQ(options.bits_per_key, 7.5);
  EXPECT_EQ(options.wal_sync, WalSync::kEveryWrite);
  EXPECT_EQ(options.read_io, IoMode::kPlain);
}

TEST(Trace, AScheduleIsByChanceOrByPriority) {
  const std::string text =
      "lsmlab-trace 1\nschedule seed=7 priority=3 points=5000\nclients 2\nc1 put c1/k v\n";
  const auto trace = Parse(text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_EQ(trace->priority_depth, 3U);
  EXPECT_EQ(trace->priority_points, 5000U);
  EXPECT_TRUE(trace->Preempts());
  EXPECT_EQ(Print(*trace), text);
  const auto at_marks = Parse("lsmlab-trace 1\nschedule seed=7 priority=3 marks=50\n");
  ASSERT_TRUE(at_marks.ok()) << at_marks.status().ToString();
  EXPECT_TRUE(at_marks->priority_at_marks && at_marks->priority_points == 50);
  EXPECT_FALSE(*at_marks == *trace);
}

TEST(Trace, KeysAreAClientsOwnUnlessTheyAreShared) {
  const std::string own = "lsmlab-trace 1\nschedule seed=1 switch=0\nclients 2\n";
  EXPECT_FALSE(Parse(own + "c1 put k v\n").ok());
  const std::string text = own + "keys shared\nc1 put k v\n";
  const auto trace = Parse(text);
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_TRUE(trace->shared_keys);
  EXPECT_EQ(Print(*trace), text);
}

TEST(Trace, CommentsBlankLinesAndExtraSpacesAreSkipped) {
  const auto trace = ParseBody("# a comment\n\n   c0   get   k  \r\n");
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_EQ(trace->operations.size(), 1U);
}

TEST(Trace, AGeneratedValueSaysWhatItIs) {
  const std::string value = GeneratedBytes(100, 7);
  EXPECT_EQ(value.size(), 100U);
  EXPECT_EQ(PrintValue(value), "@100:7");
  EXPECT_NE(value, GeneratedBytes(100, 8));
}

struct BadTrace {
  const char* text;
  const char* error;
};

TEST(Trace, AnErrorNamesLineAndColumn) {
  const BadTrace kBad[] = {
      {"", "line 1, column 1: a trace begins 'lsmlab-trace 1'"},
      {"lsmlab-trace 2", "line 1, column 14: trace version '2' is not supported, only 1"},
      {"lsmlab-trace 1\nschedule seed=1 priority=0 points=9",
       "line 2, column 17: expected priority=NUMBER in [1, 64]"},
      {"lsmlab-trace 1\nschedule seed=1 priority=2", "line 2, column 27: expected points=NUMBER"},
      {"lsmlab-trace 1\nkeys mine", "line 2, column 1: expected 'keys shared'"},
      {"lsmlab-trace 1\nc0 jump k", "line 2, column 4: unknown operation 'jump'"},
      {"lsmlab-trace 1\n\nc0 put k", "line 3, column 9: expected a value"},
      {"lsmlab-trace 1\nc0 get \\q", "line 2, column 8: bad escape at position 0 of '\\q'"},
      {"lsmlab-trace 1\nc0 get k k", "line 2, column 10: 'k' is too much here"},
      {"lsmlab-trace 1\nc1 get k", "line 2, column 1: there is no client 1, only 1"},
      {"lsmlab-trace 1\nget k", "line 2, column 1: 'get' needs a client before it"},
      {"lsmlab-trace 1\nc0 reopen", "line 2, column 4: 'reopen' is not a client's"},
      {"lsmlab-trace 1\nc0 get k at \"\"", "line 2, column 13: a name cannot be empty"},
      {"lsmlab-trace 1\nclients 2\nc0 put k v",
       "line 3, column 10: client 0 writes keys that begin 'c0/', not 'k'"},
      {"lsmlab-trace 1\nclients 17", "line 2, column 9: expected NUMBER in [1, 16]"},
      {"lsmlab-trace 1\nflush\nclients 2",
       "line 3, column 1: 'clients' stands before the first operation"},
      {"lsmlab-trace 1\noption memtable_bytes many",
       "line 2, column 8: option memtable_bytes cannot be 'many': must be 1024 to "
       "1073741824 bytes"},
      {"lsmlab-trace 1\noption block_bytes 64\noption block_bytes 65",
       "line 3, column 8: option block_bytes stands twice"},
      {"lsmlab-trace 1\nc0 put k @47:1",
       "line 2, column 10: '@47:1' is not @SIZE:SEED with a size in [48, 16777216]"},
      {"lsmlab-trace 1\ncrash io=1 keep=3-1",
       "line 2, column 12: an image is none, all, seed:N, ordered:N, weakest:N, recycled:N, "
       "no-atomic-rename:N or units as 0-3,7=zero, ascending"},
      {"lsmlab-trace 1\nfail at=0 code=io once",
       "line 2, column 6: an address is a number from 1 up or OPERATION:FILE:NUMBER, as "
       "sync:log:2; "
       "not '0'"},
      {"lsmlab-trace 1\nkill at=sync:logs:1",
       "line 2, column 6: an address is a number from 0 up or OPERATION:FILE:NUMBER, as "
       "sync:log:2; "
       "not 'sync:logs:1'"},
      {"lsmlab-trace 1\nfail at=close:log:1 code=io effect=revert once",
       "line 2, column 29: fault revert close log: the operation has no such effect"},
      {"lsmlab-trace 1\ndamage melt log:1",
       "line 2, column 8: expected remove, flip, garbage, zero, truncate, duplicate or misdirect"},
      {"lsmlab-trace 1\nexpect P99", "line 2, column 8: 'P99' is neither ok nor a property as P4"},
      {"lsmlab-trace 1\nfail io=1 code=rot once",
       "line 2, column 11: expected code=io or code=nospace"},
  };
  for (const BadTrace& bad : kBad) {
    const auto trace = Parse(bad.text);
    ASSERT_FALSE(trace.ok()) << bad.text;
    EXPECT_EQ(trace.status().message(), bad.error);
  }
}

TEST(Trace, AShortTextDoesNotFillTheMemory) {
  const std::string value = "c0 put k @16777216:1\n", image = " again io=0 keep=0-1048576";
  std::string values = "lsmlab-trace 1\n", images = "lsmlab-trace 1\ncrash io=0 keep=none";
  for (int i = 0; i < 5; ++i) values += value;
  for (int i = 0; i < 9; ++i) images += image;
  const std::string_view reason = "generated values and images of a trace expand to more than";
  EXPECT_NE(Parse(values).status().message().find("line 6, column 10: " + std::string(reason)),
            std::string_view::npos);
  EXPECT_NE(Parse(images).status().message().find(reason), std::string_view::npos);
}

TEST(Trace, AnUnknownOptionIsRefusedWithTheKnownOnes) {
  const auto trace = ParseBody("option memtable_size 1");
  ASSERT_FALSE(trace.ok());
  const std::string message(trace.status().message());
  EXPECT_NE(message.find("line 2, column 8: unknown option 'memtable_size'"), message.npos);
  for (const std::string& name : OptionNames()) EXPECT_NE(message.find(name), message.npos);
}

TEST(CrashImage, OfASeedKeepsTheSameUnitsEachTime) {
  const std::vector<sim::UnsyncedUnit> units(40);
  const CrashImage five{.kind = CrashImage::Kind::kSeed, .seed = 5};
  const CrashImage six{.kind = CrashImage::Kind::kSeed, .seed = 6};
  EXPECT_EQ(five.Of(units), five.Of(units));
  EXPECT_NE(five.Of(units), six.Of(units));
}

TEST(CrashImage, LosesAUnitWhoseFateItCannotHave) {
  std::vector<sim::UnsyncedUnit> units(2);
  units[1].kind = sim::UnsyncedUnit::Kind::kDirCreate;
  CrashImage image{.kind = CrashImage::Kind::kUnits};
  for (size_t unit = 0; unit < 3; ++unit) image.units.emplace_back(unit, sim::Fate::Kind::kZero);
  const sim::Image fates = image.Of(units);
  EXPECT_EQ(fates[0].kind, sim::Fate::Kind::kZero);
  EXPECT_EQ(fates[1].kind, sim::Fate::Kind::kOld);
}

TEST(Trace, AddressesOfOldTracesAreRead) {
  const auto trace = ParseBody("crash io=5 keep=none again io=0 keep=all");
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  EXPECT_EQ(Print(trace->operations[0]), "crash at=5 keep=none again at=0 keep=all");
}

RC_GTEST_PROP(Trace, ParsesToWhatWasPrinted, ()) {
  const auto flavour = static_cast<Flavour>(*rc::gen::inRange(0, 4));
  const auto index = *rc::gen::arbitrary<uint32_t>();
  const Trace trace = TraceAt(flavour, 1, index);
  const auto parsed = Parse(Print(trace));
  RC_ASSERT(parsed.ok());
  RC_ASSERT(*parsed == trace);
}

RC_GTEST_PROP(Trace, AnyBytesAreReadOrRefused, (std::string text)) {
  const auto trace = ParseBody(text);
  if (trace.ok()) {
    const auto again = Parse(Print(*trace));
    RC_ASSERT(again.ok());
    RC_ASSERT(*again == *trace);
  }
}

}  // namespace
}  // namespace lsm::lab
