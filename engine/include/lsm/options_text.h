// Options as text: by name, in a file, and for a person. The knobs are those of Options that are
// plain values; comparator, env, listener and the like are the program's.
//
//   # A line is NAME = VALUE; a line that begins with '#' is skipped.
//   memtable_bytes = 65536
//   compression = none
//
// What a text does not name stays as it was. Thread-safe: nothing here has state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm {

// InvalidArgument: an unknown name (all known ones are listed) or a value that is none. Whether
// it is in range is left to CheckOption, ParseOptions and DB::Open.
Status SetOption(std::string_view name, std::string_view value, Options* options);

// InvalidArgument if the value of the knob `name` is out of its range.
Status CheckOption(std::string_view name, const Options& options);

std::vector<std::string> OptionNames();

// What there is to say about one knob.
struct OptionInfo {
  std::string name, value, default_value;
  std::string range;  // "1024 to 1073741824", "none or snappy"
  std::string unit;   // "bytes", "us", "runs"; empty: none
  std::string about;  // in a few words
};
std::vector<OptionInfo> DescribeOptions(const Options& options);

// Every knob with what it means, as a file of options; ParseOptions reads it back.
std::string PrintOptions(const Options& options);

// Sets what `text` names. InvalidArgument "<name>: line 3: ..." for an unknown knob, a knob that
// stands twice, a value that is none or out of range; *options is then unchanged.
Status ParseOptions(std::string_view text, std::string_view name, Options* options);

// The same for a file. It is replaced as a whole: a crash leaves the old one or the new one.
Status LoadOptions(Env* env, const std::string& path, Options* options);
Status SaveOptions(Env* env, const std::string& path, const Options& options);

}  // namespace lsm
