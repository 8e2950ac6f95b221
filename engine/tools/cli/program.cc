#include "tools/cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/escape.h"
#include "events/event_log.h"
#include "format/filename.h"
#include "lsm/options_text.h"
#include "tools/cli/row_text.h"

namespace lsm::cli {

namespace {

// What is wrong with the words of a command. CLI11 tells of an unknown option last, after what it
// finds to be missing.
std::string UsageText(const CLI::App& app, const CLI::ParseError& error) {
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    if (word.size() > 1 && word.front() == '-') return "unknown option " + word;
  }
  return error.what();
}

// What the engine tells while a verb runs, line by line as it happens, so that it can be followed.
class EventFile {
 public:
  static Result<std::unique_ptr<EventFile>> Create(const std::string& path) {
    LSM_ASSIGN_OR_RETURN(auto file, Env::Default()->CreateWritable(path, {}));
    return std::unique_ptr<EventFile>(new EventFile(std::move(file)));
  }
  EventListener* listener() { return &writer_; }
  // The first error, once nothing more is told.
  Status Close() {
    const Status closed = file_->Close();
    return status_.ok() ? closed : status_;
  }

 private:
  explicit EventFile(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {}

  void Write(std::string_view line) {
    if (status_.ok()) status_ = file_->Append(line);
    if (status_.ok()) status_ = file_->Flush();
  }

  const std::unique_ptr<WritableFile> file_;
  Status status_;
  EventLogWriter writer_{Env::Default(), [this](std::string_view line) { Write(line); }};
};

}  // namespace

CLI::App* AddVerb(CLI::App* app, Program* program, const std::string& name,
                  const std::string& about, const std::string& examples,
                  std::function<Status()> body) {
  CLI::App* verb = app->add_subcommand(name, about);
  verb->footer("Examples:\n" + examples);
  verb->callback([program, name, body = std::move(body)] { Finish(program, name, body()); });
  return verb;
}

void Finish(Program* program, std::string_view what, const Status& status) {
  if (status.ok()) return;
  const bool usage = status.code() == StatusCode::kInvalidArgument;
  fmt::print(program->err, "lsm {}: {}\n", what,
             usage ? std::string(status.message()) : status.ToString());
  program->exit = usage ? kExitUsage : kExitFinding;
}

void GivenOptions::AddTo(CLI::App* verb) {
  verb->add_option("--options", file, "a file of options, as 'lsm options --save' writes it")
      ->type_name("FILE");
  verb->add_option("--option", knobs, "a knob of the engine, NAME=VALUE; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

Result<Options> GivenOptions::Make() const {
  Options options;
  if (!file.empty()) LSM_RETURN_IF_ERROR(LoadOptions(Env::Default(), file, &options));
  for (const std::string& knob : knobs) {
    const size_t equals = knob.find('=');
    if (equals == std::string::npos) {
      return Status::InvalidArgument(fmt::format("--option {}: must be NAME=VALUE", knob));
    }
    LSM_RETURN_IF_ERROR(SetOption(knob.substr(0, equals), knob.substr(equals + 1), &options));
  }
  return options;
}

void Database::AddTo(CLI::App* verb) {
  verb->add_option("DIR", dir, "directory of the database")->required();
  given.AddTo(verb);
  verb->add_option("--events", events, "write what the engine does to this file: see ./lab viz")
      ->type_name("FILE");
}

Status Database::With(Mode mode, const std::function<Status(DB*)>& body) const {
  LSM_ASSIGN_OR_RETURN(Options options, given.Make());
  if (mode == Mode::kExisting) LSM_RETURN_IF_ERROR(RequireDatabase(dir, Purpose::kOpen));
  if (mode == Mode::kCreate && Env::Default()->FileExists(CurrentFileName(dir))) {
    return Status::InvalidArgument(dir + " holds a database already");
  }
  options.create_if_missing = mode != Mode::kExisting;
  options.error_if_exists = mode == Mode::kCreate;
  std::unique_ptr<EventFile> told;
  if (!events.empty()) {
    LSM_ASSIGN_OR_RETURN(told, EventFile::Create(events));
    options.listener = told->listener();
  }
  LSM_ASSIGN_OR_RETURN(const std::unique_ptr<DB> db, DB::Open(options, dir));
  Status status = body(db.get());
  if (const Status closed = db->Close(); status.ok()) status = closed;
  if (told != nullptr && status.ok()) status = told->Close();
  return status;
}

Status RequireDatabase(const std::string& dir, Purpose purpose) {
  std::string other;
  const auto names = Env::Default()->ListDir(dir);
  if (names.ok()) {
    for (const std::string& name : *names) {
      const FileKind kind = ParseFileName(name).kind;
      if (kind == FileKind::kCurrent || kind == FileKind::kWal || kind == FileKind::kTable ||
          (kind == FileKind::kManifest && purpose == Purpose::kRescue)) {
        return Status::Ok();
      }
      if (kind == FileKind::kUnknown) other = "; it holds " + name;
    }
  } else if (Env::Default()->FileExists(dir)) {
    other = fmt::format("; {}", names.status().ToString());
  }
  return Status::InvalidArgument(
      fmt::format("{0} is no database (make one: ./lab lsm create {0}){1}", dir, other));
}

CLI::Validator Between(uint64_t min, uint64_t max) {
  const auto check = [min, max](const std::string& word) {
    uint64_t value = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    const bool ok = error == std::errc() && stop == end && value >= min && value <= max;
    return ok ? std::string() : fmt::format("must be {} to {}", min, max);
  };
  return CLI::Validator(check, "");
}

void Notation::AddTo(CLI::App* verb) {
  verb->add_flag("--hex", hex, "keys and values are hex digits, not escaped text");
}

Result<std::string> Notation::Parse(std::string_view word) const {
  return hex ? FromHex(word) : Unescape(word);
}

std::string Notation::Print(std::string_view bytes) const {
  return hex ? ToHex(bytes) : Escape(bytes);
}

Status ParseBound(const Notation& notation, const std::optional<std::string>& word,
                  std::string* bytes, std::string_view* view) {
  if (!word.has_value()) return Status::Ok();
  LSM_ASSIGN_OR_RETURN(*bytes, notation.Parse(*word));
  *view = *bytes;
  return Status::Ok();
}

int Main(const std::vector<std::string>& arguments, std::FILE* in, std::FILE* out, std::FILE* err) {
  Program program{in, out, err};
  CLI::App app("Opens, reads, writes and inspects a database", "lsm");
  app.footer(
      "Keys and values are text with escapes: \\xHH, \\n, \\t, \\r, \\\\, \\\" and \"\" for no "
      "bytes.\nExit status: 0 fine; 1 something failed, was not found or is damaged; 2 wrong "
      "usage.\n'lsm VERB --help' has examples.");
  app.require_subcommand(1);
  AddDataVerbs(&app, &program);
  AddLoadVerb(&app, &program);
  AddTreeVerbs(&app, &program);
  AddRangeVerbs(&app, &program);
  AddOptionsVerb(&app, &program);
  AddCheckVerbs(&app, &program);
  AddDumpVerb(&app, &program);
  AddReplayVerb(&app, &program);
  const std::string verb = arguments.empty() ? "" : arguments.front();
  const auto is_verb = [&](const CLI::App* sub) { return sub->get_name() == verb; };
  if (!verb.empty() && verb.front() != '-' && app.get_subcommands(is_verb).empty()) {
    fmt::print(err, "lsm: unknown verb '{}'; see ./lab lsm --help\n", verb);
    return kExitUsage;
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // last one first
  } catch (const CLI::CallForHelp&) {
    fmt::print(out, "{}", app.help());
  } catch (const CLI::ParseError& e) {
    const auto verbs = app.get_subcommands();
    const std::string at = verbs.empty() ? "" : " " + verbs.front()->get_name();
    fmt::print(err, "lsm{0}: {1}; see ./lab lsm{0} --help\n", at, UsageText(app, e));
    return kExitUsage;
  }
  if (std::fflush(out) != 0 || std::ferror(out) != 0) {
    fmt::print(err, "lsm: writing the output failed\n");
    return std::max(program.exit, kExitFinding);
  }
  return program.exit;
}

}  // namespace lsm::cli
