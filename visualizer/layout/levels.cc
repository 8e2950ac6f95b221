// The home view: a lane a level, a row a run, a box a table; x is the rank of its keys.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/escape.h"
#include "layout/views.h"

namespace lsm::viz {
namespace {

constexpr float kFoldBelow = 3;  // narrower tables are folded into one marked item

struct Run {
  std::vector<EventTree::TableRef> tables;
};

struct Lane {
  std::vector<Run> runs;  // newest first
  uint64_t bytes = 0;
  size_t files = 0;
};

std::vector<Lane> LanesOf(const EventTree& tree) {
  std::vector<Lane> lanes(3);
  uint64_t run = 0;
  for (const EventTree::TableRef& table : tree.tables()) {
    const auto level = static_cast<size_t>(std::max(0, table->level));
    if (lanes.size() <= level) lanes.resize(level + 1);
    Lane& lane = lanes[level];
    if (lane.runs.empty() || table->run != run) lane.runs.emplace_back();
    run = table->run;
    lane.runs.back().tables.push_back(table);
    lane.bytes += table->bytes;
    ++lane.files;
  }
  return lanes;
}

// How tables are shown, decided by what happens to them.
class Roles {
 public:
  Roles(const History& history, const Choice& choice) : chosen_(choice.table) {
    for (const Job& job : history.state().jobs) {
      if (job.done) continue;
      for (const auto& table : job.inputs) inputs_[table->file] = true;
    }
    for (const auto& table : history.change().added) fresh_[table->file] = true;
  }
  void Draw(const event::Table& table, const Box& box, const Look& look, Scene* scene) const {
    Ink fill = Ink::kTable, edge = Ink::kNone;
    Pattern pattern = Pattern::kSolid;
    if (inputs_.count(table.file) > 0) fill = Ink::kInput, pattern = Pattern::kHatch;
    if (fresh_.count(table.file) > 0) fill = Ink::kOutput;
    if (table.file == chosen_) edge = Ink::kText;
    DrawTable(table, box, fill, edge, pattern, look, scene);
    scene->targets.push_back({box, Target::Kind::kTable, table.file});
  }

 private:
  const uint64_t chosen_;
  std::map<uint64_t, bool> inputs_, fresh_;
};

uint64_t TargetOf(const About& about, size_t level) {
  if (level == 0 || about.level1_bytes == 0) return 0;
  uint64_t target = about.level1_bytes;
  for (size_t l = 1; l < level; ++l) target *= static_cast<uint64_t>(std::max(2, about.size_ratio));
  return target;
}

std::string FillText(const Lane& lane, const About& about, size_t level) {
  const uint64_t target = TargetOf(about, level);
  if (level == 0 && about.l0_trigger > 0) {
    return fmt::format("{} of {} runs", lane.runs.size(), about.l0_trigger);
  }
  if (target == 0) return Bytes(lane.bytes);
  return fmt::format("{} of {}", Bytes(lane.bytes), Bytes(target));
}

double FillOf(const Lane& lane, const About& about, size_t level) {
  const uint64_t target = TargetOf(about, level);
  if (level == 0 && about.l0_trigger > 0) {
    return static_cast<double>(lane.runs.size()) / about.l0_trigger;
  }
  return target == 0 ? 0 : static_cast<double>(lane.bytes) / static_cast<double>(target);
}

// Each run is a row; all rows are as high as there is room, but a lane has room for its name.
class Heights {
 public:
  Heights(const std::vector<Lane>& lanes, const Look& look, float free) {
    least_ = std::min(look.font * 1.5F, free / static_cast<float>(lanes.size()));
    float rows = 0;
    for (const Lane& lane : lanes) rows += Rows(lane);
    row_ = std::min(look.font * 5.5F, free / rows);
    if (row_ >= least_) return;
    rows = 0;
    for (const Lane& lane : lanes) {
      if (row_ * Rows(lane) < least_) {
        free -= least_;
      } else {
        rows += Rows(lane);
      }
    }
    if (rows > 0) row_ = free / rows;
  }
  float Of(const Lane& lane) const { return std::max(least_, row_ * Rows(lane)); }

 private:
  static float Rows(const Lane& lane) {
    return std::max(1.0F, static_cast<float>(lane.runs.size()));
  }
  float least_ = 0, row_ = 0;
};

// Name, fill against target and number of tables, at the left of a lane.
void Side(const Lane& lane, const About& about, size_t level, const Look& look, const Box& side,
          Scene* scene) {
  const float size = look.font;
  const float inner = side.w - size * 0.8F, x = side.x + size * 0.4F;
  const float name = std::min(size * 1.3F, side.h * 0.8F);
  scene->Text(x, side.y + std::min(size * 0.2F, side.h * 0.1F), inner, name, Ink::kText,
              fmt::format("L{}  {} file{}", level, lane.files, lane.files == 1 ? "" : "s"));
  if (side.h < size * 2.6F) return;
  scene->Text(x, side.y + size * 1.6F, inner, size * 0.85F, Ink::kDim,
              FillText(lane, about, level));
  const double fill = FillOf(lane, about, level);
  if (side.h < size * 3.4F || fill <= 0) return;
  const float w = inner * static_cast<float>(std::min(1.0, fill));
  scene->Add({x, side.y + size * 2.65F, inner, size * 0.45F, Ink::kPaper, Ink::kDim});
  scene->Add({x, side.y + size * 2.65F, w, size * 0.45F, fill >= 1 ? Ink::kBad : Ink::kTable});
}

// One run as a row; runs of tables too narrow to be seen become one hatched item.
void Row(const Run& run, const KeyScale& scale, const Roles& roles, const Look& look, float y,
         float h, Scene* scene) {
  float fold_begin = 0, fold_end = 0;
  size_t folded = 0;
  const auto flush = [&] {
    if (folded == 0) return;
    const Box box{
        fold_begin,     y, std::max(kFoldBelow, fold_end - fold_begin), h, Ink::kTable, Ink::kDim,
        Pattern::kHatch};
    scene->Add(box);
    scene->Inside(box, look.font * 0.8F, Ink::kText, fmt::format("{} files", folded));
    folded = 0;
  };
  for (const EventTree::TableRef& table : run.tables) {
    const float begin = scale.Begin(table->smallest), end = scale.End(table->largest);
    if (end - begin < kFoldBelow) {
      if (folded++ == 0) fold_begin = begin;
      fold_end = end;
      continue;
    }
    flush();
    roles.Draw(*table, {begin, y, end - begin, h}, look, scene);
  }
  flush();
}

// What is above level 0: the memtables, filled as far as they are, oldest at the right.
void MemoryLane(const EngineState& state, const About& about, const Look& look, const Box& lane,
                float side, Scene* scene) {
  const float size = look.font, pad = size * 0.35F;
  scene->Add({lane.x, lane.y, lane.w, lane.h, Ink::kPanel});
  scene->Text(lane.x + size * 0.4F, lane.y + (lane.h - size * 1.3F) / 2, side - size, size * 1.3F,
              Ink::kText, "Memory");
  uint64_t limit = std::max<uint64_t>({about.memtable_bytes, state.active.bytes, 1});
  for (const MemTable& m : state.immutables) limit = std::max(limit, m.bytes);
  const size_t shown = std::min<size_t>(state.immutables.size(), 3) + 1;
  const float w = (lane.w - side - pad) / 4;
  for (size_t i = 0; i < shown; ++i) {
    const bool active = i == 0;
    const MemTable& m = active ? state.active : state.immutables[state.immutables.size() - i];
    const Box box{lane.x + side + pad + w * static_cast<float>(i) + 1, lane.y + 2, w - 2,
                  lane.h - 4};
    const float part = static_cast<float>(m.bytes) / static_cast<float>(limit);
    scene->Add({box.x, box.y, box.w, box.h, Ink::kPanel, Ink::kDim});
    scene->Add({box.x, box.y, box.w * part, box.h, active ? Ink::kTable : Ink::kInput, Ink::kNone,
                m.flushing ? Pattern::kHatch : Pattern::kSolid});
    const std::string what = active ? "active" : m.flushing ? "flushing" : "sealed";
    scene->Inside(box, size, part > 0.4F ? Ink::kOnColour : Ink::kText,
                  fmt::format("{} {}", what, Bytes(m.bytes)));
  }
}

std::string ChosenText(const History& history, uint64_t file) {
  const EventTree::TableRef t = history.tree().Find(file);
  if (t == nullptr) return "";
  uint64_t below = 0, files = 0;
  for (const auto& other : history.tree().tables()) {
    if (other->level != t->level + 1) continue;
    if (other->largest < t->smallest || t->largest < other->smallest) continue;
    below += other->bytes;
    ++files;
  }
  return fmt::format(
      "Table {}: L{}, {}, keys {} .. {}. Overlaps {} below ({}): moving it down reads {}", t->file,
      t->level, Bytes(t->bytes), Escape(t->smallest), Escape(t->largest), files, Bytes(below),
      Bytes(t->bytes + below));
}

}  // namespace

KeyScale::KeyScale(const std::vector<EventTree::TableRef>& tables, float left, float right)
    : left_(left) {
  for (const EventTree::TableRef& t : tables) {
    keys_.push_back(&t->smallest);
    keys_.push_back(&t->largest);
  }
  const auto less = [](const std::string* a, const std::string* b) { return *a < *b; };
  const auto same = [](const std::string* a, const std::string* b) { return *a == *b; };
  std::sort(keys_.begin(), keys_.end(), less);
  keys_.erase(std::unique(keys_.begin(), keys_.end(), same), keys_.end());
  unit_ = (right - left) / static_cast<float>(std::max<size_t>(1, keys_.size()));
}

float KeyScale::Begin(const std::string& key) const {
  const auto less = [](const std::string* a, const std::string& b) { return *a < b; };
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key, less);
  return left_ + unit_ * static_cast<float>(at - keys_.begin());
}

float KeyScale::End(const std::string& key) const { return Begin(key) + unit_; }

void DrawTable(const event::Table& table, const Box& box, Ink fill, Ink edge, Pattern pattern,
               const Look& look, Scene* scene) {
  const float size = look.font;
  const float gap = box.w > 4 ? 1 : 0;
  scene->Add({box.x + gap, box.y, box.w - 2 * gap, box.h, fill, edge, pattern, 4});
  const std::string number = fmt::format("#{}", table.file);
  const std::string keys = Escape(table.smallest) + " .. " + Escape(table.largest);
  const float pad = size * 0.3F;
  const bool two = box.h >= size * 2.4F;
  const float y = two ? box.y + box.h / 2 - size * 1.1F : box.y + (box.h - size) / 2;
  if (box.h < size * 1.05F) return;
  const std::string with_size = number + " " + Bytes(table.bytes);
  const bool room = TextWidth(with_size, size) <= box.w - 2 * pad;
  scene->Text(box.x + pad, y, box.w - 2 * pad, size, Ink::kOnColour, room ? with_size : number,
              Scene::Align::kCentre);
  if (!two) return;
  scene->Text(box.x + pad, y + size * 1.15F, box.w - 2 * pad, size * 0.85F, Ink::kOnColour, keys,
              Scene::Align::kCentre);
}

void LayoutLevels(const History& history, const About& about, const Choice& choice,
                  const Look& look, const Box& area, Scene* scene) {
  const std::vector<Lane> lanes = LanesOf(history.tree());
  const std::vector<EventTree::TableRef> all(history.tree().tables().begin(),
                                             history.tree().tables().end());
  const float side = std::min(look.font * 10.5F, area.w * 0.32F), gap = look.font * 0.35F;
  const KeyScale scale(all, area.x + side + gap, area.right() - gap);
  const Roles roles(history, choice);
  const bool tight = area.h < look.font * 14;  // no room for a legend
  const float foot = tight ? 0 : look.font * 1.5F, memory = look.font * 2.2F;
  const float free = area.h - foot - memory - gap * static_cast<float>(lanes.size() + 1);
  const Heights heights(lanes, look, free);
  MemoryLane(history.state(), about, look, {area.x, area.y, area.w, memory}, side, scene);
  float y = area.y + memory + gap;
  for (size_t level = 0; level < lanes.size(); ++level) {
    const Lane& lane = lanes[level];
    const float h = heights.Of(lane);
    const float row = h / static_cast<float>(std::max<size_t>(1, lane.runs.size()));
    scene->Add({area.x, y, area.w, h, Ink::kPanel});
    Side(lane, about, level, look, {area.x, y, side, h}, scene);
    for (size_t r = 0; r < lane.runs.size(); ++r) {
      Row(lane.runs[r], scale, roles, look, y + row * static_cast<float>(r) + 2, row - 4, scene);
    }
    if (lane.runs.empty()) {
      scene->Text(area.x + side + gap, y + (h - look.font) / 2, area.w - side, look.font, Ink::kDim,
                  level == 0 ? "empty: tables come here from memory" : "empty");
    }
    y += h + gap;
  }
  if (tight) return;
  std::string foot_text = ChosenText(history, choice.table);
  if (foot_text.empty()) {
    foot_text =
        "Up is newer, left are smaller keys. Solid: at rest. Hatched: being compacted. "
        "Green: just came.";
  }
  scene->Text(area.x, area.bottom() - foot + look.font * 0.3F, area.w, look.font * 0.85F, Ink::kDim,
              foot_text);
}

}  // namespace lsm::viz
