// Trees and jobs as text, for tests that read like a drawing. The notation is DescribeTree's, with
// room for more:
//   L0: 9[a..f] 8[c..k]
//   L1 after c: 5[a..c]*3 6[d..g@7]
// A table is number[smallest..largest]; "*3" gives it three times the usual size of 100 bytes; "@7"
// a key's sequence number (else the table's number); "after c" is the level's compact pointer.
#pragma once

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "contract/compaction/job.h"
#include "format/internal_key.h"
#include "format/tree.h"

namespace lsm {

inline constexpr uint64_t kDrawnFileBytes = 100;

inline std::string KeyFromText(const std::string& text, uint64_t sequence) {
  const size_t at = text.find('@');
  if (at != std::string::npos) sequence = std::stoull(text.substr(at + 1));
  return MakeInternalKey(text.substr(0, at), sequence, ValueType::kValue);
}

inline FileRef FileFromText(const std::string& text) {
  const size_t open = text.find('[');
  const size_t dots = text.find("..");
  const size_t close = text.find(']');
  LSM_CHECK(open != std::string::npos && dots != std::string::npos && close != std::string::npos);
  auto file = std::make_shared<FileMeta>();
  file->number = std::stoull(text.substr(0, open));
  file->smallest = KeyFromText(text.substr(open + 1, dots - open - 1), file->number);
  file->largest = KeyFromText(text.substr(dots + 2, close - dots - 2), file->number);
  const size_t times = text.find('*', close);
  file->bytes = kDrawnFileBytes;
  if (times != std::string::npos) file->bytes *= std::stoull(text.substr(times + 1));
  return file;
}

inline Tree TreeFromText(const std::string& text, size_t levels = 4) {
  Tree tree(levels);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word)) continue;
    const size_t index = std::stoul(word.substr(1));
    LSM_CHECK(word[0] == 'L' && index < levels);
    Level* level = &tree.levels[index];
    if (word.back() != ':') {
      words >> word >> word;  // after KEY:
      tree.compact_pointers[index] = KeyFromText(word.substr(0, word.size() - 1), 0);
    }
    while (words >> word) {
      if (index == 0 || level->runs.empty()) level->runs.emplace_back();
      level->runs.back().push_back(FileFromText(word));
    }
  }
  return tree;
}

inline std::string NumbersText(const std::vector<FileRef>& files) {
  std::string text;
  for (const FileRef& file : files) text += " " + std::to_string(file->number);
  return text;
}

// "L0 9 8 + L1 5 6 over 3": inputs, next_inputs, grandparents; "move" if it is one; "none".
inline std::string JobText(const std::optional<CompactionJob>& job) {
  if (!job) return "none";
  std::string text = "L" + std::to_string(job->level) + NumbersText(job->inputs) + " + L" +
                     std::to_string(job->output_level) + NumbersText(job->next_inputs);
  if (!job->grandparents.empty()) text += " over" + NumbersText(job->grandparents);
  if (job->trivial_move) text += " move";
  return text;
}

}  // namespace lsm
