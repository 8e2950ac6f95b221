#include "foreign/recording.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/escape.h"

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;

// What stands behind the word of a call.
enum class Form : uint8_t { kText, kOpen, kFdOffsetBytes, kFdOffset, kFd, kPath, kTwoPaths };

struct Word {
  std::string_view text;
  Kind kind;
  Form form;
};

constexpr Word kWords[] = {
    {"begin", Kind::kBegin, Form::kText},
    {"end", Kind::kEnd, Form::kText},
    {"open", Kind::kOpen, Form::kOpen},
    {"write", Kind::kWrite, Form::kFdOffsetBytes},
    {"truncate", Kind::kTruncate, Form::kFdOffset},
    {"allocate", Kind::kAllocate, Form::kFdOffset},
    {"fsync", Kind::kFsync, Form::kFd},
    {"fdatasync", Kind::kFdatasync, Form::kFd},
    {"sync_file_range", Kind::kSyncFileRange, Form::kFd},
    {"close", Kind::kClose, Form::kFd},
    {"rename", Kind::kRename, Form::kTwoPaths},
    {"link", Kind::kLink, Form::kTwoPaths},
    {"unlink", Kind::kUnlink, Form::kPath},
    {"mkdir", Kind::kMkdir, Form::kPath},
    {"rmdir", Kind::kRmdir, Form::kPath},
    {"stdio", Kind::kStdio, Form::kFd},
    {"mapped", Kind::kMapped, Form::kFd},
    {"unsupported", Kind::kUnsupported, Form::kText},
};

const Word& WordOf(Kind kind) { return kWords[static_cast<size_t>(kind)]; }

// The words of a line, one after the other; the first one that is wrong stays in error().
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view Next() {
    const size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return word;
  }
  std::string_view Rest() { return std::exchange(rest_, {}); }
  bool AtEnd() const { return rest_.empty(); }

  template <class T>
  T Number() {
    const std::string_view word = Next();
    T n = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (error != std::errc() || stop != word.data() + word.size()) {
      Wrong(fmt::format("\"{}\" is no number", word));
    }
    return n;
  }
  std::string Bytes() {
    const std::string_view word = Next();
    auto bytes = Unescape(word);
    if (word.empty() || !bytes.ok()) Wrong(fmt::format("\"{}\" is no escaped text", word));
    return bytes.ok() ? std::move(*bytes) : std::string();
  }
  void Wrong(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }
  const std::string& error() const { return error_; }

 private:
  std::string_view rest_;
  std::string error_;
};

void ParseArguments(Form form, Words* words, FileCall* call) {
  switch (form) {
    case Form::kText:
      call->bytes = words->Rest();
      break;
    case Form::kOpen:
      call->fd = words->Number<int>();
      call->path = words->Bytes();
      while (!words->AtEnd()) {
        const std::string_view word = words->Next();
        if (word != "create" && word != "truncate") words->Wrong("create or truncate is wanted");
        (word == "create" ? call->create : call->truncate) = true;
      }
      break;
    case Form::kFdOffsetBytes:
    case Form::kFdOffset:
      call->fd = words->Number<int>();
      call->offset = words->Number<uint64_t>();
      if (form == Form::kFdOffsetBytes) call->bytes = words->Bytes();
      break;
    case Form::kFd:
      call->fd = words->Number<int>();
      break;
    case Form::kPath:
    case Form::kTwoPaths:
      call->path = words->Bytes();
      if (form == Form::kTwoPaths) call->to = words->Bytes();
      break;
  }
}

// A line of a trace, alone.
Result<Operation> ParseOperation(std::string_view line) {
  LSM_ASSIGN_OR_RETURN(Trace trace, Parse(fmt::format("lsmlab-trace 1\n{}\n", line)));
  if (trace.operations.size() != 1) return Status::InvalidArgument("no operation");
  return std::move(trace.operations[0]);
}

// What is wrong with the line; empty: nothing.
std::string ParseLine(std::string_view line, Recording* recording) {
  Words words(line);
  const std::string_view first = words.Next();
  if (first == "engine") {
    recording->engine = words.Rest();
  } else if (first == "option") {
    const std::string name(words.Next());
    recording->options.emplace_back(name, words.Rest());
  } else if (first == "crash") {
    const auto operation = ParseOperation(line);
    if (!operation.ok()) return std::string(operation.status().message());
    if (operation->cuts.size() != 1) return "one cut is wanted";
    recording->crash = operation->cuts[0];
    words.Rest();
  } else {
    const Word* found = nullptr;
    for (const Word& word : kWords) {
      if (word.text == first) found = &word;
    }
    if (found == nullptr) return fmt::format("unknown call \"{}\"", first);
    FileCall call;
    call.kind = found->kind;
    ParseArguments(found->form, &words, &call);
    recording->calls.push_back(std::move(call));
  }
  if (!words.AtEnd()) words.Wrong("more words than there should be");
  return words.error();
}

}  // namespace

bool IsCutPoint(const FileCall& call) {
  switch (call.kind) {
    case Kind::kOpen:
      return call.create || call.truncate;
    case Kind::kEnd:  // what is promised
    case Kind::kWrite:
    case Kind::kTruncate:
    case Kind::kAllocate:
    case Kind::kRename:
    case Kind::kLink:
    case Kind::kUnlink:
    case Kind::kMkdir:
    case Kind::kRmdir:
      return true;
    default:
      return false;
  }
}

std::string Print(const FileCall& call) {
  const Word& word = WordOf(call.kind);
  switch (word.form) {
    case Form::kText:
      return fmt::format("{} {}", word.text, call.bytes);
    case Form::kOpen:
      return fmt::format("open {} {}{}{}", call.fd, Escape(call.path), call.create ? " create" : "",
                         call.truncate ? " truncate" : "");
    case Form::kFdOffsetBytes:
      return fmt::format("{} {} {} {}", word.text, call.fd, call.offset, Escape(call.bytes));
    case Form::kFdOffset:
      return fmt::format("{} {} {}", word.text, call.fd, call.offset);
    case Form::kFd:
      return fmt::format("{} {}", word.text, call.fd);
    case Form::kPath:
      return fmt::format("{} {}", word.text, Escape(call.path));
    case Form::kTwoPaths:
      return fmt::format("{} {} {}", word.text, Escape(call.path), Escape(call.to));
  }
  return {};
}

std::string Print(const Recording& recording) {
  std::string text = fmt::format("{}\nengine {}\n", kRecordingHead, recording.engine);
  for (const auto& [name, value] : recording.options) {
    text += fmt::format("option {} {}\n", name, value);
  }
  for (const FileCall& call : recording.calls) text += Print(call) + "\n";
  if (recording.crash.has_value()) {
    Operation crash;
    crash.kind = Operation::Kind::kCrash;
    crash.cuts = {*recording.crash};
    text += Print(crash) + "\n";
  }
  return text;
}

Result<Recording> ParseRecording(std::string_view text) {
  Recording recording;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    std::string wrong;
    if (number == 1) {
      if (line != kRecordingHead) wrong = fmt::format("\"{}\" is wanted", kRecordingHead);
    } else {
      wrong = ParseLine(line, &recording);
    }
    if (!wrong.empty()) return Status::InvalidArgument(fmt::format("line {}: {}", number, wrong));
  }
  if (number == 0) return Status::InvalidArgument("line 1: the recording is empty");
  return recording;
}

std::vector<std::string> Narrate(const Recording& recording) {
  std::vector<std::string> lines;
  std::map<int, std::string> names;  // of what is open
  for (const FileCall& call : recording.calls) {
    if (call.kind == Kind::kOpen) names[call.fd] = call.path;
    const std::string name = names[call.fd] == "." ? "the directory" : names[call.fd];
    const std::string_view word = WordOf(call.kind).text;
    switch (WordOf(call.kind).form) {
      case Form::kOpen:
        lines.push_back(fmt::format("{} {}", call.create ? "create" : "open", name));
        break;
      case Form::kFdOffsetBytes:
        lines.push_back(fmt::format("{} {} [{}, {})", word, name, call.offset,
                                    call.offset + call.bytes.size()));
        break;
      case Form::kFdOffset:
        lines.push_back(fmt::format("{} {} to {}", word, name, call.offset));
        break;
      case Form::kFd:
        lines.push_back(fmt::format("{} {}", word, name));
        break;
      default:
        lines.push_back(Print(call));
    }
  }
  return lines;
}

Result<Trace> WorkloadOf(const Recording& recording) {
  std::string text = "lsmlab-trace 1\n";
  for (const auto& [name, value] : recording.options) {
    text += fmt::format("option {} {}\n", name, value);
  }
  for (const FileCall& call : recording.calls) {
    if (call.kind == Kind::kBegin && call.bytes != "open") text += call.bytes + "\n";
  }
  return Parse(text);
}

}  // namespace lsm::lab
