// A trace as a source: run in this process, on this build's engine, and judged. Its runs are pure,
// so that an operation by hand is the same trace with one line more, run again.
#pragma once

#include <string>

#include "source/source.h"
#include "testing/trace.h"

namespace lsm::viz {

class TraceSource final : public Source {
 public:
  TraceSource(lab::Trace trace, std::string name);
  Status Do(const std::string& operation) override;

 private:
  void Run();

  lab::Trace trace_;
};

// 400 operations of a made-up shop: writes with a few hot keys, reads, deletions, a power cut.
lab::Trace DemoTrace();

}  // namespace lsm::viz
