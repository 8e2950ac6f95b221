#include "testing/options_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace lsm::lab {
namespace {

template <class T>
bool ParseInteger(std::string_view text, T* out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stop == end;
}

bool ParseKnob(std::string_view text, bool* out) {
  *out = text == "true";
  return *out || text == "false";
}

// Digits with at most one point: all that bits_per_key needs, and the same under every locale.
bool ParseKnob(std::string_view text, double* out) {
  const size_t point = text.find('.');
  uint64_t whole = 0, fraction = 0;
  if (!ParseInteger(text.substr(0, point), &whole)) return false;
  *out = static_cast<double>(whole);
  if (point == std::string_view::npos) return true;
  const std::string_view digits = text.substr(point + 1);
  if (digits.size() > 9 || !ParseInteger(digits, &fraction)) return false;
  *out += static_cast<double>(fraction) / std::pow(10.0, static_cast<double>(digits.size()));
  return true;
}

template <class T>
requires std::is_integral_v<T>
bool ParseKnob(std::string_view text, T* out) { return ParseInteger(text, out); }

template <class T, size_t N>
bool ParseName(std::string_view text, const std::array<std::string_view, N>& names, T* out) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == text) {
      *out = static_cast<T>(i);
      return true;
    }
  }
  return false;
}

bool ParseKnob(std::string_view text, Compression* out) {
  return ParseName(text, std::array<std::string_view, 2>{"none", "snappy"}, out);
}
bool ParseKnob(std::string_view text, WalSync* out) {
  return ParseName(text, std::array<std::string_view, 3>{"on_request", "every_write", "interval"},
                   out);
}
bool ParseKnob(std::string_view text, IoMode* out) {
  return ParseName(text, std::array<std::string_view, 2>{"plain", "mapped"}, out);
}

struct Knob {
  std::string_view name;
  bool (*set)(std::string_view value, Options* options);
};

#define LSM_KNOB(member)                                                                      \
  Knob {                                                                                      \
#member, [](std::string_view value, Options * o) { return ParseKnob(value, &o->member); } \
  }

constexpr Knob kKnobs[] = {
    LSM_KNOB(memtable_bytes),
    LSM_KNOB(max_immutable_memtables),
    LSM_KNOB(block_cache_bytes),
    LSM_KNOB(max_open_files),
    LSM_KNOB(block_bytes),
    LSM_KNOB(block_restart_interval),
    LSM_KNOB(max_file_bytes),
    LSM_KNOB(compression),
    LSM_KNOB(bits_per_key),
    LSM_KNOB(verify_checksums),
    LSM_KNOB(num_levels),
    LSM_KNOB(l0_compaction_trigger),
    LSM_KNOB(l0_slowdown_trigger),
    LSM_KNOB(l0_stop_trigger),
    LSM_KNOB(level1_bytes),
    LSM_KNOB(size_ratio),
    LSM_KNOB(wal_sync),
    LSM_KNOB(wal_sync_interval_us),
    LSM_KNOB(max_wal_bytes),
    LSM_KNOB(wal_io),
    LSM_KNOB(read_io),
    LSM_KNOB(auto_resume),
    LSM_KNOB(resume_backoff_us_min),
    LSM_KNOB(resume_backoff_us_max),
};

#undef LSM_KNOB

}  // namespace

Status SetOption(std::string_view name, std::string_view value, Options* options) {
  for (const Knob& knob : kKnobs) {
    if (knob.name != name) continue;
    if (knob.set(value, options)) return Status::Ok();
    return Status::InvalidArgument(fmt::format("option {} cannot be '{}'", name, value));
  }
  return Status::InvalidArgument(
      fmt::format("unknown option '{}'; there are {}", name, fmt::join(OptionNames(), ", ")));
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const Knob& knob : kKnobs) names.emplace_back(knob.name);
  return names;
}

}  // namespace lsm::lab
