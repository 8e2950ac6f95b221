// Lines, words, includes; and what of a C++ text is code.
#include "tidy/text.h"

#include <algorithm>
#include <cctype>

#include "tidy/rules.h"

namespace lsm::tidy {

namespace {

bool IsWordChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The end of the raw string literal that begins at text[begin], which is R.
size_t RawStringEnd(std::string_view text, size_t begin) {
  const size_t open = text.find('(', begin);
  if (open == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string(text.substr(begin + 2, open - begin - 2)) + "\"";
  const size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// The end of the literal in quotes that begins at text[begin].
size_t QuotedEnd(std::string_view text, size_t begin) {
  size_t i = begin + 1;
  while (i < text.size() && text[i] != text[begin] && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return i < text.size() ? i + 1 : text.size();
}

size_t EndOf(std::string_view text, size_t begin, std::string_view mark) {
  const size_t end = text.find(mark, begin);
  return end == std::string_view::npos ? text.size() : end;
}

// The end of the comment or literal that begins at text[i]; i if none does.
size_t SkipFrom(std::string_view text, size_t i) {
  const std::string_view rest = text.substr(i);
  const bool in_word = i > 0 && IsWordChar(text[i - 1]);
  if (rest.starts_with("//")) return EndOf(text, i, "\n");
  if (rest.starts_with("/*")) return std::min(EndOf(text, i + 2, "*/") + 2, text.size());
  if (rest.starts_with("R\"") && !in_word) return RawStringEnd(text, i);
  if (rest.starts_with("\"")) return QuotedEnd(text, i);
  if (rest.starts_with("'") && !in_word) return QuotedEnd(text, i);  // 1'000 is no literal
  return i;
}

}  // namespace

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

size_t FindToken(std::string_view text, std::string_view token) {
  const bool call = token.ends_with("(");
  for (size_t at = 0; (at = text.find(token, at)) != std::string_view::npos; ++at) {
    const char before = at > 0 ? text[at - 1] : ' ';
    const bool member = call && (before == '.' || text.substr(0, at).ends_with("->"));
    if (member || IsWordChar(before)) continue;
    const size_t end = at + token.size();
    if (IsWordChar(token.back()) && end < text.size() && IsWordChar(text[end])) continue;
    return at;
  }
  return std::string_view::npos;
}

std::vector<Include> IncludesOf(std::string_view text) {
  constexpr std::string_view kInclude = "#include ";
  std::vector<Include> includes;
  const std::vector<std::string_view> lines = Lines(text);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with(kInclude)) continue;
    const std::string_view rest = lines[i].substr(kInclude.size());
    const size_t end = rest.find_first_of("\">", 1);
    if (end == std::string_view::npos) continue;
    includes.push_back(
        {static_cast<int>(i) + 1, std::string(rest.substr(1, end - 1)), rest.front() == '"'});
  }
  return includes;
}

bool IsStage(std::string_view name) {
  for (const std::string_view stage :
       {"wal", "memtable", "sstable", "bloom", "iterator", "compaction", "version"}) {
    if (name == stage) return true;
  }
  return false;
}

std::string BlankCommentsAndLiterals(std::string_view text) {
  std::string result(text);
  for (size_t i = 0; i < text.size();) {
    const size_t end = SkipFrom(text, i);
    for (size_t j = i; j < end; ++j) {
      if (result[j] != '\n') result[j] = ' ';
    }
    i = end > i ? end : i + 1;
  }
  return result;
}

}  // namespace lsm::tidy
