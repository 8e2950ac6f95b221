// What is drawn is what was laid out: pictures made without a display, looked at by their pixels.
#include "app/offscreen.h"

#include <gtest/gtest.h>

#include "layout/views.h"
#include "source/source.h"

namespace lsm::viz {
namespace {

constexpr int kWidth = 640, kHeight = 360;

// 0xBBGGRR, as ImGui packs it, without alpha.
uint32_t PixelAt(const Picture& p, float x, float y) {
  const size_t i =
      (static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x)) * 4;
  return p.rgba[i] | static_cast<uint32_t>(p.rgba[i + 1]) << 8U |
         static_cast<uint32_t>(p.rgba[i + 2]) << 16U;
}

uint32_t Wanted(Ink ink, Theme theme) { return ColourOf(ink, theme) & 0xffffffU; }

class OffscreenTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Offscreen::Create(kWidth, kHeight, 18);
    if (!made.ok()) GTEST_SKIP() << made.status().ToString();
    offscreen_ = std::move(*made);
  }
  std::unique_ptr<Offscreen> offscreen_;
};

TEST_F(OffscreenTest, EachRoleHasItsColour) {
  Scene scene;
  for (size_t i = 1; i < kInks; ++i) {
    scene.Add({static_cast<float>(i) * 40, 20, 30, 30, static_cast<Ink>(i)});
  }
  for (const Theme theme : {Theme::kLight, Theme::kDark}) {
    const Picture picture = offscreen_->Render(scene, theme);
    for (size_t i = 1; i < kInks; ++i) {
      EXPECT_EQ(PixelAt(picture, static_cast<float>(i) * 40 + 15, 35),
                Wanted(static_cast<Ink>(i), theme))
          << i;
    }
  }
}

TEST_F(OffscreenTest, EdgesHatchesLinesAndLettersAreThere) {
  Scene scene;
  scene.Add({0, 0, kWidth, kHeight, Ink::kPaper});
  scene.Add({10, 10, 100, 50, Ink::kTable, Ink::kText, Pattern::kSolid, 4});
  scene.Add({210, 10, 100, 50, Ink::kTable, Ink::kNone, Pattern::kHatch});
  scene.Rule(10, 100.5F, 200, 100.5F, Ink::kBad, 5);
  scene.Text(10, 200, 300, 18, Ink::kText, "MMMM");
  const Picture p = offscreen_->Render(scene, Theme::kLight);
  EXPECT_EQ(PixelAt(p, 11, 30), Wanted(Ink::kText, Theme::kLight));
  EXPECT_EQ(PixelAt(p, 60, 35), Wanted(Ink::kTable, Theme::kLight));
  EXPECT_EQ(PixelAt(p, 100, 100), Wanted(Ink::kBad, Theme::kLight));
  size_t hatched = 0, inked = 0;
  for (float x = 215; x < 305; ++x)
    hatched += PixelAt(p, x, 35) != Wanted(Ink::kTable, Theme::kLight);
  for (float x = 10; x < 10 + 4 * 18 * kCharWidth; ++x) {
    inked += PixelAt(p, x, 210) != Wanted(Ink::kPaper, Theme::kLight);
  }
  EXPECT_GT(hatched, 10U);
  EXPECT_GT(inked, 8U);
  EXPECT_EQ(PixelAt(p, 320, 210), Wanted(Ink::kPaper, Theme::kLight));
}

TEST_F(OffscreenTest, TheSamePictureIsTheSameByteForByte) {
  const auto source = OpenDemo();
  Look look{kWidth, kHeight, 18};
  const Scene scene = Compose(source->history(), source->about(), {}, look);
  const Picture first = offscreen_->Render(scene, Theme::kDark);
  EXPECT_EQ(first.rgba, offscreen_->Render(scene, Theme::kDark).rgba);
  source->Seek(100);
  const Scene other = Compose(source->history(), source->about(), {}, look);
  EXPECT_NE(first.rgba, offscreen_->Render(other, Theme::kDark).rgba);
}

TEST_F(OffscreenTest, EachViewIsDrawn) {
  const auto source = OpenDemo();
  std::vector<std::vector<uint8_t>> seen;
  for (size_t view = 0; view < kViews; ++view) {
    Choice choice;
    choice.view = static_cast<View>(view);
    Look look{kWidth, kHeight, 14};
    const Scene scene = Compose(source->history(), source->about(), choice, look);
    const Picture picture = offscreen_->Render(scene, Theme::kLight);
    for (const auto& other : seen) EXPECT_NE(picture.rgba, other) << ViewWord(choice.view);
    seen.push_back(picture.rgba);
  }
}

}  // namespace
}  // namespace lsm::viz
