// Player: what keys, clicks and time do, without a window. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "app/draw.h"
#include "source/source.h"

namespace lsm::viz {

enum class Key : uint8_t {
  kNone,
  kSpace,
  kLeft,
  kRight,
  kUp,
  kDown,
  kHome,
  kEnd,
  kTab,
  kEnter,
  kEscape,
  kBackspace
};

class Player {
 public:
  static constexpr float kFont = 18, kPresentationFont = 27, kFontMin = 14, kFontMax = 36;

  explicit Player(Source* source) : source_(source) {}

  void Press(Key key, bool shift);
  void Type(char c);  // a printable character: a command, or part of an operation by hand
  void Click(float x, float y);
  void Tick(double seconds);  // time has passed
  void Resize(float width, float height);

  // The picture. Laid out anew when something has changed.
  const Scene& scene();
  bool TakeChanged() { return std::exchange(changed_, false); }
  void Touch() { changed_ = true; }  // what is on the screen is lost
  void Say(const std::string& message) {
    message_ = message;
    changed_ = stale_ = true;
  }
  bool playing() const { return playing_; }
  bool typing() const { return typing_; }
  bool WantsPicture() { return std::exchange(wants_picture_, false); }
  bool quit() const { return quit_; }

  Choice choice;
  Look look;
  Theme theme = Theme::kLight;

 private:
  void Go(int64_t moments);
  void GoSteps(int64_t steps);
  void Run(const std::string& operation);
  void Command(char c);

  Source* const source_;
  Scene scene_;
  bool changed_ = true, stale_ = true;
  bool playing_ = false, wants_picture_ = false, quit_ = false, typing_ = false;
  double per_second_ = 8, owed_ = 0;  // moments
  std::string typed_, message_;
};

}  // namespace lsm::viz
