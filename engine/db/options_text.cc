#include "lsm/options_text.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/escape.h"
#include "db/option_table.h"
#include "format/filename.h"

namespace lsm {
namespace {

// Far more than all knobs with a comment each: what is larger is some other file.
constexpr size_t kMaxFileBytes = size_t{1} << 20;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "1024 to 1073741824 bytes", "none or snappy"
std::string RangeWithUnit(const Knob& knob) {
  return knob.unit.empty() ? knob.range(knob) : fmt::format("{} {}", knob.range(knob), knob.unit);
}

Status ParseLine(std::string_view line, std::set<std::string, std::less<>>* seen,
                 Options* options) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    constexpr size_t kShownBytes = 60;
    return Status::InvalidArgument(
        fmt::format("'{}' is not NAME = VALUE", Escape(line.substr(0, kShownBytes))));
  }
  const std::string_view name = Trim(line.substr(0, equals));
  LSM_RETURN_IF_ERROR(SetOption(name, Trim(line.substr(equals + 1)), options));
  LSM_RETURN_IF_ERROR(CheckOption(name, *options));
  if (!seen->emplace(name).second) {
    return Status::InvalidArgument(fmt::format("option {} stands twice", name));
  }
  return Status::Ok();
}

}  // namespace

Status SetOption(std::string_view name, std::string_view value, Options* options) {
  const Knob* knob = FindKnob(name);
  if (knob == nullptr) {
    return Status::InvalidArgument(fmt::format("unknown option '{}'; there are {}", Escape(name),
                                               fmt::join(OptionNames(), ", ")));
  }
  if (knob->parse(value, options)) return Status::Ok();
  return Status::InvalidArgument(fmt::format("option {} cannot be '{}': must be {}", name,
                                             Escape(value), RangeWithUnit(*knob)));
}

Status CheckOption(std::string_view name, const Options& options) {
  const Knob* knob = FindKnob(name);
  if (knob == nullptr) return Status::InvalidArgument(fmt::format("unknown option '{}'", name));
  return CheckRange(*knob, options);
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const Knob& knob : Knobs()) names.emplace_back(knob.name);
  return names;
}

std::vector<OptionInfo> DescribeOptions(const Options& options) {
  const Options defaults;
  std::vector<OptionInfo> infos;
  for (const Knob& knob : Knobs()) {
    infos.push_back({std::string(knob.name), knob.print(options), knob.print(defaults),
                     knob.range(knob), std::string(knob.unit), std::string(knob.about)});
  }
  return infos;
}

std::string PrintOptions(const Options& options) {
  const Options defaults;
  std::string text = "# NAME = VALUE; what is not named keeps its default.\n";
  for (const Knob& knob : Knobs()) {
    text += fmt::format("\n# {}; {}; default {}\n{} = {}\n", knob.about, RangeWithUnit(knob),
                        knob.print(defaults), knob.name, knob.print(options));
  }
  return text;
}

Status ParseOptions(std::string_view text, std::string_view name, Options* options) {
  Options parsed = *options;
  std::set<std::string, std::less<>> seen;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = Trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (const Status s = ParseLine(line, &seen, &parsed); !s.ok()) {
      return Status(s.code(), fmt::format("{}: line {}: {}", name, number, s.message()));
    }
  }
  *options = parsed;
  return Status::Ok();
}

Status LoadOptions(Env* env, const std::string& path, Options* options) {
  LSM_ASSIGN_OR_RETURN(const auto file, env->OpenSequential(path));
  std::string text;
  char buffer[4096];
  for (size_t n = 1; n > 0;) {
    LSM_ASSIGN_OR_RETURN(n, file->Read(sizeof(buffer), buffer));
    text.append(buffer, n);
    if (text.size() > kMaxFileBytes) {
      return Status::InvalidArgument(
          fmt::format("{} is no file of options: it has more than {} bytes", path, kMaxFileBytes));
    }
  }
  return ParseOptions(text, path, options);
}

Status SaveOptions(Env* env, const std::string& path, const Options& options) {
  const std::string temp = path + ".new";
  LSM_ASSIGN_OR_RETURN(const auto file, env->CreateWritable(temp, {}));
  LSM_RETURN_IF_ERROR(file->Append(PrintOptions(options)));
  LSM_RETURN_IF_ERROR(file->Sync());
  LSM_RETURN_IF_ERROR(file->Close());
  LSM_RETURN_IF_ERROR(env->RenameFile(temp, path));
  return env->SyncDir(ParentDirName(path));
}

}  // namespace lsm
