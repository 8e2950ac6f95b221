#include "base/read_bounds.h"

namespace lsm {
namespace {

std::optional<std::string> Copy(std::string_view bound) {
  if (bound.data() == nullptr) return std::nullopt;
  return std::string(bound);
}

}  // namespace

std::optional<std::string> PrefixEnd(std::string_view prefix) {
  const size_t last = prefix.find_last_not_of('\xff');  // a byte that can still grow
  if (last == std::string_view::npos) return std::nullopt;
  std::string end(prefix.substr(0, last + 1));
  ++end.back();
  return end;
}

ReadBounds::ReadBounds(const ReadOptions& options)
    : lower(Copy(options.lower_bound)), upper(Copy(options.upper_bound)) {
  if (options.prefix.data() == nullptr) return;
  if (!lower.has_value() || *lower < options.prefix) lower = std::string(options.prefix);
  const std::optional<std::string> end = PrefixEnd(options.prefix);
  if (end.has_value() && (!upper.has_value() || *end < *upper)) upper = end;
}

}  // namespace lsm
