#include "source/source.h"

#include <fmt/format.h>

#include "events/event_log.h"
#include "source/trace_source.h"
#include "testing/files.h"

namespace lsm::viz {
namespace {

constexpr char kTraceHead[] = "lsmlab-trace ";

class LogSource final : public Source {
 public:
  LogSource(const std::string& name, std::unique_ptr<SequentialFile> file, bool follow)
      : file_(std::move(file)), follow_(follow), reader_([this](LoggedEvent e) {
          history_.Append({e.step, std::move(e.event), ""});
        }) {
    about_.source = name;
    Read();
    if (!follow_ && about_.problem.empty()) Note(reader_.Finish());
    history_.Seek(history_.size());
  }

  bool Poll() override {
    const size_t before = history_.size();
    if (follow_ && about_.problem.empty()) Read();
    return history_.size() > before;
  }

  Status Do(const std::string&) override {
    return Status::InvalidArgument(
        "this is the log of another run: open a trace to run operations");
  }

 private:
  void Note(const Status& status) {
    if (!status.ok()) about_.problem = status.ToString();
  }
  void Read() {
    char buffer[1 << 16];
    for (;;) {
      const Result<size_t> n = file_->Read(sizeof(buffer), buffer);
      if (!n.ok()) return Note(n.status());
      if (*n == 0) return;
      const Status s = reader_.Feed(std::string_view(buffer, *n));
      if (!s.ok()) return Note(s);
    }
  }

  const std::unique_ptr<SequentialFile> file_;
  const bool follow_;
  EventLogReader reader_;
};

Result<std::string> Head(const std::string& file) {
  LSM_ASSIGN_OR_RETURN(auto in, Env::Default()->OpenSequential(file));
  char buffer[sizeof(kTraceHead) - 1];
  LSM_ASSIGN_OR_RETURN(const size_t n, in->Read(sizeof(buffer), buffer));
  return std::string(buffer, n);
}

}  // namespace

Result<std::unique_ptr<Source>> OpenSource(const std::string& file, bool follow) {
  LSM_ASSIGN_OR_RETURN(const std::string head, Head(file));
  if (head != kTraceHead) {
    LSM_ASSIGN_OR_RETURN(auto in, Env::Default()->OpenSequential(file));
    return std::unique_ptr<Source>(std::make_unique<LogSource>(file, std::move(in), follow));
  }
  LSM_ASSIGN_OR_RETURN(const std::string text, lab::LoadText(file));
  auto trace = lab::Parse(text);
  if (!trace.ok()) {
    return Status(trace.status().code(), fmt::format("{}: {}", file, trace.status().message()));
  }
  return std::unique_ptr<Source>(std::make_unique<TraceSource>(std::move(*trace), file));
}

std::unique_ptr<Source> OpenDemo() { return std::make_unique<TraceSource>(DemoTrace(), "demo"); }

}  // namespace lsm::viz
