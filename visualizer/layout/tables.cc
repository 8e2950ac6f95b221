// The views that are mostly text: counters, events, and a trace with its verdict.
#include <fmt/format.h>

#include <algorithm>

#include "events/event_text.h"
#include "layout/views.h"

namespace lsm::viz {
namespace {

struct Tile {
  const char* name;
  std::string value;
};

std::string Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? "n/a" : fmt::format("{:.2f}", static_cast<double>(a) / static_cast<double>(b));
}

std::vector<Tile> TilesOf(const Counters& c) {
  return {{"updates written", std::to_string(c.updates)},
          {"bytes by users", Bytes(c.user_bytes)},
          {"bytes to storage", Bytes(c.BytesOut())},
          {"write amplification", Ratio(c.BytesOut(), c.user_bytes)},
          {"to the log", Bytes(c.wal_bytes)},
          {"syncs of the log", std::to_string(c.wal_syncs)},
          {"flushes", fmt::format("{}  {}", c.flushes, Bytes(c.flush_bytes))},
          {"compactions", fmt::format("{}  {}", c.compactions, Bytes(c.compaction_written))},
          {"moves for free", std::to_string(c.moves)},
          {"versions dropped", std::to_string(c.dropped)},
          {"places asked", std::to_string(c.hops)},
          {"saved by filters", std::to_string(c.filter_no)},
          {"false positives", std::to_string(c.false_positives)},
          {"stalls", fmt::format("{}  {} us", c.stalls, c.stall_us)},
          {"recoveries", std::to_string(c.recoveries)},
          {"errors", std::to_string(c.errors)}};
}

// Rows of a list with one of them in the middle as far as there are others.
struct Window {
  size_t begin, end;
};
Window Around(size_t current, size_t size, size_t rows) {
  const size_t shown = std::min(size, rows);
  const size_t begin = std::min(current > rows / 2 ? current - rows / 2 : 0, size - shown);
  return {begin, begin + shown};
}

void Operations(const History& history, const About& about, const Look& look, const Box& in,
                Scene* scene) {
  const float size = look.font, row = size * 1.45F;
  const uint64_t now_step = history.now() == nullptr ? 0 : history.now()->step;
  const auto rows = static_cast<size_t>(in.h / row);
  const Window window = Around(now_step == 0 ? 0 : now_step - 1, about.operations.size(), rows);
  float y = in.y;
  for (size_t i = window.begin; i < window.end; ++i, y += row) {
    const bool wrong = about.failed && i + 1 == about.failed_step, now = i + 1 == now_step;
    const Box line{in.x, y, in.w, row};
    if (now)
      scene->Add({line.x, line.y, line.w, line.h, Ink::kPaper, Ink::kAccent, Pattern::kSolid, 2});
    scene->targets.push_back({line, Target::Kind::kMoment, history.PositionOfStep(i + 1)});
    std::string text = fmt::format("{}{:>3}. {}",
                                   wrong ? '!'
                                   : now ? '>'
                                         : ' ',
                                   i + 1, about.operations[i]);
    const bool past = i + 1 < now_step || (now && history.now()->event == std::nullopt);
    if (past && i < about.answers.size() && !about.answers[i].empty()) {
      text += "  -> " + about.answers[i];
    }
    scene->Text(in.x + size * 0.3F, y + size * 0.2F, in.w - size * 0.6F, size,
                wrong              ? Ink::kBad
                : i + 1 > now_step ? Ink::kDim
                                   : Ink::kText,
                text);
  }
}

float Verdict(const About& about, const Look& look, const Box& in, Scene* scene) {
  const float size = look.font;
  float y = in.y;
  const auto say = [&](Ink ink, float s, const std::string& text, int lines) {
    y += s * 1.25F * static_cast<float>(scene->Paragraph(in.x, y, in.w, s, ink, text, lines));
    y += size * 0.3F;
  };
  if (!about.failed) {
    say(Ink::kOutput, size * 1.1F, "All answers are as they must be.", 2);
    return y;
  }
  say(Ink::kBad, size * 1.1F, "BROKEN: " + about.property, 3);
  if (!about.key.empty()) say(Ink::kText, size, "key:      " + about.key, 1);
  say(Ink::kText, size, "expected: " + about.expected, 3);
  say(Ink::kBad, size, "actual:   " + about.actual, 3);
  if (!about.lost.empty()) {
    say(Ink::kText, size, "Lost with the power:", 1);
    for (size_t i = 0; i < about.lost.size() && i < 4; ++i) {
      say(Ink::kDim, size * 0.85F, "  " + about.lost[i], 1);
    }
    if (about.lost.size() > 4) {
      say(Ink::kDim, size * 0.85F, fmt::format("  and {} more", about.lost.size() - 4), 1);
    }
  }
  return y;
}

}  // namespace

void LayoutCounters(const History& history, const Look& look, const Box& area, Scene* scene) {
  const std::vector<Tile> tiles = TilesOf(history.state().counters);
  const float gap = look.font * 0.4F;
  const size_t columns = 4, rows = (tiles.size() + columns - 1) / columns;
  const float w = (area.w - gap * (columns - 1)) / columns;
  const float h = (area.h - gap * static_cast<float>(rows - 1)) / static_cast<float>(rows);
  const float value = std::min(look.font * 1.7F, h * 0.35F);
  for (size_t i = 0; i < tiles.size(); ++i) {
    const Box box{area.x + static_cast<float>(i % columns) * (w + gap),
                  area.y + static_cast<float>(i / columns) * (h + gap), w, h, Ink::kPanel};
    scene->Add(box);
    const float pad = look.font * 0.5F, y = box.y + (h - value - look.font * 1.3F) / 2;
    scene->Text(box.x + pad, y, w - 2 * pad, value, Ink::kText, tiles[i].value);
    scene->Text(box.x + pad, y + value * 1.2F, w - 2 * pad, look.font, Ink::kDim, tiles[i].name);
  }
}

void LayoutEvents(const History& history, const Look& look, const Box& area, Scene* scene) {
  const Box in = Panel(area, look, "Events as the engine told them: click one to go there", scene);
  const float size = look.font, row = size * 1.45F;
  const size_t current = history.position() == 0 ? 0 : history.position() - 1;
  const Window window = Around(current, history.size(), static_cast<size_t>(in.h / row));
  float y = in.y;
  for (size_t i = window.begin; i < window.end; ++i, y += row) {
    const Moment& moment = history.moments()[i];
    const Kind kind = KindOf(moment);
    const bool now = i + 1 == history.position();
    const Box line{in.x, y, in.w, row};
    if (now)
      scene->Add({line.x, line.y, line.w, line.h, Ink::kPaper, Ink::kAccent, Pattern::kSolid, 2});
    scene->targets.push_back({line, Target::Kind::kMoment, i + 1});
    DrawMark(kind, in.x + size * 0.3F, y + size * 0.2F, size, scene);
    const std::string text = moment.event ? FormatEvent(*moment.event) : moment.note;
    scene->Text(in.x + size * 1.8F, y + size * 0.2F, in.w - size * 2, size,
                i + 1 > history.position() ? Ink::kDim : Ink::kText,
                fmt::format("{:>5}  {}", i + 1, text));
  }
}

void LayoutCounterexample(const History& history, const About& about, const Choice& choice,
                          const Look& look, const Box& area, Scene* scene) {
  const float gap = look.font * 0.5F;
  if (about.operations.empty()) {
    const Box in = Panel(area, look, "Trace", scene);
    scene->Paragraph(in.x, in.y + look.font, in.w, look.font * 1.2F, Ink::kDim,
                     "This source is no trace: there are events, but no operations and no verdict.",
                     3);
    return;
  }
  const float left = area.w * 0.5F, top = area.h * 0.45F;
  const Box list = Panel({area.x, area.y, left, area.h}, look, "Operations and answers", scene);
  Operations(history, about, look, list, scene);
  const Box right{area.x + left + gap, area.y, area.w - left - gap, top};
  Scene words;
  const Box in = Panel(right, look, "Verdict", &words);
  const float end = Verdict(about, look, in, &words) + gap;
  const float used = std::max(right.bottom(), std::min(end, area.bottom()));
  words.boxes.front().h = used - right.y;
  for (const Box& box : words.boxes) scene->Add(box);
  for (const Label& label : words.labels) {
    if (label.y + label.size <= area.bottom()) scene->labels.push_back(label);
  }
  const Box tree{right.x, used + gap, right.w, area.bottom() - used - gap};
  if (tree.h > look.font * 8) {
    Look small = look;
    small.font *= 0.85F;
    LayoutLevels(history, about, choice, small, tree, scene);
  }
}

}  // namespace lsm::viz
