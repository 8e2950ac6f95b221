// The frame round every view: header with tabs, caption, timeline, help.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "layout/views.h"

namespace lsm::viz {
namespace {

struct Entry {
  View view;
  const char* name;
  const char* word;
};
constexpr Entry kEntries[kViews] = {
    {View::kLevels, "Levels", "levels"},        {View::kCompaction, "Compaction", "compaction"},
    {View::kMemory, "Memory+WAL", "memory"},    {View::kLookup, "Lookup", "lookup"},
    {View::kCurves, "Amplification", "curves"}, {View::kCounters, "Counters", "counters"},
    {View::kEvents, "Events", "events"},        {View::kCounterexample, "Trace", "trace"}};

constexpr const char* kHelp[] = {
    "Space          play, pause           [  ]   slower, faster",
    "Left  Right    one moment            Shift  ten at once",
    "Up  Down       one step of a trace   Home End  first, last",
    "PgUp PgDn      the same: for clickers",
    "Tab, 1 to 8    views                 click  a tab, a table, the timeline",
    "D              to the divergence     +  -   font",
    "P              presentation          T      light, dark",
    "S              save a picture        ?      this help",
    "",
    "Enter          of a trace: run an operation on the engine, behind this",
    "               step: put k v   delete k   get k   flush   compact",
    "X              of a trace: the power fails now, what is not synced is lost"};

float HeaderHeight(const Look& look) { return look.font * 1.9F; }

// Tabs; where they do not fit, only their numbers and the name of the one that shows.
float Tabs(const Choice& choice, const Look& look, Scene* scene) {
  float wide = look.font;
  for (const Entry& e : kEntries) wide += TextWidth(e.name, look.font) + look.font * 1.9F;
  const bool names = wide < look.width * 0.98F;
  float x = look.font * 0.5F;
  for (const Entry& e : kEntries) {
    const bool on = e.view == choice.view;
    const auto index = static_cast<int>(e.view);
    const std::string text =
        names || on ? fmt::format("{} {}", index + 1, e.name) : fmt::format("{}", index + 1);
    const Box tab{x, look.font * 0.25F, TextWidth(text, look.font) + look.font * 0.7F,
                  HeaderHeight(look) - look.font * 0.35F, on ? Ink::kAccent : Ink::kPanel};
    scene->Add(tab);
    scene->targets.push_back({tab, Target::Kind::kView, static_cast<uint64_t>(index)});
    scene->labels.push_back(
        {x + look.font * 0.35F, look.font * 0.5F, look.font, on ? Ink::kPaper : Ink::kText, text});
    x += tab.w + look.font * 0.25F;
  }
  return x;
}

std::string WhereText(const History& history, const About& about) {
  const Moment* const now = history.now();
  std::string text = fmt::format("moment {} of {}", history.position(), history.size());
  if (!about.operations.empty() && now != nullptr && now->step > 0) {
    text += fmt::format(", step {} of {}", std::min<uint64_t>(now->step, about.operations.size()),
                        about.operations.size());
  }
  return text + "   " + about.source;
}

// What happens now, in large letters. Returns where it ends.
float Caption(const History& history, const About& about, const Look& look, Scene* scene) {
  const float pad = look.font * 0.6F, width = look.width - 2 * pad;
  float y = HeaderHeight(look) + look.font * 0.35F;
  const Moment* const now = history.now();
  const bool divergence = about.failed && history.position() == about.divergence && now != nullptr;
  const std::string said =
      now == nullptr ? history.size() == 0 ? "Nothing has happened"
                                           : "Nothing has happened yet. Right arrow: next moment"
                     : Narrate(*now);
  const Kind kind = now == nullptr ? Kind::kNote : KindOf(*now);
  const float size = look.font * 1.25F;
  const Ink ink = divergence ? Ink::kBad : Ink::kText;
  const float mark = size * 1.1F;
  DrawMark(divergence ? Kind::kError : kind, pad, y, size, scene);
  scene->Paragraph(pad + mark * 1.4F, y, width - mark * 1.4F, size, ink,
                   divergence ? "DIVERGES HERE: " + said : said, 2);
  y += size * 2.6F;
  std::string status = WhereText(history, about);
  Ink status_ink = Ink::kDim;
  if (!history.state().stall.empty())
    status_ink = Ink::kBad, status = "WRITERS WAIT: " + history.state().stall;
  if (!history.state().error.empty())
    status_ink = Ink::kBad, status = "ERROR: " + history.state().error;
  if (!about.problem.empty() && history.position() == history.size()) {
    status_ink = Ink::kBad;
    status = "The source ends here: " + about.problem;
  }
  scene->Text(pad, y, width, look.font * 0.85F, status_ink, status);
  return y + look.font * 1.2F;
}

// Which kind a bucket of moments shows: the rarest that is in it, errors above all.
constexpr std::array<Kind, kKinds> kByWeight = {Kind::kError,      Kind::kStall, Kind::kRecovery,
                                                Kind::kCompaction, Kind::kFlush, Kind::kRead,
                                                Kind::kWrite,      Kind::kNote};

void TimelineLegend(const Look& look, float y, Scene* scene) {
  float x = look.font * 0.6F;
  const float size = look.font * 0.8F;
  for (size_t i = kKinds; i-- > 0;) {
    const Kind kind = kByWeight[i];
    const std::string text = fmt::format("{} {}", LetterOf(kind), KindName(kind));
    const float width = TextWidth(text, size);
    if (x + width + size * 1.5F > look.width) return;
    scene->Add({x, y + size * 0.15F, size * 0.7F, size * 0.7F, InkOf(kind)});
    scene->Text(x + size, y, width + 1, size, Ink::kDim, text);
    x += width + size * 2.2F;
  }
}

void Timeline(const History& history, const About& about, const Look& look, float y, Scene* scene) {
  const float left = look.font * 0.6F, width = look.width - 2 * left, height = look.font * 1.5F;
  const size_t size = history.size();
  scene->Add({left, y, width, height, Ink::kPanel});
  if (size > 0) {
    const size_t buckets = std::min(size, static_cast<size_t>(width / 4));
    const float bar = width / static_cast<float>(buckets);
    for (size_t b = 0; b < buckets; ++b) {
      const size_t begin = b * size / buckets, end = (b + 1) * size / buckets;
      // A long run is sampled: a bucket shows what 64 of its moments are.
      const size_t stride = std::max<size_t>(1, (end - begin) / 64);
      size_t best = kByWeight.size() - 1;
      for (size_t i = begin; i < end; i += stride) {
        const Kind kind = KindOf(history.moments()[i]);
        const auto* const at = std::find(kByWeight.begin(), kByWeight.end(), kind);
        best = std::min(best, static_cast<size_t>(at - kByWeight.begin()));
      }
      const float h = height * (1 - 0.1F * static_cast<float>(best));
      scene->Add({left + static_cast<float>(b) * bar, y + height - h, std::max(1.0F, bar - 1), h,
                  InkOf(kByWeight[best])});
      scene->targets.push_back(
          {{left + static_cast<float>(b) * bar, y, bar, height}, Target::Kind::kMoment, end});
    }
    const auto mark = [&](size_t position, Ink ink, float thick) {
      const float x = left + width * static_cast<float>(position) / static_cast<float>(size);
      scene->Rule(x, y - look.font * 0.3F, x, y + height + look.font * 0.15F, ink, thick);
    };
    if (about.failed) mark(about.divergence, Ink::kBad, 3);
    mark(history.position(), Ink::kText, 3);
  }
  TimelineLegend(look, y + height + look.font * 0.35F, scene);
}

void Help(const Look& look, Scene* scene) {
  *scene = Scene();
  scene->Add({0, 0, look.width, look.height, Ink::kPaper});
  const float pad = look.font * 1.5F;
  float size = look.font * 1.2F;
  size_t longest = 1;
  for (const char* line : kHelp) longest = std::max(longest, std::string(line).size());
  size = std::min(size, (look.width - 2 * pad) / (static_cast<float>(longest) * kCharWidth));
  scene->Text(pad, pad, look.width - 2 * pad, size * 1.4F, Ink::kAccent, "Keys");
  float y = pad + size * 2.5F;
  for (const char* line : kHelp) {
    scene->Text(pad, y, look.width - 2 * pad + 1, size, Ink::kText, line);
    y += size * 1.6F;
  }
}

}  // namespace

const char* ViewName(View view) { return kEntries[static_cast<size_t>(view)].name; }
const char* ViewWord(View view) { return kEntries[static_cast<size_t>(view)].word; }

std::optional<View> FindView(const std::string& word) {
  for (const Entry& e : kEntries) {
    if (word == e.word) return e.view;
  }
  return std::nullopt;
}

Ink InkOf(Kind kind) {
  static constexpr Ink kInksOfKinds[kKinds] = {Ink::kAccent, Ink::kDim, Ink::kTable,  Ink::kInput,
                                               Ink::kRead,   Ink::kBad, Ink::kOutput, Ink::kBad};
  return kInksOfKinds[static_cast<size_t>(kind)];
}

void DrawMark(Kind kind, float x, float y, float size, Scene* scene) {
  const Ink fill = InkOf(kind);
  const bool strong = fill == Ink::kAccent || fill == Ink::kDim;  // as dark or as light as text is
  scene->Add({x, y, size * 1.1F, size * 1.1F, fill});
  scene->labels.push_back({x + size * (1.1F - kCharWidth) / 2, y + size * 0.05F, size,
                           strong ? Ink::kPaper : Ink::kOnColour, std::string(1, LetterOf(kind))});
}

char LetterOf(Kind kind) { return "OWFCRSV!"[static_cast<size_t>(kind)]; }

Box Panel(const Box& area, const Look& look, const std::string& title, Scene* scene) {
  const float pad = look.font * 0.5F, head = look.font * 1.6F;
  scene->Add({area.x, area.y, area.w, area.h, Ink::kPanel});
  scene->Text(area.x + pad, area.y + pad * 0.6F, area.w - 2 * pad, look.font, Ink::kAccent, title);
  return {area.x + pad, area.y + head, area.w - 2 * pad, area.h - head - pad};
}

Scene Compose(const History& history, const About& about, const Choice& choice, const Look& look) {
  Scene scene;
  scene.Add({0, 0, look.width, look.height, Ink::kPaper});
  if (choice.help) {
    Help(look, &scene);
    return scene;
  }
  Tabs(choice, look, &scene);
  const float top = Caption(history, about, look, &scene);
  const float bottom = look.height - look.font * 3.2F;
  const float pad = look.font * 0.6F;
  const Box area{pad, top, look.width - 2 * pad, bottom - top - look.font * 0.6F};
  switch (choice.view) {
    case View::kLevels:
      LayoutLevels(history, about, choice, look, area, &scene);
      break;
    case View::kCompaction:
      LayoutCompaction(history, look, area, &scene);
      break;
    case View::kMemory:
      LayoutMemory(history, about, look, area, &scene);
      break;
    case View::kLookup:
      LayoutLookup(history, look, area, &scene);
      break;
    case View::kCurves:
      LayoutCurves(history, about, look, area, &scene);
      break;
    case View::kCounters:
      LayoutCounters(history, look, area, &scene);
      break;
    case View::kEvents:
      LayoutEvents(history, look, area, &scene);
      break;
    case View::kCounterexample:
      LayoutCounterexample(history, about, choice, look, area, &scene);
      break;
  }
  Timeline(history, about, look, bottom, &scene);
  return scene;
}

}  // namespace lsm::viz
