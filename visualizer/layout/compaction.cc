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

// A row of tables with a name at its left. Overlapping ones stand below each other.
void Row(const std::string& name, const std::vector<EventTree::TableRef>& tables, Ink fill,
         Pattern pattern, const KeyScale& scale, const Look& look, const Box& area, Scene* scene) {
  const float side = look.font * 9;
  scene->Paragraph(area.x, area.y + look.font * 0.3F, side - look.font, look.font, Ink::kText, name,
                   2);
  std::vector<float> rows;  // where each ends
  std::vector<size_t> row_of;
  for (const auto& table : tables) {
    const float begin = scale.Begin(table->smallest);
    size_t r = 0;
    while (r < rows.size() && rows[r] > begin + 0.5F) ++r;
    if (r == rows.size()) rows.push_back(0);
    rows[r] = scale.End(table->largest);
    row_of.push_back(r);
  }
  const float h = area.h / static_cast<float>(std::max<size_t>(1, rows.size()));
  for (size_t i = 0; i < tables.size(); ++i) {
    const float begin = scale.Begin(tables[i]->smallest), end = scale.End(tables[i]->largest);
    const Box box{begin, area.y + h * static_cast<float>(row_of[i]) + 1, end - begin,
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
  const float side = look.font * 9, size = look.font;
  scene->Paragraph(area.x, area.y + size * 0.3F, side - size, size, Ink::kText, name, 2);
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
  Box in = Panel({area.x, area.y, area.w - right - size * 0.4F, area.h}, look,
                 fmt::format("Compaction {}   {}", job->picked.job, Levels(job->picked)), scene);
  in.y += size * 1.3F *
          static_cast<float>(scene->Paragraph(in.x, in.y, in.w, size, Ink::kText,
                                              "Why: " + job->picked.reason, 2));
  std::vector<EventTree::TableRef> upper, lower, all = job->inputs;
  for (const auto& table : job->inputs) {
    (table->level == job->picked.level ? upper : lower).push_back(table);
  }
  for (const auto& table : job->installed) all.push_back(table);
  const KeyScale scale(all, in.x + size * 9, in.right());
  const float foot = size * 2, head = size * 1.6F;
  const float h = (area.bottom() - foot - in.y - head) / 3;
  const Ink ink = job->done ? Ink::kTable : Ink::kInput;
  const Pattern pattern = Pattern::kHatch;
  float y = in.y + size * 0.5F;
  Row(fmt::format("in: level {}", job->picked.level), upper, ink, pattern, scale, look,
      {in.x, y, in.w, h - size}, scene);
  y += h;
  if (!lower.empty()) {
    Row(fmt::format("in: level {}", job->picked.output_level), lower, ink, pattern, scale, look,
        {in.x, y, in.w, h - size}, scene);
  } else {
    scene->Text(in.x + size * 9, y + size * 0.3F, in.w - size * 9, size, Ink::kDim,
                "nothing below overlaps");
  }
  y += h;
  const float middle = in.x + size * 9 + (in.w - size * 9) / 2;
  scene->Arrow(middle, y - size * 0.9F, middle, y - size * 0.1F, Ink::kText);
  Outputs(*job, scale, look, {in.x, y + size * 0.2F, in.w, h - size}, scene);
  scene->Text(in.x, area.bottom() - foot + size * 0.4F, in.w, size, Ink::kText, Numbers(*job));
  const Box side = Panel({area.right() - right, area.y, right, area.h}, look,
                         "Versions left out, newest first", scene);
  Dropped(*job, look, side, scene);
}

}  // namespace lsm::viz
