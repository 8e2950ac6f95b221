// The parser of the trace language: one line at a time, one word at a time, left to right.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "lsm/options_text.h"
#include "testing/property.h"
#include "testing/trace.h"
#include "testing/trace_line.h"
#include "testing/trace_words.h"
#include "testing/trace_world.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

Status ParseRange(TraceLine* line, KeyRange* range) {
  if (line->TakeIf("from")) LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &range->from.emplace()));
  if (line->TakeIf("to")) LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &range->to.emplace()));
  return Status::Ok();
}

Status ParseKeys(TraceLine* line, uint64_t count, std::vector<std::string>* keys) {
  for (uint64_t i = 0; i < count; ++i) {
    LSM_RETURN_IF_ERROR(line->TakeBytes("a key", &keys->emplace_back()));
  }
  return Status::Ok();
}

Status ParseBatch(TraceLine* line, std::vector<Update>* updates) {
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

Status ParseKnob(TraceLine* line, TraceOptions* options) {
  LSM_ASSIGN_OR_RETURN(const std::string_view name, line->Take("an option"));
  const TraceLine at_name = *line;
  LSM_ASSIGN_OR_RETURN(const std::string_view value, line->Take("a value"));
  Options checked;
  if (Status s = SetOption(name, value, &checked); !s.ok()) return at_name.Error(s.message());
  options->emplace_back(name, value);
  return Status::Ok();
}

Status ParseArguments(TraceLine* line, Operation* op) {
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
    case Kind::kPrefixScan:
    case Kind::kZigzag:
      return ParseKeys(line, count, &op->keys);
    case Kind::kIterate:
      LSM_RETURN_IF_ERROR(line->TakeName("a name", &op->name));
      return ParseRange(line, &op->range);
    case Kind::kCompactLevel:
      LSM_RETURN_IF_ERROR(line->TakeNumber("", 0, kMaxLevels - 1, &op->number));
      [[fallthrough]];
    case Kind::kScan:
    case Kind::kReverseScan:
    case Kind::kSizes:
    case Kind::kDeleteFiles:
    case Kind::kCompact:
      return ParseRange(line, &op->range);
    case Kind::kSnapshot:
    case Kind::kRelease:
    case Kind::kCheck:
    case Kind::kClose:
      return line->TakeName("a name", &op->name);
    case Kind::kReopen:
      while (!line->AtEnd()) LSM_RETURN_IF_ERROR(ParseKnob(line, &op->options));
      return Status::Ok();
    case Kind::kSleep:
    case Kind::kClock:
      return line->TakeNumber("", 0, 1'000'000'000, &op->number);
    case Kind::kCrash:
    case Kind::kKill:
      return ParseCuts(line, op);
    case Kind::kFail:
      return ParseFault(line, &op->fault);
    case Kind::kDamage:
      return ParseDamage(line, &op->damage);
    default:
      return Status::Ok();
  }
}

bool TakesSnapshot(Kind kind) { return kind >= Kind::kGet && kind <= Kind::kZigzag; }

// The word is a client's if it is c<digits>.
bool ParseClient(std::string_view word, uint64_t* client) {
  return word.starts_with('c') && ParseNumber(word.substr(1), client);
}

// Deleting files takes keys away, so it is a write: of a client's own keys, by one client.
Status CheckDeleteFiles(const TraceLine& line, const Trace& head, const Operation& op) {
  if (head.shared_keys) return line.Error("deletefiles needs keys that are not shared");
  if (head.clients == 1) return Status::Ok();
  const std::string prefix = Oracle::KeyPrefix(static_cast<size_t>(op.client));
  if (op.range.from.value_or("").starts_with(prefix) &&
      op.range.to.value_or("").starts_with(prefix)) {
    return Status::Ok();
  }
  return line.Error(
      fmt::format("client {} deletes files from and to keys that begin '{}'", op.client, prefix));
}

Status CheckOwnership(const TraceLine& line, const Operation& op) {
  const std::string prefix = Oracle::KeyPrefix(static_cast<size_t>(op.client));
  for (const Update& update : op.updates) {
    if (!update.key.starts_with(prefix)) {
      return line.Error(fmt::format("client {} writes keys that begin '{}', not '{}'", op.client,
                                    prefix, Escape(update.key)));
    }
  }
  return Status::Ok();
}

Status ParseOperation(TraceLine* line, const Trace& head, Operation* op) {
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
  if (op->kind == Kind::kDeleteFiles) LSM_RETURN_IF_ERROR(CheckDeleteFiles(*line, head, *op));
  if (head.clients > 1 && !head.shared_keys) LSM_RETURN_IF_ERROR(CheckOwnership(*line, *op));
  if (TakesSnapshot(op->kind) && line->TakeIf("at")) {
    LSM_RETURN_IF_ERROR(line->TakeName("a snapshot", &op->at));
  }
  op->sync = op->IsWrite() && line->TakeIf("sync");
  return Status::Ok();
}

// A history has no place for data that goes by itself.
bool MayExpire(const Trace& trace) {
  const auto names_fifo = [](const TraceOptions& options) {
    return std::find(options.begin(), options.end(),
                     std::pair<std::string, std::string>("policy", "fifo")) != options.end();
  };
  return names_fifo(trace.options) ||
         std::any_of(trace.operations.begin(), trace.operations.end(),
                     [&](const Operation& op) { return names_fifo(op.options); });
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
      TraceLine line(content, ++number, &room_);
      if (number == 1) {
        LSM_RETURN_IF_ERROR(ParseVersion(&line));
      } else if (!line.AtEnd() && line.Peek().front() != '#') {
        LSM_RETURN_IF_ERROR(ParseLine(&line));
      }
    }
    if (trace_.shared_keys && MayExpire(trace_)) {
      return Status::InvalidArgument("policy fifo needs keys that are not shared");
    }
    return std::move(trace_);
  }

 private:
  Status ParseVersion(TraceLine* line) {
    if (!line->TakeIf("lsmlab-trace")) return line->Error("a trace begins 'lsmlab-trace 1'");
    LSM_ASSIGN_OR_RETURN(const std::string_view version, line->Take("a version"));
    if (version == std::to_string(kTraceVersion)) return End(line);
    return line->Error(
        fmt::format("trace version '{}' is not supported, only {}", version, kTraceVersion));
  }

  Status End(TraceLine* line) {
    if (line->AtEnd()) return Status::Ok();
    LSM_ASSIGN_OR_RETURN(const std::string_view word, line->Take("the end of the line"));
    return line->Error(fmt::format("'{}' is too much here", word));
  }

  Status ParseLine(TraceLine* line) {
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
    } else if (in_head && line->TakeIf("expect")) {
      LSM_ASSIGN_OR_RETURN(const std::string_view verdict, line->Take("ok or a property"));
      if (verdict != "ok" && !FindProperty(verdict).has_value()) {
        return line->Error(fmt::format("'{}' is neither ok nor a property as P4", verdict));
      }
      trace_.expect = verdict;
    } else if (in_head && line->TakeIf("keys")) {
      if (!line->TakeIf("shared")) return line->Error("expected 'keys shared'");
      trace_.shared_keys = true;
    } else if (word == "stage" || word == "option" || word == "schedule" || word == "clients" ||
               word == "keys" || word == "start" || word == "expect") {
      LSM_RETURN_IF_ERROR(line->Take("").status());
      return line->Error(fmt::format("'{}' stands before the first operation", word));
    } else {
      LSM_RETURN_IF_ERROR(ParseOperation(line, trace_, &trace_.operations.emplace_back()));
    }
    return End(line);
  }

  Status ParseSchedule(TraceLine* line) {
    LSM_RETURN_IF_ERROR(line->TakeNumber("seed=", 0, UINT64_MAX, &trace_.seed));
    uint64_t number = 0;
    const bool by_priority = !line->AtEnd() && line->Peek().starts_with("priority=");
    if (by_priority) {
      LSM_RETURN_IF_ERROR(line->TakeNumber("priority=", 1, kMaxPriorityDepth, &number));
      trace_.priority_at_marks = !line->AtEnd() && line->Peek().starts_with("marks=");
      const char* const points = trace_.priority_at_marks ? "marks=" : "points=";
      LSM_RETURN_IF_ERROR(line->TakeNumber(points, 1, UINT32_MAX, &trace_.priority_points));
    } else {
      LSM_RETURN_IF_ERROR(line->TakeNumber("switch=", 0, 1024, &number));
    }
    trace_.priority_depth = by_priority ? static_cast<uint32_t>(number) : 0;
    trace_.switch_per_1024 = by_priority ? 0 : static_cast<uint32_t>(number);
    if (!by_priority) trace_.priority_points = trace_.priority_at_marks = 0;
    return Status::Ok();
  }

  Status ParseOption(TraceLine* line) {
    const std::string_view name = line->Peek();
    if (!option_names_.emplace(name).second) {
      LSM_RETURN_IF_ERROR(line->Take("an option").status());
      return line->Error(fmt::format("option {} stands twice", name));
    }
    return ParseKnob(line, &trace_.options);
  }

  Trace trace_;
  size_t room_ = kMaxExpandedBytes;
  std::set<std::string, std::less<>> option_names_;
};

}  // namespace

Result<Trace> Parse(std::string_view text) { return Parser().Run(text); }

}  // namespace lsm::lab
