// The knobs of Options as data: name, text form, range, unit. Their one home: DB::Open checks
// ranges by this table, and all that reads or prints options goes through it (lsm/options_text.h).
// A new knob is one row in option_table.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

struct Knob {
  std::string_view name;
  std::string_view unit;                                   // empty: none
  std::string_view about;                                  // in a few words
  double low = 0, high = 0;                                // both included; for numbers
  bool (*parse)(std::string_view text, Options* options);  // false: no such value
  std::string (*print)(const Options& options);
  bool (*in_range)(const Knob& knob, const Options& options);
  std::string (*range)(const Knob& knob);  // for a person
};

std::span<const Knob> Knobs();
const Knob* FindKnob(std::string_view name);  // null: there is none

// InvalidArgument names the knob, its value and its range.
Status CheckRange(const Knob& knob, const Options& options);

}  // namespace lsm
