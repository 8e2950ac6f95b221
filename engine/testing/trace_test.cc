#include "testing/trace.h"

#include <gtest/gtest.h>
// Behind gtest: it defines RC_GTEST_PROP on top of it.
#include <rapidcheck/gtest.h>

#include "testing/generator.h"
#include "testing/options_text.h"

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
    "integrity",
    "crash io=5 keep=none",
    "crash io=0 keep=0-3,7 again io=1 keep=seed:9 again io=2 keep=all",
    "kill io=3",
    "fail io=3 code=io once",
    "fail io=1 code=nospace sticky",
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
      "start closed\n"
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
       "line 2, column 8: option memtable_bytes cannot be 'many'"},
      {"lsmlab-trace 1\noption block_bytes 64\noption block_bytes 65",
       "line 3, column 8: option block_bytes stands twice"},
      {"lsmlab-trace 1\nc0 put k @47:1",
       "line 2, column 10: '@47:1' is not @SIZE:SEED with a size in [48, 16777216]"},
      {"lsmlab-trace 1\ncrash io=1 keep=3-1",
       "line 2, column 12: an image is none, all, seed:N or ascending indexes as 0-3,7"},
      {"lsmlab-trace 1\nfail io=0 code=io once",
       "line 2, column 6: expected io=NUMBER in [1, 4294967295]"},
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
  const CrashImage image{CrashImage::Kind::kSeed, 5, {}};
  EXPECT_EQ(image.Keep(40), image.Keep(40));
  EXPECT_NE(image.Keep(40), (CrashImage{CrashImage::Kind::kSeed, 6, {}}.Keep(40)));
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
