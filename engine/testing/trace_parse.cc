// The parser of the trace language: one line at a time, one word at a time, left to right.
#include <fmt/format.h>

#include <charconv>
#include <set>

#include "base/escape.h"
#include "testing/options_text.h"
#include "testing/trace.h"
#include "testing/trace_words.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// The words of one line. Every Take fails with the line and the column of the word that is wrong.
class Line {
 public:
  // `room`: bytes that the rest of the trace may expand to.
  Line(std::string_view text, size_t number, size_t* room)
      : text_(text), number_(number), room_(room) {
    SkipSpaces();
  }

  bool AtEnd() const { return next_ == text_.size(); }

  Status Error(std::string_view what) const {
    return Status::InvalidArgument(
        fmt::format("line {}, column {}: {}", number_, column_ + 1, what));
  }

  std::string_view Peek() const { return text_.substr(next_, text_.find(' ', next_) - next_); }

  Result<std::string_view> Take(std::string_view wanted) {
    column_ = next_;
    if (AtEnd()) return Error(fmt::format("expected {}", wanted));
    const std::string_view word = Peek();
    next_ += word.size();
    SkipSpaces();
    return word;
  }

  // Takes the next word if it is `word`.
  bool TakeIf(std::string_view word) {
    if (AtEnd() || Peek() != word) return false;
    column_ = next_;
    next_ += word.size();
    SkipSpaces();
    return true;
  }

  Status TakeBytes(std::string_view wanted, std::string* out) {
    LSM_ASSIGN_OR_RETURN(const std::string_view word, Take(wanted));
    auto bytes = Unescape(word);
    if (!bytes.ok()) return Error(bytes.status().message());
    *out = std::move(*bytes);
    return Status::Ok();
  }

  Status TakeName(std::string_view wanted, std::string* out) {
    LSM_RETURN_IF_ERROR(TakeBytes(wanted, out));
    return out->empty() ? Error("a name cannot be empty") : Status::Ok();
  }

  Status TakeValue(std::string* out) {
    if (AtEnd() || Peek().front() != '@') return TakeBytes("a value", out);
    LSM_ASSIGN_OR_RETURN(const std::string_view word, Take("a value"));
    size_t size = 0;
    uint64_t seed = 0;
    if (!ParseGenerated(word, &size, &seed)) {
      return Error(fmt::format("'{}' is not @SIZE:SEED with a size in [{}, {}]", word,
                               kMinGeneratedBytes, kMaxGeneratedBytes));
    }
    LSM_RETURN_IF_ERROR(Charge(size));
    *out = GeneratedBytes(size, seed);
    return Status::Ok();
  }

  // A few bytes of text stand for `bytes` of memory.
  Status Charge(size_t bytes) {
    if (bytes > *room_) {
      return Error(
          fmt::format("generated values and images of a trace expand to more than {} bytes",
                      kMaxExpandedBytes));
    }
    *room_ -= bytes;
    return Status::Ok();
  }

  // A number in [min, max] behind `prefix`: "io=" 5.
  Status TakeNumber(std::string_view prefix, uint64_t min, uint64_t max, uint64_t* out) {
    LSM_ASSIGN_OR_RETURN(const std::string_view word, Take(fmt::format("{}NUMBER", prefix)));
    if (!word.starts_with(prefix)) return Error(fmt::format("expected {}NUMBER", prefix));
    if (!ParseNumber(word.substr(prefix.size()), out) || *out < min || *out > max) {
      return Error(fmt::format("expected {}NUMBER in [{}, {}]", prefix, min, max));
    }
    return Status::Ok();
  }

  static bool ParseNumber(std::string_view text, uint64_t* out) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, *out);
    return error == std::errc() && stop == end;
  }

 private:
  void SkipSpaces() {
    while (next_ < text_.size() && text_[next_] == ' ') ++next_;
  }

  std::string_view text_;
  size_t number_;
  size_t* room_;
  size_t next_ = 0;    // the first word not taken
  size_t column_ = 0;  // the last word taken
};

Status ParseRange(Line* line, KeyRange* range) {
  if (line->TakeIf("from")) LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &range->from.emplace()));
  if (line->TakeIf("to")) LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &range->to.emplace()));
  return Status::Ok();
}

Status ParseKeys(Line* line, uint64_t count, std::vector<std::string>* keys) {
  for (uint64_t i = 0; i < count; ++i) {
    LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &keys->emplace_back()));
  }
  return Status::Ok();
}

Status ParseBatch(Line* line, std::vector<Update>* updates) {
  for (;;) {
    Update update;
    if (line->TakeIf("put")) {
      LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &update.key));
      LSM_RETURN_IF_ERROR(line->TakeValue(&update.value.emplace()));
    } else if (line->TakeIf("delete")) {
      LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &update.key));
    } else {
      return Status::Ok();
    }
    updates->push_back(std::move(update));
  }
}

// "0-3,7": ascending, no overlap.
bool ParseUnits(std::string_view text, std::vector<size_t>* units) {
  constexpr uint64_t kMaxUnits = 1 << 20;
  uint64_t next = 0;
  for (;;) {
    const std::string_view item = text.substr(0, text.find(','));
    const size_t dash = item.find('-');
    uint64_t first = 0, last = 0;
    if (!Line::ParseNumber(item.substr(0, dash), &first)) return false;
    last = first;
    if (dash != std::string_view::npos && !Line::ParseNumber(item.substr(dash + 1), &last)) {
      return false;
    }
    if (first < next || last < first || last > kMaxUnits) return false;
    for (uint64_t unit = first; unit <= last; ++unit) units->push_back(unit);
    next = last + 1;
    if (item.size() == text.size()) return true;
    text.remove_prefix(item.size() + 1);
  }
}

Status ParseCut(Line* line, CrashPoint* cut) {
  LSM_RETURN_IF_ERROR(line->TakeNumber("io=", 0, UINT32_MAX, &cut->io));
  LSM_ASSIGN_OR_RETURN(std::string_view word, line->Take("keep=IMAGE"));
  constexpr std::string_view kKeep = "keep=", kSeed = "seed:";
  CrashImage& image = cut->image;
  if (!word.starts_with(kKeep)) return line->Error("expected keep=IMAGE");
  word.remove_prefix(kKeep.size());
  if (word == "none") {
    image.kind = CrashImage::Kind::kNone;
  } else if (word == "all") {
    image.kind = CrashImage::Kind::kAll;
  } else if (word.starts_with(kSeed) && Line::ParseNumber(word.substr(kSeed.size()), &image.seed)) {
    image.kind = CrashImage::Kind::kSeed;
  } else if (ParseUnits(word, &image.units)) {
    image.kind = CrashImage::Kind::kUnits;
    return line->Charge(image.units.size() * sizeof(image.units[0]));
  } else {
    return line->Error("an image is none, all, seed:N or ascending indexes as 0-3,7");
  }
  return Status::Ok();
}

Status ParseFault(Line* line, Operation* op) {
  LSM_RETURN_IF_ERROR(line->TakeNumber("io=", 1, UINT32_MAX, &op->number));
  if (line->TakeIf("code=nospace")) {
    op->code = StatusCode::kNoSpace;
  } else if (!line->TakeIf("code=io")) {
    LSM_RETURN_IF_ERROR(line->Take("code=io or code=nospace").status());
    return line->Error("expected code=io or code=nospace");
  }
  op->sticky = line->TakeIf("sticky");
  if (op->sticky || line->TakeIf("once")) return Status::Ok();
  LSM_RETURN_IF_ERROR(line->Take("once or sticky").status());
  return line->Error("expected once or sticky");
}

Status ParseArguments(Line* line, Operation* op) {
  uint64_t count = 1;
  switch (op->kind) {
    case Kind::kPut:
      LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &op->updates.emplace_back().key));
      return line->TakeValue(&op->updates[0].value.emplace());
    case Kind::kDelete:
      return line->TakeBytes("a key", &op->updates.emplace_back().key);
    case Kind::kBatch:
      return ParseBatch(line, &op->updates);
    case Kind::kMultiGet:
      LSM_RETURN_IF_ERROR(line->TakeNumber("", 0, 1000, &count));
      [[fallthrough]];
    case Kind::kGet:
    case Kind::kZigzag:
      return ParseKeys(line, count, &op->keys);
    case Kind::kIterate:
      LSM_RETURN_IF_ERROR(line->TakeName("a name", &op->name));
      [[fallthrough]];
    case Kind::kScan:
    case Kind::kReverseScan:
    case Kind::kCompact:
      return ParseRange(line, &op->range);
    case Kind::kSnapshot:
    case Kind::kRelease:
    case Kind::kCheck:
    case Kind::kClose:
      return line->TakeName("a name", &op->name);
    case Kind::kSleep:
      return line->TakeNumber("", 0, 1'000'000'000, &op->number);
    case Kind::kCrash:
      do {
        LSM_RETURN_IF_ERROR(ParseCut(line, &op->cuts.emplace_back()));
      } while (line->TakeIf("again"));
      return Status::Ok();
    case Kind::kKill:
      return line->TakeNumber("io=", 0, UINT32_MAX, &op->cuts.emplace_back().io);
    case Kind::kFail:
      return ParseFault(line, op);
    default:
      return Status::Ok();
  }
}

bool TakesSnapshot(Kind kind) { return kind >= Kind::kGet && kind <= Kind::kZigzag; }

// The word is a client's if it is c<digits>.
bool ParseClient(std::string_view word, uint64_t* client) {
  return word.starts_with('c') && Line::ParseNumber(word.substr(1), client);
}

Status CheckOwnership(const Line& line, const Operation& op) {
  const std::string prefix = Oracle::KeyPrefix(static_cast<size_t>(op.client));
  for (const Update& update : op.updates) {
    if (!update.key.starts_with(prefix)) {
      return line.Error(fmt::format("client {} writes keys that begin '{}', not '{}'", op.client,
                                    prefix, Escape(update.key)));
    }
  }
  return Status::Ok();
}

Status ParseOperation(Line* line, const Trace& head, Operation* op) {
  LSM_ASSIGN_OR_RETURN(std::string_view text, line->Take("an operation"));
  if (uint64_t client = 0; ParseClient(text, &client)) {
    if (client >= head.clients) {
      return line->Error(fmt::format("there is no client {}, only {}", client, head.clients));
    }
    op->client = static_cast<int>(client);
    LSM_ASSIGN_OR_RETURN(text, line->Take("an operation"));
  }
  const Word* word = FindWord(text);
  if (word == nullptr) return line->Error(fmt::format("unknown operation '{}'", text));
  op->kind = word->kind;
  const bool has_client = op->client != Operation::kNoClient;
  if (word->speaker == Speaker::kClient && !has_client) {
    return line->Error(fmt::format("'{}' needs a client before it", text));
  }
  if (word->speaker == Speaker::kWorld && has_client) {
    return line->Error(fmt::format("'{}' is not a client's", text));
  }
  LSM_RETURN_IF_ERROR(ParseArguments(line, op));
  if (head.clients > 1 && !head.shared_keys) LSM_RETURN_IF_ERROR(CheckOwnership(*line, *op));
  if (TakesSnapshot(op->kind) && line->TakeIf("at")) {
    LSM_RETURN_IF_ERROR(line->TakeName("a snapshot", &op->at));
  }
  op->sync = op->IsWrite() && line->TakeIf("sync");
  return Status::Ok();
}

class Parser {
 public:
  Result<Trace> Run(std::string_view text) {
    size_t number = 0;
    for (bool more = true; more;) {
      const size_t end = text.find('\n');
      more = end != std::string_view::npos;
      std::string_view content = text.substr(0, end);
      text = more ? text.substr(end + 1) : std::string_view();
      if (content.ends_with('\r')) content.remove_suffix(1);
      Line line(content, ++number, &room_);
      if (number == 1) {
        LSM_RETURN_IF_ERROR(ParseVersion(&line));
      } else if (!line.AtEnd() && line.Peek().front() != '#') {
        LSM_RETURN_IF_ERROR(ParseLine(&line));
      }
    }
    return std::move(trace_);
  }

 private:
  Status ParseVersion(Line* line) {
    if (!line->TakeIf("lsmlab-trace")) return line->Error("a trace begins 'lsmlab-trace 1'");
    LSM_ASSIGN_OR_RETURN(const std::string_view version, line->Take("a version"));
    if (version == std::to_string(kTraceVersion)) return End(line);
    return line->Error(
        fmt::format("trace version '{}' is not supported, only {}", version, kTraceVersion));
  }

  Status End(Line* line) {
    if (line->AtEnd()) return Status::Ok();
    LSM_ASSIGN_OR_RETURN(const std::string_view word, line->Take("the end of the line"));
    return line->Error(fmt::format("'{}' is too much here", word));
  }

  Status ParseLine(Line* line) {
    const std::string_view word = line->Peek();
    const bool in_head = trace_.operations.empty();
    if (in_head && line->TakeIf("stage")) {
      LSM_ASSIGN_OR_RETURN(const std::string_view stage, line->Take("NAME=DIR"));
      trace_.stages.emplace_back(stage);
    } else if (in_head && line->TakeIf("option")) {
      LSM_RETURN_IF_ERROR(ParseOption(line));
    } else if (in_head && line->TakeIf("schedule")) {
      LSM_RETURN_IF_ERROR(ParseSchedule(line));
    } else if (in_head && line->TakeIf("clients")) {
      uint64_t clients = 0;
      LSM_RETURN_IF_ERROR(line->TakeNumber("", 1, kMaxClients, &clients));
      trace_.clients = clients;
    } else if (in_head && line->TakeIf("start")) {
      if (!line->TakeIf("closed")) return line->Error("expected 'start closed'");
      trace_.start_closed = true;
    } else if (in_head && line->TakeIf("keys")) {
      if (!line->TakeIf("shared")) return line->Error("expected 'keys shared'");
      trace_.shared_keys = true;
    } else if (word == "stage" || word == "option" || word == "schedule" || word == "clients" ||
               word == "keys" || word == "start") {
      LSM_RETURN_IF_ERROR(line->Take("").status());
      return line->Error(fmt::format("'{}' stands before the first operation", word));
    } else {
      LSM_RETURN_IF_ERROR(ParseOperation(line, trace_, &trace_.operations.emplace_back()));
    }
    return End(line);
  }

  Status ParseSchedule(Line* line) {
    LSM_RETURN_IF_ERROR(line->TakeNumber("seed=", 0, UINT64_MAX, &trace_.seed));
    uint64_t number = 0;
    const bool by_priority = !line->AtEnd() && line->Peek().starts_with("priority=");
    if (by_priority) {
      LSM_RETURN_IF_ERROR(line->TakeNumber("priority=", 1, kMaxPriorityDepth, &number));
      LSM_RETURN_IF_ERROR(line->TakeNumber("points=", 1, UINT32_MAX, &trace_.priority_points));
    } else {
      LSM_RETURN_IF_ERROR(line->TakeNumber("switch=", 0, 1024, &number));
    }
    trace_.priority_depth = by_priority ? static_cast<uint32_t>(number) : 0;
    trace_.switch_per_1024 = by_priority ? 0 : static_cast<uint32_t>(number);
    if (!by_priority) trace_.priority_points = 0;
    return Status::Ok();
  }

  Status ParseOption(Line* line) {
    LSM_ASSIGN_OR_RETURN(const std::string_view name, line->Take("an option"));
    if (!option_names_.emplace(name).second) {
      return line->Error(fmt::format("option {} stands twice", name));
    }
    const Line at_name = *line;
    LSM_ASSIGN_OR_RETURN(const std::string_view value, line->Take("a value"));
    Options options;
    if (Status s = SetOption(name, value, &options); !s.ok()) return at_name.Error(s.message());
    trace_.options.emplace_back(name, value);
    return Status::Ok();
  }

  Trace trace_;
  size_t room_ = kMaxExpandedBytes;
  std::set<std::string, std::less<>> option_names_;
};

}  // namespace

Result<Trace> Parse(std::string_view text) { return Parser().Run(text); }

}  // namespace lsm::lab
