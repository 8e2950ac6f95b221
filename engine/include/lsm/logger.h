// The info log: what the engine would tell an operator. The library itself never prints.
#pragma once

#include <cstdint>
#include <string_view>

namespace lsm {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

class Logger {
 public:
  virtual ~Logger() = default;
  // One line without its newline. Thread-safe.
  virtual void Log(LogLevel level, std::string_view line) = 0;
};

}  // namespace lsm
