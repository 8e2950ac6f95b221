#include "app/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lsm::viz {

void Player::Go(int64_t moments) {
  const auto position = static_cast<int64_t>(source_->history().position());
  source_->Seek(static_cast<size_t>(std::max<int64_t>(0, position + moments)));
}

// To where another step begins; without steps as far as ten moments.
void Player::GoSteps(int64_t steps) {
  const History& history = source_->history();
  const uint64_t step = history.now() == nullptr ? 0 : history.now()->step;
  if (steps < 0 && step < static_cast<uint64_t>(-steps)) return source_->Seek(0);
  // The operation's own line is the last moment of its step.
  const uint64_t wanted = step + static_cast<uint64_t>(steps);
  source_->Seek(history.PositionOfStep(wanted + 1) - (wanted < history.moments().back().step));
}

void Player::Press(Key key, bool shift) {
  changed_ = stale_ = true;
  message_.clear();
  const int64_t many = shift ? 10 : 1;
  if (typing_) {
    if (key == Key::kEnter) Run(std::exchange(typed_, ""));
    if (key == Key::kEnter || key == Key::kEscape) typing_ = false;
    if (key == Key::kBackspace && !typed_.empty()) typed_.pop_back();
    return;
  }
  if (source_->history().size() == 0 && key != Key::kEscape && key != Key::kTab) return;
  switch (key) {
    case Key::kSpace:
      playing_ = !playing_;
      if (playing_ && source_->history().position() == source_->history().size()) source_->Seek(0);
      break;
    case Key::kLeft:
      Go(-many);
      break;
    case Key::kRight:
      Go(many);
      break;
    case Key::kUp:
      GoSteps(-many);
      break;
    case Key::kDown:
      GoSteps(many);
      break;
    case Key::kHome:
      source_->Seek(0);
      break;
    case Key::kEnd:
      source_->Seek(source_->history().size());
      break;
    case Key::kTab: {
      const size_t step = shift ? kViews - 1 : 1;
      choice.view = static_cast<View>((static_cast<size_t>(choice.view) + step) % kViews);
      break;
    }
    case Key::kEnter:
      typing_ = true;
      typed_.clear();
      break;
    case Key::kEscape:
      if (!choice.help) quit_ = true;
      choice.help = false;
      break;
    case Key::kBackspace:
    case Key::kNone:
      break;
  }
}

void Player::Type(char c) {
  changed_ = stale_ = true;
  if (typing_) {
    typed_.push_back(c);
  } else {
    message_.clear();
    Command(c);
  }
}

void Player::Command(char c) {
  const auto font = [this](float size) { look.font = std::clamp(size, kFontMin, kFontMax); };
  if (c >= '1' && c < '1' + static_cast<char>(kViews)) choice.view = static_cast<View>(c - '1');
  if (c == '?') choice.help = !choice.help;
  if (c == '+') font(look.font + 2);
  if (c == '-') font(look.font - 2);
  if (c == 'p' || c == 'P') font(look.font < kPresentationFont ? kPresentationFont : kFont);
  if (c == 't' || c == 'T') theme = theme == Theme::kLight ? Theme::kDark : Theme::kLight;
  if (c == 's' || c == 'S') wants_picture_ = true;
  if (c == 'x' || c == 'X') Run("crash at=0 keep=none");
  if ((c == 'd' || c == 'D') && source_->about().failed) source_->Seek(source_->about().divergence);
  if (c == '[') per_second_ = std::max(0.5, per_second_ / 2);
  if (c == ']') per_second_ = std::min(4096.0, per_second_ * 2);
  if (c == '[' || c == ']') Say(fmt::format("{} moments a second", per_second_));
}

void Player::Run(const std::string& operation) {
  const Status s = source_->Do(operation);
  if (!s.ok()) Say(std::string(s.message()));
}

void Player::Click(float x, float y) {
  changed_ = stale_ = true;
  const std::vector<Target>& targets = scene().targets;
  for (size_t i = targets.size(); i-- > 0;) {
    const Box& area = targets[i].area;
    if (x < area.x || x >= area.right() || y < area.y || y >= area.bottom()) continue;
    const uint64_t value = targets[i].value;
    if (targets[i].kind == Target::Kind::kView) choice.view = static_cast<View>(value);
    if (targets[i].kind == Target::Kind::kMoment) source_->Seek(value);
    if (targets[i].kind == Target::Kind::kTable) choice.table = choice.table == value ? 0 : value;
    break;
  }
  stale_ = true;
}

void Player::Tick(double seconds) {
  const bool at_end = source_->history().position() == source_->history().size();
  if (source_->Poll()) {
    if (at_end) source_->Seek(source_->history().size());
    changed_ = stale_ = true;
  }
  if (!playing_) return;
  owed_ += seconds * per_second_;
  const auto whole = static_cast<int64_t>(owed_);
  if (whole == 0) return;
  owed_ -= static_cast<double>(whole);
  Go(whole);
  changed_ = stale_ = true;
  if (source_->history().position() == source_->history().size()) playing_ = false;
}

void Player::Resize(float width, float height) {
  if (width == look.width && height == look.height) return;
  look.width = width;
  look.height = height;
  changed_ = stale_ = true;
}

const Scene& Player::scene() {
  if (!stale_) return scene_;
  scene_ = Compose(source_->history(), source_->about(), choice, look);
  stale_ = false;
  const std::string line =
      typing_ ? "operation: " + typed_ + "_   (Enter runs it, Escape does not)" : message_;
  if (line.empty()) return scene_;
  const float h = look.font * 2, y = look.height - look.font * 6;
  const Box bar{0, y, look.width, h, Ink::kAccent};
  const auto under = [&bar](const Label& l) { return l.y + l.size > bar.y && l.y < bar.bottom(); };
  std::vector<Label>& labels = scene_.labels;
  labels.erase(std::remove_if(labels.begin(), labels.end(), under), labels.end());
  scene_.Add(bar);
  scene_.Text(look.font, y + look.font * 0.4F, look.width - 2 * look.font, look.font * 1.2F,
              Ink::kPaper, line);
  return scene_;
}

}  // namespace lsm::viz
