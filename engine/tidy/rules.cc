// The rules that look at one file's shape and words, and those that look at all files together.
#include "tidy/rules.h"

#include <array>
#include <set>

#include "tidy/text.h"

namespace lsm::tidy {

namespace {

// Text that people wrote for themselves or their machine only.
constexpr std::array<std::string_view, 5> kUnwantedWords = {"TODO", "FIXME", "HACK", "/home/",
                                                            "/root/"};

bool HasWidthLimit(std::string_view path) {
  return IsCode(path) || path.ends_with(".sh") || path.ends_with(".cmake") ||
         path.ends_with("CMakeLists.txt") || path == "lab" || path == ".ci/run";
}

int Columns(std::string_view line) {
  int columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return columns;
}

// How a header is named in an #include, for instance "base/arena.h" or "stage/wal/wal.h".
std::string IncludeName(const std::string& path) {
  const std::vector<std::string> parts = Split(path, '/');
  if (path.starts_with("engine/include/")) return path.substr(15);
  if (parts.size() > 4 && parts[1] == "contract" && parts[3] == "alternative") {
    return "stage/" + parts[2] + "/" + parts.back();
  }
  const std::string name = path.substr(7);
  return IsStage(parts[1]) ? "stage/" + name : name;
}

}  // namespace

bool IsCode(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cc"); }
bool IsTest(std::string_view path) { return path.ends_with("_test.cc"); }

int CountLines(std::string_view text) { return static_cast<int>(Lines(text).size()); }

Findings CheckShape(const Source& source) {
  Findings findings;
  const auto add = [&](int line, std::string message) {
    findings.push_back({source.path, line, std::move(message)});
  };
  const std::vector<std::string_view> lines = Lines(source.text);
  if (IsCode(source.path) && lines.size() > kMaxFileLines) {
    add(0, "is longer than " + std::to_string(kMaxFileLines) + " lines");
  }
  for (size_t i = 0; HasWidthLimit(source.path) && i < lines.size(); ++i) {
    if (Columns(lines[i]) > kMaxColumns) {
      add(static_cast<int>(i) + 1, "is wider than " + std::to_string(kMaxColumns) + " columns");
    }
  }
  if (source.path.ends_with(".h")) {
    if (!source.text.starts_with("// ")) add(1, "a header opens with a comment: what it is for");
    if (source.text.find("\n#pragma once\n") == std::string::npos) add(1, "no #pragma once");
  }
  return findings;
}

Findings CheckWords(const Source& source, std::string_view root) {
  Findings findings;
  if (source.path.starts_with("engine/tidy/")) return findings;  // names them
  const std::vector<std::string_view> lines = Lines(source.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto refuse = [&](std::string_view word) {
      if (FindToken(lines[i], word) == std::string_view::npos) return;
      findings.push_back(
          {source.path, static_cast<int>(i) + 1, "\"" + std::string(word) + "\" is for no reader"});
    };
    for (const std::string_view word : kUnwantedWords) refuse(word);
    refuse(root);
  }
  return findings;
}

Findings CheckLinks(const Source& source, const std::function<bool(const std::string&)>& exists) {
  Findings findings;
  const size_t slash = source.path.rfind('/');
  const std::string dir = slash == std::string::npos ? "" : source.path.substr(0, slash + 1);
  const std::vector<std::string_view> lines = Lines(source.text);
  bool in_block = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("```")) in_block = !in_block;
    for (size_t at = 0; !in_block && (at = lines[i].find("](", at)) != std::string_view::npos;) {
      at += 2;
      const std::string_view rest = lines[i].substr(at);
      const std::string_view target = rest.substr(0, rest.find_first_of(")# "));
      if (target.empty() || target.find(':') != std::string_view::npos) continue;
      if (!exists(dir + std::string(target))) {
        findings.push_back(
            {source.path, static_cast<int>(i) + 1, "link to nothing: " + std::string(target)});
      }
    }
  }
  return findings;
}

Findings CheckUnusedHeaders(const std::vector<Source>& sources) {
  std::set<std::string> included;
  for (const Source& source : sources) {
    for (const Include& include : IncludesOf(source.text)) included.insert(include.name);
  }
  Findings findings;
  for (const Source& source : sources) {
    if (!source.path.starts_with("engine/") || !source.path.ends_with(".h")) continue;
    if (included.count(IncludeName(source.path)) == 0) {
      findings.push_back({source.path, 0, "no file includes this header"});
    }
  }
  return findings;
}

Findings CheckUnbuiltFiles(const std::vector<Source>& sources, std::string_view compile_commands,
                           const std::vector<std::string>& replaced) {
  Findings findings;
  for (const Source& source : sources) {
    if (!source.path.starts_with("engine/") || !source.path.ends_with(".cc")) continue;
    // A mix builds its own files in place of the reference's.
    bool excused = source.path.find("/alternative/") != std::string::npos;
    for (const std::string& stage : replaced) {
      excused = excused || source.path.starts_with("engine/" + stage + "/");
    }
    if (!excused && compile_commands.find("/" + source.path + "\"") == std::string_view::npos) {
      findings.push_back({source.path, 0, "no target builds this file"});
    }
  }
  return findings;
}

}  // namespace lsm::tidy
