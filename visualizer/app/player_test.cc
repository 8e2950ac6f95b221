#include "app/player.h"

#include <gtest/gtest.h>

#include "source/trace_source.h"

namespace lsm::viz {
namespace {

class PlayerTest : public testing::Test {
 protected:
  size_t position() const { return source_->history().position(); }
  size_t size() const { return source_->history().size(); }
  bool Says(const std::string& text) {
    for (const Label& label : player_.scene().labels) {
      if (label.text.find(text) != std::string::npos) return true;
    }
    return false;
  }
  void Click(Target::Kind kind, uint64_t value) {
    for (const Target& target : player_.scene().targets) {
      if (target.kind != kind || target.value != value) continue;
      player_.Click(target.area.x + target.area.w / 2, target.area.y + target.area.h / 2);
      return;
    }
    FAIL() << "nothing to click";
  }

  std::unique_ptr<Source> source_ = OpenDemo();
  Player player_{source_.get()};
};

TEST_F(PlayerTest, ArrowsGoThroughMoments) {
  player_.Press(Key::kHome, false);
  EXPECT_EQ(position(), 0U);
  EXPECT_TRUE(Says("Nothing has happened yet"));
  player_.Press(Key::kLeft, false);
  EXPECT_EQ(position(), 0U);
  player_.Press(Key::kRight, false);
  player_.Press(Key::kRight, true);
  EXPECT_EQ(position(), 11U);
  player_.Press(Key::kLeft, false);
  EXPECT_EQ(position(), 10U);
  player_.Press(Key::kEnd, false);
  player_.Press(Key::kRight, false);
  EXPECT_EQ(position(), size());
}

TEST_F(PlayerTest, DownAndUpGoToTheEndsOfOperations) {
  player_.Press(Key::kHome, false);
  std::vector<size_t> positions;
  for (uint64_t step = 1; step <= 400; ++step) {
    player_.Press(Key::kDown, false);
    ASSERT_EQ(source_->history().now()->step, step);
    positions.push_back(position());
  }
  for (size_t i = 399; i-- > 0;) {
    player_.Press(Key::kUp, false);
    ASSERT_EQ(position(), positions[i]) << i;
  }
  player_.Press(Key::kUp, false);
  EXPECT_EQ(source_->history().now() == nullptr ? 0 : source_->history().now()->step, 0U);
}

TEST_F(PlayerTest, PlaysAtItsSpeedAndStopsAtTheEnd) {
  player_.Press(Key::kSpace, false);
  EXPECT_TRUE(player_.playing());
  EXPECT_EQ(position(), 0U);
  player_.Tick(1);
  EXPECT_EQ(position(), 8U);
  player_.Type(']');
  EXPECT_TRUE(Says("16 moments a second"));
  player_.Tick(0.5);
  EXPECT_EQ(position(), 16U);
  player_.Tick(1e6);
  EXPECT_EQ(position(), size());
  EXPECT_FALSE(player_.playing());
}

TEST_F(PlayerTest, EveryViewHasAKeyATabAndAPlaceInTheRound) {
  for (size_t i = 0; i < kViews; ++i) {
    player_.Type(static_cast<char>('1' + i));
    EXPECT_EQ(static_cast<size_t>(player_.choice.view), i);
  }
  player_.Press(Key::kTab, false);
  EXPECT_EQ(player_.choice.view, View::kLevels);
  player_.Press(Key::kTab, true);
  EXPECT_EQ(static_cast<size_t>(player_.choice.view), kViews - 1);
  Click(Target::Kind::kView, static_cast<uint64_t>(View::kMemory));
  EXPECT_EQ(player_.choice.view, View::kMemory);
}

TEST_F(PlayerTest, AClickOnATableTellsWhatMovingItCosts) {
  player_.Press(Key::kEnd, false);
  const uint64_t file = (*source_->history().tree().tables().begin())->file;
  Click(Target::Kind::kTable, file);
  EXPECT_EQ(player_.choice.table, file);
  EXPECT_TRUE(Says("moving it down reads"));
  Click(Target::Kind::kTable, file);
  EXPECT_EQ(player_.choice.table, 0U);
}

TEST_F(PlayerTest, AClickInTheTimelineGoesThere) {
  for (const Target& target : player_.scene().targets) {
    if (target.kind != Target::Kind::kMoment) continue;
    const uint64_t wanted = target.value;
    player_.Click(target.area.x + 1, target.area.y + 1);
    EXPECT_EQ(position(), wanted);
    return;
  }
  FAIL() << "no timeline";
}

TEST_F(PlayerTest, AnOperationIsTypedAndRun) {
  player_.Press(Key::kEnter, false);
  for (const char c : std::string("put my keyx")) player_.Type(c);
  EXPECT_TRUE(Says("operation: put my keyx_"));
  player_.Press(Key::kBackspace, false);
  player_.Press(Key::kEnter, false);
  EXPECT_EQ(source_->about().operations.back(), "c0 put my key");
  EXPECT_TRUE(Says("put my key -> OK"));
  player_.Press(Key::kEnter, false);
  player_.Type('x');
  player_.Press(Key::kEscape, false);
  EXPECT_FALSE(player_.quit());
  EXPECT_EQ(source_->about().operations.back(), "c0 put my key");
  player_.Press(Key::kEnter, false);
  for (const char c : std::string("frob")) player_.Type(c);
  player_.Press(Key::kEnter, false);
  EXPECT_TRUE(Says("no operation: frob"));
}

TEST_F(PlayerTest, XCutsThePower) {
  const uint64_t before = source_->history().state().counters.recoveries;
  player_.Type('x');
  EXPECT_EQ(source_->about().operations.back(), "crash at=0 keep=none");
  EXPECT_GT(source_->history().state().counters.recoveries, before);
}

TEST_F(PlayerTest, FontThemeHelpAndEscape) {
  player_.Type('p');
  EXPECT_EQ(player_.look.font, Player::kPresentationFont);
  for (int i = 0; i < 20; ++i) player_.Type('+');
  EXPECT_EQ(player_.look.font, Player::kFontMax);
  player_.Type('t');
  EXPECT_EQ(player_.theme, Theme::kDark);
  player_.Type('?');
  EXPECT_TRUE(Says("play, pause"));
  player_.Press(Key::kEscape, false);
  EXPECT_FALSE(player_.quit());
  player_.Press(Key::kEscape, false);
  EXPECT_TRUE(player_.quit());
}

TEST_F(PlayerTest, DrawsOnlyWhenSomethingHasChanged) {
  EXPECT_TRUE(player_.TakeChanged());
  player_.Tick(10);
  EXPECT_FALSE(player_.TakeChanged());
  player_.Press(Key::kLeft, false);
  EXPECT_TRUE(player_.TakeChanged());
}

}  // namespace
}  // namespace lsm::viz
