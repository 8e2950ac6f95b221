// The house rules that a machine can check, as pure functions from text to findings. tidy_main.cc
// runs them over the tree; rules_test.cc shows each of them a text that it must find fault with.
//
// A path is relative to the root of the project, with '/'. Nothing here knows C++ beyond comments,
// literals and #include lines: the rules are about names and places.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lsm::tidy {

struct Finding {
  std::string path;
  int line = 0;  // 0: the file as a whole
  std::string message;
};
using Findings = std::vector<Finding>;

struct Source {
  std::string path;
  std::string text;
};

inline constexpr int kMaxFileLines = 600;
inline constexpr int kLongFileLines = 400;  // worth a look, no failure
inline constexpr int kMaxColumns = 100;

bool IsCode(std::string_view path);  // C++
bool IsTest(std::string_view path);
int CountLines(std::string_view text);

// The text with comments and the insides of literals blanked; line and column of the rest stay.
std::string BlankCommentsAndLiterals(std::string_view text);

// --- Rules on one file ---
Findings CheckShape(const Source& source);        // length, width, opening comment, #pragma once
Findings CheckBannedCalls(const Source& source);  // the machine is reached through env/ alone
Findings CheckIncludes(const Source& source);     // dependencies run one way
// Notes to self, and paths of somebody's machine: homes, and `root`, where this checkout stands.
Findings CheckWords(const Source& source, std::string_view root);
// Relative links of a Markdown page; `exists` is asked with paths relative to the root.
Findings CheckLinks(const Source& source, const std::function<bool(const std::string&)>& exists);

// --- Rules on all files ---
Findings CheckUnusedHeaders(const std::vector<Source>& sources);
// `compile_commands`: the text of the build's compile_commands.json; `replaced`: the stages of the
// mix that are not the reference's.
Findings CheckUnbuiltFiles(const std::vector<Source>& sources, std::string_view compile_commands,
                           const std::vector<std::string>& replaced);

}  // namespace lsm::tidy
