#include "events/event_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "events/event_fields.h"

namespace lsm {
namespace {

// --- Values ---

std::string ValueText(uint64_t value) { return std::to_string(value); }
std::string ValueText(int value) { return std::to_string(value); }
std::string ValueText(bool value) { return value ? "1" : "0"; }
std::string ValueText(const std::string& value) { return Escape(value); }
std::string ValueText(const std::vector<uint64_t>& values) {
  return fmt::format("{}", fmt::join(values, ","));
}
// In quotes, which no escaped text has inside: a key may hold any of the other separators.
std::string QuotedText(const std::string& key) {
  return key.empty() ? Escape(key) : '"' + Escape(key) + '"';
}
std::string ValueText(const std::vector<event::Table>& tables) {
  std::string text;
  for (const event::Table& t : tables) {
    text += fmt::format("{}{}:{}:{}:{}:{}:{}", text.empty() ? "" : ",", t.file, t.level, t.run,
                        t.bytes, QuotedText(t.smallest), QuotedText(t.largest));
  }
  return text;
}

template <class Int>
bool ParseInteger(std::string_view text, Int* value) {
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && next == end;
}

bool ParseValue(std::string_view text, uint64_t* value) { return ParseInteger(text, value); }
bool ParseValue(std::string_view text, int* value) { return ParseInteger(text, value); }
bool ParseValue(std::string_view text, bool* value) {
  *value = text == "1";
  return text == "0" || text == "1";
}
bool ParseValue(std::string_view text, std::string* value) {
  auto bytes = Unescape(text);
  if (text.empty() || !bytes.ok()) return false;
  *value = std::move(*bytes);
  return true;
}
bool ParseValue(std::string_view text, std::vector<uint64_t>* values) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (comma == text.size() - 1) return false;
    if (!ParseInteger(text.substr(0, comma), &values->emplace_back())) return false;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return true;
}
// Takes an integer and the separator behind it.
template <class Int>
bool TakeInteger(std::string_view* text, char separator, Int* value) {
  const size_t end = text->find(separator);
  if (end == std::string_view::npos || !ParseInteger(text->substr(0, end), value)) return false;
  text->remove_prefix(end + 1);
  return true;
}

// Takes a text in quotes.
bool TakeQuoted(std::string_view* text, std::string* value) {
  if (text->empty() || text->front() != '"') return false;
  const size_t end = text->find('"', 1);
  if (end == std::string_view::npos) return false;
  auto bytes = Unescape(text->substr(1, end - 1));
  if (!bytes.ok()) return false;
  *value = std::move(*bytes);
  text->remove_prefix(end + 1);
  return true;
}

bool Take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

bool ParseValue(std::string_view text, std::vector<event::Table>* tables) {
  while (!text.empty()) {
    if (!tables->empty() && !Take(&text, ',')) return false;
    event::Table& t = tables->emplace_back();
    if (!TakeInteger(&text, ':', &t.file) || !TakeInteger(&text, ':', &t.level) ||
        !TakeInteger(&text, ':', &t.run) || !TakeInteger(&text, ':', &t.bytes) ||
        !TakeQuoted(&text, &t.smallest) || !Take(&text, ':') || !TakeQuoted(&text, &t.largest)) {
      return false;
    }
  }
  return true;
}

// --- Lines ---

// Takes the text up to the next space, and the space.
std::string_view TakeWord(std::string_view* line) {
  const size_t space = line->find(' ');
  const std::string_view word = line->substr(0, space);
  line->remove_prefix(space == std::string_view::npos ? line->size() : space + 1);
  return word;
}

// Visits the fields of an event and sets each from the next word of the line.
class FieldParser {
 public:
  FieldParser(std::string_view event, std::string_view rest) : event_(event), rest_(rest) {}

  template <class T>
  void operator()(std::string_view name, T& field) {
    if (!error_.empty()) return;
    const std::string_view word = TakeWord(&rest_);
    const size_t equals = word.find('=');
    if (word.empty()) {
      error_ = fmt::format("field '{}' is missing", name);
    } else if (equals == std::string_view::npos || word.substr(0, equals) != name) {
      error_ = fmt::format("field '{}' expected, not '{}'", name, word);
    } else if (!ParseValue(word.substr(equals + 1), &field)) {
      error_ = fmt::format("field '{}' cannot be '{}'", name, word.substr(equals + 1));
    }
  }

  Status Finish() const {
    if (!error_.empty()) return Status::InvalidArgument(fmt::format("{}: {}", event_, error_));
    if (rest_.empty()) return Status::Ok();
    return Status::InvalidArgument(fmt::format("{}: no field expected, not '{}'", event_, rest_));
  }

 private:
  const std::string_view event_;
  std::string_view rest_;
  std::string error_;
};

template <class E>
Result<Event> ParseAs(std::string_view fields) {
  E event;
  FieldParser parser(event::Describe<E>::kName, fields);
  event::Describe<E>::Fields(event, parser);
  LSM_RETURN_IF_ERROR(parser.Finish());
  return Event(std::move(event));
}

template <size_t... kIndices>
Result<Event> ParseNamed(std::string_view name, std::string_view fields,
                         std::index_sequence<kIndices...>) {
  Result<Event> result = Status::InvalidArgument(fmt::format("no event is named '{}'", name));
  const auto try_one = [&]<class E>(const E*) {
    if (event::Describe<E>::kName == name) result = ParseAs<E>(fields);
  };
  (try_one(static_cast<const std::variant_alternative_t<kIndices, Event>*>(nullptr)), ...);
  return result;
}

}  // namespace

std::string FormatEvent(const Event& event) {
  std::string line(EventName(event));
  const auto append = [&line](std::string_view name, const auto& field) {
    line.append(" ").append(name).append("=").append(ValueText(field));
  };
  std::visit([&append]<class E>(const E& e) { event::Describe<E>::Fields(e, append); }, event);
  return line;
}

Result<Event> ParseEvent(std::string_view line) {
  const std::string_view name = TakeWord(&line);
  return ParseNamed(name, line, std::make_index_sequence<std::variant_size_v<Event>>());
}

std::string_view EventName(const Event& event) {
  return std::visit([]<class E>(const E&) { return event::Describe<E>::kName; }, event);
}

}  // namespace lsm
