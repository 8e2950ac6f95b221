#include "events/event_log.h"

#include <fmt/format.h>

#include <charconv>

#include "events/event_text.h"

namespace lsm {

EventLogWriter::EventLogWriter(Env* env, Sink sink, Step step)
    : mu_(env), sink_(std::move(sink)), step_(std::move(step)) {}

void EventLogWriter::OnEvent(const Event& event) {
  const std::string text = FormatEvent(event);
  MutexLock lock(&mu_);
  ++lines_;
  sink_(fmt::format("{} {}\n", step_ ? step_() : lines_, text));
}

Status EventLogReader::Feed(std::string_view piece) {
  size_t newline;
  while (status_.ok() && (newline = piece.find('\n')) != std::string_view::npos) {
    begun_.append(piece.substr(0, newline));
    piece.remove_prefix(newline + 1);
    ++lines_;
    status_ = ReadLine(begun_);
    begun_.clear();
  }
  if (status_.ok()) begun_.append(piece);
  return status_;
}

Status EventLogReader::Finish() const {
  LSM_RETURN_IF_ERROR(status_);
  if (begun_.empty()) return Status::Ok();
  return Status::Corruption(fmt::format("event log line {}: cut off", lines_ + 1));
}

Status EventLogReader::ReadLine(std::string_view line) {
  uint64_t step = 0;
  const char* const end = line.data() + line.size();
  const auto [next, error] = std::from_chars(line.data(), end, step);
  if (error != std::errc() || next == end || *next != ' ') return Damaged("no step in front");
  if (step < last_step_) return Damaged(fmt::format("step {} after step {}", step, last_step_));
  auto event = ParseEvent(line.substr(static_cast<size_t>(next - line.data()) + 1));
  if (!event.ok()) return Damaged(event.status().message());
  last_step_ = step;
  visit_({step, std::move(*event)});
  return Status::Ok();
}

Status EventLogReader::Damaged(std::string_view reason) const {
  return Status::Corruption(fmt::format("event log line {}: {}", lines_, reason));
}

Result<std::vector<LoggedEvent>> ReadEventLog(std::string_view log) {
  std::vector<LoggedEvent> events;
  EventLogReader reader([&events](LoggedEvent event) { events.push_back(std::move(event)); });
  LSM_RETURN_IF_ERROR(reader.Feed(log));
  LSM_RETURN_IF_ERROR(reader.Finish());
  return events;
}

}  // namespace lsm
