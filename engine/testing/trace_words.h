// The words of the trace language, shared by its printer and its parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "testing/trace.h"

namespace lsm::lab {

// Who may say a word.
enum class Speaker : uint8_t { kClient, kWorld, kEither };

struct Word {
  std::string_view text;
  Operation::Kind kind;
  Speaker speaker;
};

std::string_view WordOf(Operation::Kind kind);
const Word* FindWord(std::string_view text);  // null: no such operation

// "@SIZE:SEED" with a size in range.
bool ParseGenerated(std::string_view word, size_t* size, uint64_t* seed);

}  // namespace lsm::lab
