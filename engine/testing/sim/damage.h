// Damage to bytes on the disk, behind the engine's back. What was durable is damaged, and so is
// what is seen of it; mappings that are open keep what they had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "testing/sim/sim_env.h"

namespace lsm::sim {

struct Damage {
  enum class Kind : uint8_t {
    kFlip,       // bit `number` % 8 of the byte at `offset`
    kGarbage,    // the block is random, from the seed `number`
    kZero,       // the block is zeros: a write that the device lost after it had acknowledged it
    kTruncate,   // the file ends at `offset`
    kDuplicate,  // the block shows the bytes of another one, at `from` and `from_offset`
    kMisdirect   // the same, and they are missing where they belong: zeros stand there
  };
  Kind kind = Kind::kFlip;
  std::string path{};
  uint64_t offset = 0;
  uint64_t bytes = 1;  // of the block; less at the end of a file
  std::string from{};  // empty: the same file
  uint64_t from_offset = 0;
  uint64_t number = 0;

  bool operator==(const Damage&) const = default;
};

std::string_view NameOf(Damage::Kind kind);  // "flip" "garbage" "zero" "truncate" ...
std::optional<Damage::Kind> ParseDamageKind(std::string_view name);

// NotFound if there is no such file; InvalidArgument if no byte changes: then it is no damage.
Status Inflict(SimEnv* env, const Damage& damage);

}  // namespace lsm::sim
