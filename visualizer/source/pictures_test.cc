// What must hold of every picture, at every position, size and font: nothing leaves it, no two
// texts lie over each other, and each thing that can be clicked can be seen.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "layout/views.h"
#include "source/source.h"
#include "source/trace_source.h"

namespace lsm::viz {
namespace {

bool Overlap(const Label& a, const Label& b) {
  constexpr float kSlack = 1;
  const float a_right = a.x + TextWidth(a.text, a.size), b_right = b.x + TextWidth(b.text, b.size);
  return a.x + kSlack < b_right && b.x + kSlack < a_right &&
         a.y + a.size * 0.12F + kSlack < b.y + b.size * 0.9F &&
         b.y + b.size * 0.12F + kSlack < a.y + a.size * 0.9F;
}

// What is wrong with a picture; empty: nothing.
std::string FaultOf(const Scene& scene, const Look& look) {
  constexpr float kSlack = 1.5F;
  for (const Label& label : scene.labels) {
    const float right = label.x + TextWidth(label.text, label.size);
    if (label.x < -kSlack || label.y < -kSlack || right > look.width + kSlack ||
        label.y + label.size > look.height + kSlack) {
      return "leaves the picture: " + label.text;
    }
    if (label.size < look.font * 0.67F) return "too small: " + label.text;
  }
  for (size_t i = 0; i < scene.labels.size(); ++i) {
    for (size_t j = i + 1; j < scene.labels.size(); ++j) {
      if (Overlap(scene.labels[i], scene.labels[j])) {
        return "over each other: " + scene.labels[i].text + " | " + scene.labels[j].text;
      }
    }
  }
  for (const Box& box : scene.boxes) {
    const bool sound = std::isfinite(box.x + box.y + box.w + box.h) && box.w >= -kSlack &&
                       box.h >= -kSlack && box.x >= -kSlack && box.y >= -kSlack &&
                       box.right() <= look.width + kSlack && box.bottom() <= look.height + kSlack;
    if (!sound) return "a box leaves the picture";
  }
  return "";
}

struct Size {
  float width, height, font;
};
constexpr Size kSizes[] = {{1280, 720, 18}, {1280, 720, 27}, {1920, 1080, 27}, {1920, 1080, 36}};

void ExpectGoodPictures(Source* source) {
  const History& history = source->history();
  const size_t size = history.size(), stride = size / 23 + 1;
  for (size_t position = 0; position <= size; position += stride) {
    source->Seek(position);
    for (size_t view = 0; view < kViews; ++view) {
      for (const Size& s : kSizes) {
        Look look{s.width, s.height, s.font};
        Choice choice;
        choice.view = static_cast<View>(view);
        const std::string fault = FaultOf(Compose(history, source->about(), choice, look), look);
        EXPECT_EQ(fault, "") << ViewWord(choice.view) << " at " << position << ", " << s.width
                             << " wide, font " << s.font;
      }
    }
  }
}

std::unique_ptr<Source> SourceOf(const std::string& text) {
  auto trace = lab::Parse("lsmlab-trace 1\n" + text);
  EXPECT_TRUE(trace.ok()) << trace.status().ToString();
  return std::make_unique<TraceSource>(*trace, "test.trace");
}

TEST(Pictures, OfTheDemonstrationAreSound) { ExpectGoodPictures(OpenDemo().get()); }

TEST(Pictures, OfAFailingTraceAreSound) {
  // P8: the database cannot be opened with such an option.
  const auto source = SourceOf("option memtable_bytes 1\nc0 put k v\nc0 get k\n");
  EXPECT_TRUE(source->about().failed);
  ExpectGoodPictures(source.get());
}

TEST(Pictures, OfManyTinyRunsWithLongKeysAreSound) {
  std::string text = "option policy tiered\noption runs_per_level 9\n";
  const std::string prefix(80, 'k');
  for (int i = 0; i < 40; ++i) {
    text +=
        "c0 put " + prefix + std::to_string(i % 7) + " @200:" + std::to_string(i) + "\nc0 flush\n";
  }
  ExpectGoodPictures(SourceOf(text).get());
}

TEST(Pictures, OfNothingAreSound) {
  const History history;
  const About about;
  for (size_t view = 0; view < kViews; ++view) {
    Choice choice;
    choice.view = static_cast<View>(view);
    EXPECT_EQ(FaultOf(Compose(history, about, choice, {}), {}), "") << ViewWord(choice.view);
  }
}

TEST(Pictures, TheHelpIsSound) {
  for (const Size& s : kSizes) {
    const Look look{s.width, s.height, s.font};
    Choice choice;
    choice.help = true;
    EXPECT_EQ(FaultOf(Compose(History(), About(), choice, look), look), "");
  }
}

TEST(Pictures, AFaultIsSeen) {
  Scene scene;
  scene.labels.push_back({10, 10, 18, Ink::kText, "one"});
  EXPECT_EQ(FaultOf(scene, {}), "");
  scene.labels.push_back({20, 15, 18, Ink::kText, "two"});
  EXPECT_EQ(FaultOf(scene, {}), "over each other: one | two");
  scene.labels.back() = {1270, 100, 18, Ink::kText, "two"};
  EXPECT_EQ(FaultOf(scene, {}), "leaves the picture: two");
  scene.labels.back() = {100, 100, 9, Ink::kText, "two"};
  EXPECT_EQ(FaultOf(scene, {}), "too small: two");
  scene.labels.pop_back();
  scene.Add({0, 0, 2000, 10});
  EXPECT_EQ(FaultOf(scene, {}), "a box leaves the picture");
}

TEST(Pictures, EveryTableOfTheTreeCanBeClicked) {
  const auto source = OpenDemo();
  source->Seek(source->history().PositionOfStep(250));
  const Scene scene = Compose(source->history(), source->about(), {}, {});
  std::set<uint64_t> shown, there;
  for (const Target& target : scene.targets) {
    if (target.kind == Target::Kind::kTable) shown.insert(target.value);
  }
  for (const auto& table : source->history().tree().tables()) there.insert(table->file);
  EXPECT_GT(there.size(), 3U);
  EXPECT_EQ(shown, there);
}

TEST(Pictures, AHundredThousandTablesAreFolded) {
  History history;
  event::VersionInstalled edit;
  for (uint64_t i = 0; i < 100'000; ++i) {
    const std::string key = "k" + std::to_string(1'000'000 + i);
    edit.added.push_back({i + 1, 2, 0, 1000, key, key + "z"});
  }
  history.Append({1, edit, ""});
  history.Seek(1);
  const Look look;
  const Scene scene = Compose(history, {}, {}, look);
  EXPECT_EQ(FaultOf(scene, look), "");
  EXPECT_LT(scene.boxes.size(), 2000U);
  EXPECT_NE(ToText(scene).find("100000 files"), std::string::npos) << ToText(scene);
}

}  // namespace
}  // namespace lsm::viz
