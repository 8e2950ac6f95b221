// What the verbs of the `lsm` program share: where output goes, the arguments that most verbs have,
// bytes as text, and the exit status.
//
// A verb is a CLI11 subcommand whose callback runs a body that returns a Status. The exit status
// follows from it: OK is 0, InvalidArgument is 2 (the caller asked for something that cannot be),
// anything else is 1. One thread at a time.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/db.h"
#include "lsm/options.h"
#include "lsm/status.h"

namespace lsm::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFinding = 1;  // damage, a missing key, a failed operation
inline constexpr int kExitUsage = 2;

struct Program {
  std::FILE* in = nullptr;
  std::FILE* out = nullptr;  // results
  std::FILE* err = nullptr;  // errors and progress
  int exit = kExitOk;
};

// Runs the program. Never throws, never calls exit().
int Main(const std::vector<std::string>& arguments, std::FILE* in, std::FILE* out, std::FILE* err);

// The groups of verbs, each in a file cmd_*.cc.
void AddDataVerbs(CLI::App* app, Program* program);    // create put get delete scan
void AddLoadVerb(CLI::App* app, Program* program);     // load
void AddTreeVerbs(CLI::App* app, Program* program);    // flush compact stats
void AddRangeVerbs(CLI::App* app, Program* program);   // sizes delete-files
void AddOptionsVerb(CLI::App* app, Program* program);  // options
void AddCheckVerbs(CLI::App* app, Program* program);   // check repair
void AddDumpVerb(CLI::App* app, Program* program);     // dump
void AddReplayVerb(CLI::App* app, Program* program);   // replay

// Adds a verb; `examples` stands at the end of its --help. `body` runs when it was parsed.
CLI::App* AddVerb(CLI::App* app, Program* program, const std::string& name,
                  const std::string& about, const std::string& examples,
                  std::function<Status()> body);

// Prints "lsm <what>: <status>" if it is an error, and sets the exit status.
void Finish(Program* program, std::string_view what, const Status& status);

// The options that a command was given: the engine's defaults, then a file's, then single knobs.
struct GivenOptions {
  std::string file;                // empty: none
  std::vector<std::string> knobs;  // "name=value"

  void AddTo(CLI::App* verb);
  Result<Options> Make() const;
};

// The directory of a database and the options to open it with.
struct Database {
  std::string dir;
  GivenOptions given;
  std::string events;  // the file of the event log; empty: none

  void AddTo(CLI::App* verb);
  // Opens, runs the body, closes; the first error. `create`: InvalidArgument if there is one.
  enum class Mode : uint8_t { kExisting, kCreate, kCreateIfMissing };
  Status With(Mode mode, const std::function<Status(DB*)>& body) const;
};

// OK if the directory holds a database, else the InvalidArgument that all verbs give. Opening needs
// more than a manifest; check and repair do not.
enum class Purpose : uint8_t { kOpen, kRescue };
Status RequireDatabase(const std::string& dir, Purpose purpose);

// The values of a numeric option: decimal, both bounds included.
CLI::Validator Between(uint64_t min, uint64_t max);

// Keys and values as words: escaped, or as hex digits.
struct Notation {
  bool hex = false;

  void AddTo(CLI::App* verb);
  Result<std::string> Parse(std::string_view word) const;
  std::string Print(std::string_view bytes) const;
};

// A bound of a range, if it was given: parsed into *bytes, which *view then is of.
Status ParseBound(const Notation& notation, const std::optional<std::string>& word,
                  std::string* bytes, std::string_view* view);

}  // namespace lsm::cli
