// What is in memory and what of it is safe: the memtable that is written to, those that wait for
// their flush, and the logs with the line up to which they are durable.
#include <fmt/format.h>

#include <algorithm>

#include "layout/views.h"

namespace lsm::viz {
namespace {

constexpr uint64_t kBlockBytes = 32 << 10;  // of a log: docs/formats/wal.md

// A row is a line of words, a bar, a line of numbers. Three fit well, more where bars are thin.
float BarHeight(const Look& look, const Box& in) {
  return std::clamp(in.h / 3 - look.font * 3, look.font * 1.6F, look.font * 4.5F);
}
float RowHeight(const Look& look, const Box& in) { return BarHeight(look, in) + look.font * 2.9F; }

void MemTableRow(const std::string& name, const MemTable& m, uint64_t limit, Ink fill,
                 Pattern pattern, const Look& look, const Box& row, Scene* scene) {
  const float size = look.font;
  scene->Text(row.x, row.y, row.w, size, Ink::kText, name);
  const Box frame{row.x, row.y + size * 1.3F, row.w, row.h};
  scene->Add({frame.x, frame.y, frame.w, frame.h, Ink::kPaper, Ink::kDim});
  const float part = static_cast<float>(m.bytes) / static_cast<float>(limit);
  scene->Add({frame.x, frame.y, frame.w * part, frame.h, fill, Ink::kNone, pattern});
  scene->Text(
      frame.x, frame.bottom() + size * 0.2F, frame.w, size * 0.85F, Ink::kDim,
      fmt::format("{} version{}, {}", m.entries, m.entries == 1 ? "" : "s", Bytes(m.bytes)));
}

void Memory(const EngineState& state, const About& about, const Look& look, const Box& in,
            Scene* scene) {
  uint64_t limit = std::max<uint64_t>({about.memtable_bytes, state.active.bytes, 1});
  for (const MemTable& m : state.immutables) limit = std::max(limit, m.bytes);
  const float pitch = RowHeight(look, in), bar = BarHeight(look, in);
  float y = in.y;
  MemTableRow("Active: all writes go here", state.active, limit, Ink::kTable, Pattern::kSolid, look,
              {in.x, y, in.w, bar}, scene);
  for (size_t i = state.immutables.size(); i-- > 0;) {
    y += pitch;
    if (y + pitch > in.bottom() + look.font) return;
    const MemTable& m = state.immutables[i];
    MemTableRow(
        fmt::format("Sealed {}: {}", m.id, m.flushing ? "being flushed" : "waits for a flush"), m,
        limit, Ink::kInput, m.flushing ? Pattern::kHatch : Pattern::kSolid, look,
        {in.x, y, in.w, bar}, scene);
  }
  y += pitch;
  if (state.immutables.empty() && y + look.font < in.bottom()) {
    scene->Text(in.x, y, in.w, look.font, Ink::kDim, "No sealed memtable waits for a flush");
  }
}

void LogRow(const Wal& log, bool newest, uint64_t most, const Look& look, const Box& row,
            Scene* scene) {
  const float size = look.font;
  const uint64_t loose = log.appended - std::min(log.appended, log.synced);
  scene->Text(row.x, row.y, row.w, size, Ink::kText,
              fmt::format("{:06}.log: {} record{}{}", log.file, log.records,
                          log.records == 1 ? "" : "s", newest ? ", appended to" : ""));
  const Box frame{row.x, row.y + size * 1.3F, row.w, row.h};
  const float unit = frame.w / static_cast<float>(std::max<uint64_t>(1, most));
  const float synced = unit * static_cast<float>(std::min(log.synced, log.appended));
  const float end = unit * static_cast<float>(log.appended);
  scene->Add({frame.x, frame.y, frame.w, frame.h, Ink::kPaper, Ink::kDim});
  const Box safe{frame.x, frame.y, synced, frame.h, Ink::kOutput};
  const Box at_risk{frame.x + synced, frame.y,    end - synced,   frame.h,
                    Ink::kInput,      Ink::kNone, Pattern::kHatch};
  scene->Add(safe);
  scene->Add(at_risk);
  scene->Inside(safe, size * 0.9F, Ink::kOnColour, "durable");
  scene->Inside(at_risk, size * 0.9F, Ink::kOnColour, "lost in a power cut");
  const float last = unit * static_cast<float>(std::min(log.last_append, log.appended));
  if (newest && last > 2) {
    scene->Add({frame.x + end - last, frame.y + frame.h - 4, last, 4, Ink::kText});
  }
  for (uint64_t at = kBlockBytes; at < log.appended && most / kBlockBytes < 64; at += kBlockBytes) {
    const float x = frame.x + unit * static_cast<float>(at);
    scene->Rule(x, frame.y, x, frame.y + frame.h, Ink::kPaper, 2);
  }
  scene->Text(
      frame.x, frame.bottom() + size * 0.2F, frame.w, size * 0.85F, Ink::kDim,
      fmt::format("{} synced, {} not", Bytes(std::min(log.synced, log.appended)), Bytes(loose)));
}

}  // namespace

void LayoutMemory(const History& history, const About& about, const Look& look, const Box& area,
                  Scene* scene) {
  const EngineState& state = history.state();
  const float size = look.font, gap = size * 2, w = (area.w - gap) / 2;
  const Box memory = Panel({area.x, area.y, w, area.h}, look,
                           "Memory: memtables, gone when the power fails", scene);
  Memory(state, about, look, memory, scene);
  const float middle = area.y + area.h / 2;
  scene->Arrow(area.x + w + gap * 0.9F, middle, area.x + w + gap * 0.1F, middle, Ink::kDim);
  const Box disk = Panel({area.x + w + gap, area.y, w, area.h}, look,
                         "Disk: write-ahead log, what recovery replays", scene);
  uint64_t most = 1;
  for (const Wal& log : state.logs) most = std::max(most, log.appended);
  const float row = RowHeight(look, disk);
  const auto rows = std::min(state.logs.size(), static_cast<size_t>((disk.h + size) / row));
  for (size_t i = 0; i < rows; ++i) {
    const size_t n = state.logs.size() - 1 - i;
    LogRow(state.logs[n], i == 0, most, look,
           {disk.x, disk.y + row * static_cast<float>(i), disk.w, BarHeight(look, disk)}, scene);
  }
  if (state.logs.empty()) {
    scene->Text(disk.x, disk.y, disk.w, size, Ink::kDim, "No record has been appended yet");
  }
}

}  // namespace lsm::viz
