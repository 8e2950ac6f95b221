#include "testing/sim/damage.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace lsm::sim {
namespace {

using Kind = Damage::Kind;

// In the order of the enumeration.
constexpr std::string_view kKinds[] = {"flip",     "garbage",   "zero",
                                       "truncate", "duplicate", "misdirect"};

std::string Block(const std::string& bytes, uint64_t offset, uint64_t n) {
  return offset < bytes.size() ? bytes.substr(offset, n) : std::string();
}

// What stands at damage.offset afterwards, where it stood before.
std::string DamagedBlock(const Damage& damage, std::string before, const std::string& source) {
  switch (damage.kind) {
    case Kind::kFlip:
      if (!before.empty()) before[0] = static_cast<char>(before[0] ^ (1 << (damage.number % 8)));
      return before;
    case Kind::kGarbage: {
      Random random(damage.number);
      for (char& c : before) c = static_cast<char>(random.Next());
      return before;
    }
    case Kind::kZero:
      return std::string(before.size(), '\0');
    case Kind::kDuplicate:
    case Kind::kMisdirect:
      return Block(source, damage.from_offset, before.size());
    case Kind::kTruncate:
      break;
  }
  return before;
}

}  // namespace

std::string_view NameOf(Damage::Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

std::optional<Damage::Kind> ParseDamageKind(std::string_view name) {
  const auto found = std::find(std::begin(kKinds), std::end(kKinds), name);
  if (found == std::end(kKinds)) return std::nullopt;
  return static_cast<Kind>(found - std::begin(kKinds));
}

Status Inflict(SimEnv* env, const Damage& damage) {
  const auto nothing = [&damage] {
    return Status::InvalidArgument(fmt::format("damage {} {} at {}: no byte changes",
                                               NameOf(damage.kind), damage.path, damage.offset));
  };
  LSM_ASSIGN_OR_RETURN(const std::string bytes, env->ReadWholeFile(damage.path));
  if (damage.kind == Kind::kTruncate) {
    if (damage.offset >= bytes.size()) return nothing();
    return env->OverwriteFile(damage.path, bytes.substr(0, damage.offset));
  }
  const std::string& from = damage.from.empty() ? damage.path : damage.from;
  LSM_ASSIGN_OR_RETURN(const std::string source, env->ReadWholeFile(from));
  const uint64_t n = damage.kind == Kind::kFlip ? 1 : damage.bytes;
  const std::string before = Block(bytes, damage.offset, n);
  const std::string after = DamagedBlock(damage, before, source);
  if (after == before.substr(0, after.size())) return nothing();
  if (damage.kind == Kind::kMisdirect) {
    const std::string hole(after.size(), '\0');
    LSM_RETURN_IF_ERROR(env->DamageFile(from, damage.from_offset, hole));
  }
  return env->DamageFile(damage.path, damage.offset, after);
}

}  // namespace lsm::sim
