// Trees and jobs as text, for tests that read like a drawing. The notation is DescribeTree's, with
// room for more:
//   L0: 9[a..f] 8[c..k]
//   L1 after c: 5[a..c]*3 6[d..g@7] | 3[a..k]
// A bar stands between the runs of a level below 0, whose numbers end with 0 at the oldest; in
// level 0 each table is a run. A table is number[smallest..largest]; "*3" gives it three times the
// usual size of 100 bytes; "@7" a key's sequence number (else the table's number); "after c" is the
// level's compact pointer; "t50" behind a table says when its newest update was flushed, "d40" that
// one of its ten entries is a tombstone, and when that was flushed.
#pragma once

#include <algorithm>
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

// Two runs, then tables of 100 bytes: level 1 is due with one of them, level 2 with ten.
inline PickerOptions DrawnOptions() {
  PickerOptions options;
  options.l0_trigger = 2;
  options.level1_bytes = kDrawnFileBytes;
  options.size_ratio = 10;
  options.max_file_bytes = kDrawnFileBytes;
  return options;
}

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
  FileMeta file;
  file.number = std::stoull(text.substr(0, open));
  file.smallest = KeyFromText(text.substr(open + 1, dots - open - 1), file.number);
  file.largest = KeyFromText(text.substr(dots + 2, close - dots - 2), file.number);
  const size_t times = text.find('*', close);
  file.bytes = kDrawnFileBytes;
  file.facts.entries = 10;
  if (const size_t at = text.find('t', close); at != std::string::npos) {
    file.facts.newest_us = std::stoull(text.substr(at + 1));
  }
  if (const size_t at = text.find('d', close); at != std::string::npos) {
    file.facts.tombstones = 1;
    file.facts.oldest_tombstone_us = std::stoull(text.substr(at + 1));
  }
  if (times != std::string::npos) file.bytes *= std::stoull(text.substr(times + 1));
  return std::make_shared<FileMeta>(std::move(file));
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
    auto run = static_cast<uint64_t>(std::count(line.begin(), line.end(), '|'));
    bool begins = true;
    while (words >> word) {
      if (word == "|") {
        begins = true;
        --run;
        continue;
      }
      if (index == 0 || begins) level->runs.emplace_back();
      begins = false;
      FileMeta file = *FileFromText(word);
      file.run = index == 0 ? file.number : run;
      level->runs.back().push_back(std::make_shared<FileMeta>(std::move(file)));
    }
  }
  return tree;
}

inline std::string NumbersText(const std::vector<FileRef>& files) {
  std::string text;
  for (const FileRef& file : files) text += " " + std::to_string(file->number);
  return text;
}

// "L0 9 8 + L1 5 6 over 3": inputs of the level, the level and run of the outputs and inputs of it,
// grandparents; "L1:2" for a run that is not number 0; "move" if it is one; "none".
inline std::string JobText(const std::optional<CompactionJob>& job) {
  if (!job) return "none";
  std::string text = "L" + std::to_string(job->level) + NumbersText(InputsOf(*job, job->level)) +
                     " + L" + std::to_string(job->output_level);
  if (job->output_run != 0) text += ":" + std::to_string(job->output_run);
  if (job->output_level != job->level) text += NumbersText(InputsOf(*job, job->output_level));
  if (!job->grandparents.empty()) text += " over" + NumbersText(job->grandparents);
  if (job->trivial_move) text += " move";
  if (job->expired) text += " expired";
  if (job->at_bottom) text += " rewritten";
  return text;
}

}  // namespace lsm
