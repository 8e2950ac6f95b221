// lsm-tidy ROOT COMPILE_COMMANDS [REPLACED_STAGE...]: holds the tree to the house rules. Prints one
// line a finding and exits with 1 if there is any; with 2 if nothing was checked.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tidy/rules.h"

namespace lsm::tidy {

namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool IsText(const std::string& text) { return text.find('\0') == std::string::npos; }

// What the version control would list: no build directories, nothing that a run left behind.
bool IsForeign(const fs::path& path) {
  const std::string name = path.filename();
  return name == ".git" || name == "build" || name == "lsm-verify.out" || name == "lsm-fuzz.out" ||
         name == "lsm-bench.out";
}

std::vector<Source> ReadTree(const fs::path& root) {
  std::vector<Source> sources;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    if (IsForeign(it->path())) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      Source source{fs::relative(it->path(), root).generic_string(), ReadFile(it->path())};
      if (IsText(source.text)) sources.push_back(std::move(source));
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

int Run(const fs::path& root, const fs::path& compile_commands,
        const std::vector<std::string>& replaced) {
  const std::vector<Source> sources = ReadTree(root);
  Findings all;
  const auto add = [&all](Findings findings) {
    all.insert(all.end(), findings.begin(), findings.end());
  };
  const auto exists = [&root](const std::string& path) { return fs::exists(root / path); };
  for (const Source& source : sources) {
    add(CheckShape(source));
    add(CheckBannedCalls(source));
    add(CheckIncludes(source));
    add(CheckWords(source, fs::canonical(root).string()));
    if (source.path.ends_with(".md")) add(CheckLinks(source, exists));
    const int lines = CountLines(source.text);
    if (IsCode(source.path) && lines > kLongFileLines && lines <= kMaxFileLines) {
      std::printf("note: %s has %d lines\n", source.path.c_str(), lines);
    }
  }
  add(CheckUnusedHeaders(sources));
  add(CheckUnbuiltFiles(sources, ReadFile(compile_commands), replaced));
  for (const Finding& finding : all) {
    std::printf("%s:%d: %s\n", finding.path.c_str(), finding.line, finding.message.c_str());
  }
  std::printf("%zu files checked, %zu findings\n", sources.size(), all.size());
  if (sources.empty()) return 2;
  return all.empty() ? 0 : 1;
}

}  // namespace

}  // namespace lsm::tidy

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: lsm-tidy ROOT COMPILE_COMMANDS [REPLACED_STAGE...]\n", stderr);
    return 2;
  }
  return lsm::tidy::Run(argv[1], argv[2], {argv + 3, argv + argc});
}
