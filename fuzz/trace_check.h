// The oracles of targets `trace` and `ops`, for any database.
//
//   trace  text is refused with line and column, or Parse(Print(t)) = t; a short trace is run, and
//          every answer judged;
//   ops    bytes are decoded to a trace of many clients' operations, crashes and faults, which is
//          run and judged.
#pragma once

#include "fuzz/target.h"
#include "testing/runner.h"
#include "testing/trace.h"

namespace lsm::fuzz {

using PrintTrace = std::string (*)(const lab::Trace& trace);

Finding CheckTraceText(std::string_view input, PrintTrace print, const lab::OpenDb& open);

// Runs the trace; what broke.
Finding CheckRun(const lab::Trace& trace, const lab::OpenDb& open);

// A valid trace of at most kMaxOperations operations, whatever the bytes are. The same under every
// compiler.
inline constexpr size_t kMaxOperations = 64;
lab::Trace DecodeOperations(std::string_view input);

}  // namespace lsm::fuzz
