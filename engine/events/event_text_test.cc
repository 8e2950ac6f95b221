#include "events/event_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "events/event_fields.h"

namespace lsm {
namespace {

// Stands for any initializer, to count how many an aggregate takes.
struct Anything {
  template <class T>
  operator T() const;  // NOLINT: implicit on purpose, never defined
};

template <class E, size_t... kIndices>
constexpr bool TakesInitializers(std::index_sequence<kIndices...>) {
  return requires { E{(static_cast<void>(kIndices), Anything())...}; };
}

template <class E, size_t kCount = 0>
constexpr size_t CountMembers() {
  if constexpr (TakesInitializers<E>(std::make_index_sequence<kCount + 1>())) {
    return CountMembers<E, kCount + 1>();
  } else {
    return kCount;
  }
}

// Gives every field of an event a value of its own, the awkward ones of its type among them.
class Filler {
 public:
  explicit Filler(int round) : round_(round) {}

  void operator()(std::string_view, uint64_t& field) {
    field = round_ == 0 ? 0 : std::numeric_limits<uint64_t>::max() - ++count_;
  }
  void operator()(std::string_view, int& field) {
    field = round_ == 0 ? -1 : static_cast<int>(++count_);
  }
  void operator()(std::string_view, bool& field) { field = round_ == 0; }
  void operator()(std::string_view, std::string& field) {
    if (round_ == 0) return;
    field = "a =,\"\\\n" + std::string(1, '\0') + "\xff" + std::to_string(++count_);
  }
  void operator()(std::string_view, std::vector<uint64_t>& field) {
    if (round_ == 1) field = {++count_};
    if (round_ == 2) field = {++count_, ++count_, 0};
  }
  void operator()(std::string_view, std::vector<event::Table>& field) {
    if (round_ == 0) return;
    for (int i = 0; i < round_; ++i) {
      event::Table& table = field.emplace_back();
      operator()("", table.file);
      operator()("", table.level);
      operator()("", table.run);
      operator()("", table.bytes);
      operator()("", table.smallest);
      if (i > 0) operator()("", table.largest);
    }
  }

 private:
  const int round_;
  uint64_t count_ = 0;
};

constexpr int kRounds = 3;

template <class Variant>
struct AlternativesOf;
template <class... E>
struct AlternativesOf<std::variant<E...>> {
  using Types = testing::Types<E...>;
};

template <class E>
class EveryEvent : public testing::Test {};
TYPED_TEST_SUITE(EveryEvent, AlternativesOf<Event>::Types);

TYPED_TEST(EveryEvent, DescribesAllItsMembers) {
  TypeParam event;
  size_t described = 0;
  event::Describe<TypeParam>::Fields(event, [&described](std::string_view, auto&) { ++described; });
  EXPECT_EQ(described, CountMembers<TypeParam>());
}

TYPED_TEST(EveryEvent, ParsesBackToItself) {
  for (int round = 0; round < kRounds; ++round) {
    TypeParam event;
    event::Describe<TypeParam>::Fields(event, Filler(round));
    const std::string line = FormatEvent(event);
    const auto parsed = ParseEvent(line);
    ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
    ASSERT_TRUE(std::holds_alternative<TypeParam>(*parsed));
    EXPECT_EQ(FormatEvent(*parsed), line);
  }
}

TYPED_TEST(EveryEvent, EveryCutLineIsRefused) {
  TypeParam event;
  event::Describe<TypeParam>::Fields(event, Filler(0));
  std::string line = FormatEvent(event);
  while (line.find(' ') != std::string::npos) {
    line.erase(line.rfind(' '));
    EXPECT_FALSE(ParseEvent(line).ok()) << line;
  }
}

std::string ErrorOf(std::string_view line) { return ParseEvent(line).status().ToString(); }

TEST(EventText, IsOneReadableLine) {
  EXPECT_EQ(FormatEvent(event::FlushEnd{3, 12, 4096, true}),
            "flush_end memtable=3 file=12 bytes=4096 ok=1");
  EXPECT_EQ(FormatEvent(event::VersionInstalled{
                5, 17, 9, {{12, 2, 0, 4096, "", "a,:"}, {13, 0, 13, 7, "b c", "d"}}, {7}}),
            "version_installed manifest=5 last_sequence=17 log_number=9 "
            "added=12:2:0:4096:\"\":\"a,:\",13:0:13:7:\"b\\x20c\":\"d\" removed=7");
  EXPECT_EQ(FormatEvent(event::LookupHop{"a b", "L0:7", ""}),
            "lookup_hop key=a\\x20b place=L0:7 answer=\"\"");
}

TEST(EventText, ErrorNamesWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "Invalid argument: no event is named ''");
  EXPECT_EQ(ErrorOf("flash x=1"), "Invalid argument: no event is named 'flash'");
  EXPECT_EQ(ErrorOf("wal_sync file=1"), "Invalid argument: wal_sync: field 'bytes' is missing");
  EXPECT_EQ(ErrorOf("wal_sync bytes=1 file=1"),
            "Invalid argument: wal_sync: field 'file' expected, not 'bytes=1'");
  EXPECT_EQ(ErrorOf("wal_sync file=1 bytes=1 more=1"),
            "Invalid argument: wal_sync: no field expected, not 'more=1'");
  EXPECT_EQ(ErrorOf("resumed automatic=2"),
            "Invalid argument: resumed: field 'automatic' cannot be '2'");
}

TEST(EventText, BadValuesAreRefused) {
  for (const char* value : {"", "-1", "x", "1x", "18446744073709551616", "0x1"}) {
    EXPECT_FALSE(ParseEvent(std::string("wal_sync file=1 bytes=") + value).ok()) << value;
  }
  for (const char* list : {",", "1,", ",1", "1,,2", "1;2"}) {
    const std::string line =
        "version_installed manifest=1 last_sequence=1 log_number=1 added= removed=";
    EXPECT_FALSE(ParseEvent(line + list).ok()) << list;
  }
  for (const char* table :
       {",", "1", "1:0:1:9", R"(1:0:1:9:"a")", R"(1:0:1:9:a:b)", R"(1:0:1:9:"a":"b)",
        R"(1:0:1:x:"a":"b")", R"(1:0:1:9:"a":"b",)", R"(1:0:1:9:"a":"b"2:0:1:9:"a":"b")",
        R"(,1:0:1:9:"a":"b")", R"(1:0:1:9:"\":"b")"}) {
    const std::string line = "version_installed manifest=1 last_sequence=1 log_number=1 added=";
    EXPECT_FALSE(ParseEvent(line + table + " removed=").ok()) << table;
  }
  for (const char* text : {"", "\\", "\\xZZ"}) {
    EXPECT_FALSE(ParseEvent(std::string("closed status=") + text).ok()) << text;
  }
}

}  // namespace
}  // namespace lsm
