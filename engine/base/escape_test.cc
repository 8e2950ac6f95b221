#include "base/escape.h"

#include <gtest/gtest.h>

namespace lsm {
namespace {

TEST(EscapeTest, PrintableStandsForItself) { EXPECT_EQ(Escape("user:42/~!"), "user:42/~!"); }

TEST(EscapeTest, EmptyIsTwoQuotes) { EXPECT_EQ(Escape(""), "\"\""); }

TEST(EscapeTest, SpaceQuoteBackslashAndUnprintableAreHex) {
  EXPECT_EQ(Escape(" "), "\\x20");
  EXPECT_EQ(Escape("\""), "\\x22");
  EXPECT_EQ(Escape("\\"), "\\x5c");
  EXPECT_EQ(Escape(std::string("\0\n\x7f\xff", 4)), "\\x00\\x0a\\x7f\\xff");
}

TEST(EscapeTest, EveryPairOfBytesComesBackAsOneWord) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes{static_cast<char>(a), static_cast<char>(b)};
      const std::string text = Escape(bytes);
      ASSERT_EQ(text.find_first_of(" \t\n"), std::string::npos);
      const Result<std::string> back = Unescape(text);
      ASSERT_TRUE(back.ok());
      ASSERT_EQ(*back, bytes);
    }
  }
}

TEST(EscapeTest, UnescapeAcceptsTheShortForms) {
  EXPECT_EQ(*Unescape("\\n\\t\\r\\\\\\\""), "\n\t\r\\\"");
  EXPECT_EQ(*Unescape("\\xAf"), "\xaf");
  EXPECT_EQ(*Unescape("\"\""), "");
}

TEST(EscapeTest, BadEscapeIsRefusedWithItsPosition) {
  for (const char* text : {"ab\\", "ab\\q", "ab\\x", "ab\\x1", "ab\\xg0", "ab\\x0g"}) {
    const Result<std::string> result = Unescape(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(result.status().message().find("position 2"), std::string_view::npos) << text;
  }
}

}  // namespace
}  // namespace lsm
