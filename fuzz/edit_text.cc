#include "fuzz/edit_text.h"

#include <fmt/format.h>

#include "base/escape.h"

namespace lsm::fuzz {

std::string DescribeEdit(const VersionEdit& edit) {
  std::string text;
  if (edit.comparator.has_value()) text += "comparator " + Escape(*edit.comparator) + "\n";
  if (edit.log_number.has_value()) text += fmt::format("log {}\n", *edit.log_number);
  if (edit.next_file_number.has_value()) {
    text += fmt::format("next file {}\n", *edit.next_file_number);
  }
  if (edit.last_sequence.has_value()) text += fmt::format("sequence {}\n", *edit.last_sequence);
  for (const auto& [level, key] : edit.compact_pointers) {
    text += fmt::format("pointer L{} {}\n", level, Escape(key));
  }
  for (const auto& [level, number] : edit.removed) {
    text += fmt::format("removed L{} {}\n", level, number);
  }
  for (const auto& [level, meta] : edit.added) {
    text += fmt::format("added L{} run {} {} of {} bytes, {} to {}, codec {}\n", level, meta.run,
                        meta.number, meta.bytes, Escape(meta.smallest), Escape(meta.largest),
                        static_cast<int>(meta.compression));
  }
  return text;
}

}  // namespace lsm::fuzz
