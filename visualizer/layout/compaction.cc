// One compaction from above to below: the rule that chose it, its inputs by level, what came out,
// and the numbers. The newest one that runs, else the newest.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "layout/views.h"

namespace lsm::viz {
namespace {

const Job* Shown(const EngineState& state) {
  for (size_t i = state.jobs.size(); i-- > 0;) {
    if (!state.jobs[i].done) return &state.jobs[i];
  }
  return state.jobs.empty() ? nullptr : &state.jobs.back();
}

// Which line each table gets, so that none lies over another, and how many lines that makes.
struct Lines {
  std::vector<size_t> of;
  size_t count = 0;
};
Lines LinesOf(const std::vector<EventTree::TableRef>& tables, const KeyScale& scale) {
  Lines lines;
  std::vector<float> ends;
  for (const auto& table : tables) {
    const float begin = scale.Begin(table->smallest);
    size_t line = 0;
    while (line < ends.size() && ends[line] > begin + 0.5F) ++line;
    if (line == ends.size()) ends.push_back(0);
    ends[line] = scale.End(table->largest);
    lines.of.push_back(line);
  }
  lines.count = ends.size();
  return lines;
}

float SideOf(const Look& look) { return look.font * 9; }

// Tables with a name at their left.
void Row(const std::string& name, const std::vector<EventTree::TableRef>& tables, Ink fill,
         Pattern pattern, const KeyScale& scale, const Look& look, const Box& area, Scene* scene) {
  scene->Text(area.x, area.y + look.font * 0.2F, SideOf(look) - look.font, look.font, Ink::kText,
              name);
  const Lines lines = LinesOf(tables, scale);
  const float h = area.h / static_cast<float>(std::max<size_t>(1, lines.count));
  for (size_t i = 0; i < tables.size(); ++i) {
    const float begin = scale.Begin(tables[i]->smallest), end = scale.End(tables[i]->largest);
    const Box box{begin, area.y + h * static_cast<float>(lines.of[i]) + 1, end - begin,
                  std::min(h, look.font * 4) - 2};
    DrawTable(*tables[i], box, fill, Ink::kNone, pattern, look, scene);
  }
}

void Outputs(const Job& job, const KeyScale& scale, const Look& look, const Box& area,
             Scene* scene) {
  const std::string name = fmt::format("out: level {}", job.picked.output_level);
  if (!job.installed.empty()) {
    Row(name, job.installed, Ink::kOutput, Pattern::kSolid, scale, look, area, scene);
    return;
  }
  const float side = SideOf(look), size = look.font;
  scene->Text(area.x, area.y + size * 0.2F, side - size, size, Ink::kText, name);
  float x = area.x + side;
  const float room = area.w - side;
  if (job.outputs.empty()) {
    const std::string what = job.moved  ? "the table itself: moved, not rewritten"
                             : job.done ? "nothing"
                                        : "nothing yet: merging";
    scene->Text(x, area.y + size * 0.3F, room, size, Ink::kDim, what);
    return;
  }
  // Not in the tree yet: ghosts.
  const float w = std::min(size * 12, room / static_cast<float>(job.outputs.size()));
  for (const event::CompactionOutput& output : job.outputs) {
    const Box box{x + 1, area.y, w - 2, std::min(area.h, size * 4)};
    scene->Add({box.x, box.y, box.w, box.h, Ink::kPaper, Ink::kOutput, Pattern::kSolid, 3});
    scene->Inside(box, size, Ink::kText, fmt::format("#{} {}", output.file, Bytes(output.bytes)));
    x += w;
  }
}

std::string Numbers(const Job& job) {
  if (job.moved) return "A trivial move: nothing below overlaps, so the table stays as it is.";
  if (!job.done) return fmt::format("Running. Dropped so far: {} versions", job.dropped_count);
  const event::CompactionEnd& e = job.end;
  return fmt::format("{}: read {}, wrote {}, {} versions in, {} out, {} dropped",
                     job.ok ? "Done" : "FAILED", Bytes(e.bytes_read), Bytes(e.bytes_written),
                     e.entries_in, e.entries_out, e.entries_in - e.entries_out);
}

void Dropped(const Job& job, const Look& look, const Box& area, Scene* scene) {
  float y = area.y;
  const float size = look.font;
  for (size_t i = job.dropped.size(); i-- > 0 && y + size <= area.bottom(); y += size * 1.3F) {
    const event::CompactionDropped& d = job.dropped[i];
    scene->Text(area.x, y, area.w, size, Ink::kText,
                fmt::format("{} @{}   {}", Escape(d.key), d.sequence, d.rule));
  }
  if (job.dropped.empty()) scene->Text(area.x, y, area.w, size, Ink::kDim, "none yet");
}

// Inputs above, outputs below, as high as they need to be.
void Merge(const Job& job, const Look& look, const Box& area, Scene* scene) {
  const float size = look.font, side = SideOf(look);
  std::vector<EventTree::TableRef> upper, lower, all = job.inputs;
  for (const auto& table : job.inputs) {
    (table->level == job.picked.level ? upper : lower).push_back(table);
  }
  for (const auto& table : job.installed) all.push_back(table);
  const KeyScale scale(all, area.x + side, area.right());
  const float arrow = size * 1.4F, gap = size * 0.5F;
  const auto in_lines = static_cast<float>(std::max<size_t>(1, LinesOf(upper, scale).count));
  const float below = lower.empty() ? size * 1.4F : 0;  // a line of words
  const float lines = in_lines + (lower.empty() ? 0 : 1.5F) + 1.5F;
  const float h = std::min(size * 4, (area.h - arrow - 2 * gap - below) / lines);
  const Ink ink = job.done ? Ink::kTable : Ink::kInput;
  float y = area.y;
  Row(fmt::format("in: level {}", job.picked.level), upper, ink, Pattern::kHatch, scale, look,
      {area.x, y, area.w, h * in_lines}, scene);
  y += h * in_lines + gap;
  if (lower.empty()) {
    scene->Text(area.x + side, y, area.w - side, size, Ink::kDim, "nothing below overlaps");
    y += below;
  } else {
    Row(fmt::format("in: level {}", job.picked.output_level), lower, ink, Pattern::kHatch, scale,
        look, {area.x, y, area.w, h * 1.5F}, scene);
    y += h * 1.5F;
  }
  const float middle = area.x + side + (area.w - side) / 2;
  scene->Arrow(middle, y + gap * 0.4F, middle, y + arrow, Ink::kText);
  y += arrow + gap;
  Outputs(job, scale, look, {area.x, y, area.w, h * 1.5F}, scene);
}

}  // namespace

void LayoutCompaction(const History& history, const Look& look, const Box& area, Scene* scene) {
  const Job* const job = Shown(history.state());
  const float size = look.font;
  if (job == nullptr) {
    const Box in = Panel(area, look, "Compaction", scene);
    scene->Paragraph(
        in.x, in.y + size, in.w, size * 1.2F, Ink::kDim,
        "No compaction has run yet. One merges tables of a level with those below that "
        "overlap them, and leaves out what is overwritten or deleted.",
        4);
    return;
  }
  const float right = area.w * 0.3F;
  const Box in =
      Panel({area.x, area.y, area.w - right - size * 0.4F, area.h}, look,
            fmt::format("Compaction {}   {}", job->picked.job, Levels(job->picked)), scene);
  const int lines =
      scene->Paragraph(in.x, in.y, in.w, size, Ink::kText, "Why: " + job->picked.reason, 2);
  const float head = size * (1.3F * static_cast<float>(lines) + 0.5F), foot = size * 1.5F;
  Merge(*job, look, {in.x, in.y + head, in.w, in.h - head - foot}, scene);
  scene->Text(in.x, in.bottom() - size, in.w, size, Ink::kText, Numbers(*job));
  const Box side =
      Panel({area.right() - right, area.y, right, area.h}, look, "Versions left out", scene);
  Dropped(*job, look, side, scene);
}

}  // namespace lsm::viz
