// lsm-viz: watch a run of the engine. A window, or without a display a picture or words.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/offscreen.h"
#include "app/player.h"
#include "app/window.h"

namespace lsm::viz {
namespace {

struct Arguments {
  std::string file, screenshot, view, size = "1280x720";
  uint64_t step = 0, moment = 0;
  float font = Player::kFont;
  bool text = false, follow = false, dark = false, present = false, has_step = false,
       has_moment = false;
  int width = 0, height = 0;
};

std::string ViewWords() {
  std::string words;
  for (size_t i = 0; i < kViews; ++i) {
    words += fmt::format("{}{}", i == 0 ? "" : " ", ViewWord(static_cast<View>(i)));
  }
  return words;
}

void PrintText(Source* source) {
  fmt::print("{}\n", source->about().source);
  for (size_t i = 1; i <= source->history().size(); ++i) {
    source->Seek(i);
    fmt::print("{}", TranscriptOf(source->history()));
  }
  const About& about = source->about();
  if (about.failed) {
    fmt::print("DIVERGES at moment {}, step {}: {}\n", about.divergence, about.failed_step,
               about.property);
    if (!about.key.empty()) fmt::print("  key:      {}\n", about.key);
    fmt::print("  expected: {}\n  actual:   {}\n", about.expected, about.actual);
    for (const std::string& unit : about.lost) fmt::print("  lost:     {}\n", unit);
  }
}

Status Show(const Arguments& a) {
  std::unique_ptr<Source> source;
  if (a.file.empty()) {
    source = OpenDemo();
  } else {
    LSM_ASSIGN_OR_RETURN(source, OpenSource(a.file, a.follow));
  }
  if (!source->about().problem.empty()) {
    fmt::print(stderr, "lsm-viz: {}: what is sound is shown, {} moments: {}\n", a.file,
               source->history().size(), source->about().problem);
  }
  if (a.text) {
    PrintText(source.get());
    return Status::Ok();
  }
  if (a.has_step) source->Seek(source->history().PositionOfStep(a.step + 1) - 1);
  if (a.has_moment) source->Seek(a.moment);
  Player player(source.get());
  const bool at_divergence = source->about().failed && a.view.empty();
  player.choice.view = at_divergence ? View::kCounterexample : View::kLevels;
  if (!a.view.empty()) player.choice.view = *FindView(a.view);
  player.theme = a.dark ? Theme::kDark : Theme::kLight;
  player.look.font = a.present ? Player::kPresentationFont : a.font;
  player.Resize(static_cast<float>(a.width), static_cast<float>(a.height));
  if (a.screenshot.empty()) return ShowWindow(&player, a.width, a.height);
  LSM_ASSIGN_OR_RETURN(auto offscreen, Offscreen::Create(a.width, a.height, player.look.font));
  return WritePng(offscreen->Render(player.scene(), player.theme), a.screenshot);
}

int Main(int argc, char** argv) {
  Arguments a;
  CLI::App app("Watch a run of the engine step by step.", "lsm-viz");
  app.add_option("FILE", a.file, "a trace, or an event log; without one: a demonstration");
  app.add_flag("--text", a.text, "print the whole run in words");
  app.add_option("--screenshot", a.screenshot, "write one picture (PNG); needs no display");
  app.add_option("--view", a.view, "the view to begin with: " + ViewWords())
      ->check([](const std::string& word) {
        return FindView(word) ? std::string() : "no such view: " + word;
      });
  auto* const step = app.add_option("--step", a.step, "go behind this step of the trace");
  auto* const moment =
      app.add_option("--moment", a.moment, "go behind this moment")->excludes(step);
  app.add_flag("--follow", a.follow, "the event log is still being written");
  app.add_option("--size", a.size, "of window or picture (1280x720)")
      ->check([&a](const std::string& text) {
        const bool ok = std::sscanf(text.c_str(), "%dx%d", &a.width, &a.height) == 2 &&
                        a.width >= 320 && a.width <= 7680 && a.height >= 240 && a.height <= 4320;
        return ok ? std::string() : "must be WIDTHxHEIGHT, 320x240 to 7680x4320";
      });
  app.add_option("--font", a.font, "size of text in pixels")
      ->check(CLI::Range(Player::kFontMin, Player::kFontMax));
  app.add_flag("--present", a.present, "large text, for a lecture hall");
  app.add_flag("--dark", a.dark, "light on dark");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (a.width == 0) a.width = 1280, a.height = 720;
  a.has_step = step->count() > 0;
  a.has_moment = moment->count() > 0;
  const Status s = Show(a);
  if (s.ok()) return 0;
  fmt::print(stderr, "lsm-viz: {}\n", s.ToString());
  return s.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace
}  // namespace lsm::viz

int main(int argc, char** argv) { return lsm::viz::Main(argc, argv); }
