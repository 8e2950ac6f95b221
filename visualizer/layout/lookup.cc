// The newest lookup: the places that were asked, in their order, and what each one answered.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "layout/views.h"

namespace lsm::viz {
namespace {

struct Meaning {
  const char* answer;
  const char* words;
  Ink ink;
};
constexpr Meaning kMeanings[] = {
    {"filter-no", "its filter says no: nothing is read", Ink::kOutput},
    {"false-positive", "its filter said maybe, in vain: a block was read for nothing", Ink::kBad},
    {"miss", "looked into: not there", Ink::kInput},
    {"found", "FOUND: the newest version; older ones below are not asked", Ink::kRead},
    {"deleted", "a TOMBSTONE: the key is deleted; nothing below is asked", Ink::kBad}};

const Meaning& MeaningOf(const std::string& answer) {
  for (const Meaning& m : kMeanings) {
    if (answer == m.answer) return m;
  }
  return kMeanings[2];
}

}  // namespace

void LayoutLookup(const History& history, const Look& look, const Box& area, Scene* scene) {
  const std::vector<event::LookupHop>& hops = history.state().hops;
  const float size = look.font;
  if (hops.empty()) {
    const Box in = Panel(area, look, "Point lookup", scene);
    scene->Paragraph(in.x, in.y + size, in.w, size * 1.2F, Ink::kDim,
                     "No Get has been seen yet. One asks the memtable first, then the sealed ones, "
                     "then each level from the newest run down, and stops where it finds the key.",
                     4);
    return;
  }
  const Counters& c = history.state().counters;
  const Box in = Panel(
      area, look, "Get " + Escape(hops.back().key) + ": places asked, newest data first", scene);
  const float foot = size * 1.6F;
  const float most = in.h - foot;
  // The engine does not tell of memtables that have nothing.
  const bool from_memory = hops.front().place.find(':') == std::string::npos;
  std::vector<event::LookupHop> all;
  if (!from_memory) all.push_back({"", "memtables", "miss"});
  all.insert(all.end(), hops.begin(), hops.end());
  const auto count = static_cast<float>(all.size());
  const float row = std::min(size * 4.5F, most / count);
  const float place = std::min(size * 12, in.w * 0.3F);
  for (size_t i = 0; i < all.size() && row >= size * 1.2F; ++i) {
    const Meaning& m = MeaningOf(all[i].answer);
    const float y = in.y + row * static_cast<float>(i);
    const Box box{in.x, y + 2, place, row * 0.72F, m.ink};
    scene->Add(box);
    scene->Inside(box, size, Ink::kOnColour, all[i].place);
    scene->Text(in.x + place + size, y + 2 + (row * 0.72F - size) / 2, in.w - place - size, size,
                Ink::kText, fmt::format("{}. {}", i + 1, m.words));
    if (i + 1 < all.size()) {
      const float x = in.x + place / 2;
      scene->Rule(x, y + 2 + row * 0.72F, x, y + 2 + row, Ink::kDim, 3);
    }
  }
  scene->Text(
      in.x, in.bottom() - size, in.w, size * 0.85F, Ink::kDim,
      fmt::format("all lookups: {} places asked, {} of them left out by a filter, {} in vain",
                  c.hops, c.filter_no, c.false_positives));
}

}  // namespace lsm::viz
