#include "lsm/options_text.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <fmt/format.h>
#include <cmath>

#include "db/check_options.h"
#include "db/option_table.h"
#include "db/test_dir.h"
#include "lsm/db.h"
#include "testing/sim/sim_env.h"

namespace lsm {
namespace {

std::string Refusal(std::string_view text) {
  Options options;
  return std::string(ParseOptions(text, "small.options", &options).message());
}

TEST(OptionsText, a_file_sets_what_it_names_and_nothing_else) {
  Options options;
  options.size_ratio = 7;
  const std::string text =
      "# a comment\n\n  memtable_bytes=65536\r\ncompression = none\n\twal_io = plain\n"
      "bits_per_key = 2.5";
  ASSERT_TRUE(ParseOptions(text, "small.options", &options).ok());
  EXPECT_EQ(options.memtable_bytes, 65536u);
  EXPECT_EQ(options.compression, Compression::kNone);
  EXPECT_EQ(options.wal_io, IoMode::kPlain);
  EXPECT_EQ(options.bits_per_key, 2.5);
  EXPECT_EQ(options.size_ratio, 7);
  EXPECT_EQ(options.level1_bytes, Options().level1_bytes);
}

TEST(OptionsText, what_is_wrong_is_named_with_its_line) {
  EXPECT_EQ(Refusal("size_ratio = 4\n\nfrobs = 3\n").substr(0, 65),
            "small.options: line 3: unknown option 'frobs'; there are memtable");
  EXPECT_EQ(Refusal("size_ratio"), "small.options: line 1: 'size_ratio' is not NAME = VALUE");
  EXPECT_EQ(Refusal("# x\nsize_ratio = many"),
            "small.options: line 2: option size_ratio cannot be 'many': must be 2 to 100");
  EXPECT_EQ(Refusal("wal_sync = never"),
            "small.options: line 1: option wal_sync cannot be 'never': must be on_request, "
            "every_write or interval");
  EXPECT_EQ(Refusal("memtable_bytes = 64KiB"),
            "small.options: line 1: option memtable_bytes cannot be '64KiB': must be 1024 to "
            "1073741824 bytes");
  EXPECT_EQ(Refusal("size_ratio = 1"),
            "small.options: line 1: option size_ratio = 1 is outside [2, 100]");
  EXPECT_EQ(Refusal("size_ratio = 4\nsize_ratio = 4"),
            "small.options: line 2: option size_ratio stands twice");
  EXPECT_EQ(Refusal("= 4").substr(0, 42), "small.options: line 1: unknown option '\"\"'");
}

TEST(OptionsText, codecs_by_level_are_a_list) {
  Options options;
  ASSERT_TRUE(ParseOptions("compression_per_level = none,snappy,zstd", "x", &options).ok());
  EXPECT_EQ(options.compression_per_level,
            (std::vector{Compression::kNone, Compression::kSnappy, Compression::kZstd}));
  EXPECT_EQ(FindKnob("compression_per_level")->print(options), "none,snappy,zstd");
  for (const char* text : {"", "none,", ",none", "none snappy", "gzip", ",", "same,none"}) {
    EXPECT_FALSE(SetOption("compression_per_level", text, &options).ok()) << text;
  }
  ASSERT_TRUE(ParseOptions("compression_per_level = same", "x", &options).ok());
  EXPECT_TRUE(options.compression_per_level.empty());
}

TEST(OptionsText, a_refused_text_changes_nothing) {
  Options options;
  EXPECT_FALSE(ParseOptions("size_ratio = 4\nfrob = 1\n", "x", &options).ok());
  EXPECT_EQ(options.size_ratio, Options().size_ratio);
}

TEST(OptionsText, every_knob_has_a_range_and_a_meaning_and_its_default_is_valid) {
  EXPECT_TRUE(CheckOptions(Options()).ok());
  for (const OptionInfo& info : DescribeOptions(Options())) {
    EXPECT_FALSE(info.range.empty() || info.about.empty()) << info.name;
    EXPECT_EQ(info.value, info.default_value) << info.name;
    Options options;
    ASSERT_TRUE(SetOption(info.name, info.default_value, &options).ok()) << info.name;
    EXPECT_TRUE(CheckOption(info.name, options).ok()) << info.name;
  }
}

TEST(OptionsText, numbers_are_refused_just_outside_of_their_range) {
  for (const Knob& knob : Knobs()) {
    if (knob.low == knob.high || std::isinf(knob.high)) continue;
    Options options;
    ASSERT_TRUE(knob.parse(fmt::format("{}", knob.high), &options)) << knob.name;
    EXPECT_TRUE(CheckRange(knob, options).ok()) << knob.name;
    ASSERT_TRUE(knob.parse(fmt::format("{}", knob.high + 1), &options)) << knob.name;
    EXPECT_FALSE(CheckRange(knob, options).ok()) << knob.name;
    ASSERT_TRUE(knob.parse(fmt::format("{}", knob.low), &options)) << knob.name;
    EXPECT_TRUE(CheckRange(knob, options).ok()) << knob.name;
    if (knob.low == 0) continue;
    ASSERT_TRUE(knob.parse(fmt::format("{}", knob.low - 1), &options)) << knob.name;
    EXPECT_FALSE(CheckRange(knob, options).ok()) << knob.name;
  }
}

RC_GTEST_PROP(OptionsText, what_was_printed_is_parsed_back, ()) {
  Options options;
  options.memtable_bytes = *rc::gen::inRange<size_t>(1024, 1 << 30);
  options.bits_per_key = *rc::gen::inRange(0, 400) / 8.0;
  options.compression = *rc::gen::element(Compression::kNone, Compression::kSnappy);
  options.wal_sync =
      *rc::gen::element(WalSync::kOnRequest, WalSync::kEveryWrite, WalSync::kInterval);
  options.auto_resume = *rc::gen::arbitrary<bool>();
  options.level1_bytes = *rc::gen::inRange<uint64_t>(1024, uint64_t{1} << 40);
  RC_PRE(options.bits_per_key <= 40);
  Options parsed;
  RC_ASSERT(ParseOptions(PrintOptions(options), "x", &parsed).ok());
  RC_ASSERT(PrintOptions(parsed) == PrintOptions(options));
}

TEST(OptionsText, saved_options_are_durable_and_loaded_back) {
  sim::SimEnv env{sim::SimOptions{}};
  Options options;
  options.size_ratio = 3;
  ASSERT_TRUE(SaveOptions(&env, "/small.options", options).ok());
  options.size_ratio = 5;
  ASSERT_TRUE(SaveOptions(&env, "/small.options", options).ok());
  EXPECT_EQ(env.Unsynced().size(), 0u);
  Options loaded;
  ASSERT_TRUE(LoadOptions(&env, "/small.options", &loaded).ok());
  EXPECT_EQ(loaded.size_ratio, 5);
  EXPECT_FALSE(LoadOptions(&env, "/none.options", &loaded).ok());
}

TEST(OptionsText, a_large_file_is_no_file_of_options) {
  sim::SimEnv env{sim::SimOptions{}};
  auto file = env.CreateWritable("/big", {});
  ASSERT_TRUE(file.ok() && (*file)->Append(std::string(2 << 20, '\n')).ok() &&
              (*file)->Close().ok());
  Options options;
  const Status s = LoadOptions(&env, "/big", &options);
  EXPECT_EQ(s.message(), "/big is no file of options: it has more than 1048576 bytes");
}

TEST(OptionsText, an_open_database_tells_its_options) {
  TestDir dir;
  Options options;
  options.create_if_missing = true;
  options.size_ratio = 3;
  auto db = DB::Open(options, dir.path());
  ASSERT_TRUE(db.ok());
  std::string text;
  ASSERT_TRUE((*db)->GetProperty("lsm.options", &text));
  Options told;
  ASSERT_TRUE(ParseOptions(text, "lsm.options", &told).ok());
  EXPECT_EQ(told.size_ratio, 3);
}

}  // namespace
}  // namespace lsm
