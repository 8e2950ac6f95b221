// Small helpers on text for the tidy rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lsm::tidy {

std::vector<std::string_view> Lines(std::string_view text);
std::vector<std::string> Split(std::string_view text, char separator);

// Where `token` stands in `text` as a whole word, npos if nowhere. A token that ends with "(" is a
// call of a free function: not of a member, and not of a longer name.
size_t FindToken(std::string_view text, std::string_view token);

struct Include {
  int line = 0;
  std::string name;
  bool quoted = false;  // "name", not <name>
};
std::vector<Include> IncludesOf(std::string_view text);

bool IsStage(std::string_view name);

}  // namespace lsm::tidy
