// The verbs that work on keys: create, put, get, delete, scan.
#include <fmt/format.h>

#include "tools/cli/program.h"
#include "tools/cli/row_text.h"

namespace lsm::cli {
namespace {

constexpr uint64_t kMaxLimit = 1'000'000'000'000;

struct KeyArguments {
  Database database;
  Notation notation;
  std::string key, value;
  bool sync = false, json = false;

  Status Prepare() {
    LSM_ASSIGN_OR_RETURN(key, notation.Parse(key));
    LSM_ASSIGN_OR_RETURN(value, notation.Parse(value));
    return Status::Ok();
  }
};

Status Put(KeyArguments* a) {
  LSM_RETURN_IF_ERROR(a->Prepare());
  return a->database.With(Database::Mode::kExisting,
                          [&](DB* db) { return db->Put({a->sync}, a->key, a->value); });
}

Status Delete(KeyArguments* a) {
  LSM_RETURN_IF_ERROR(a->Prepare());
  return a->database.With(Database::Mode::kExisting,
                          [&](DB* db) { return db->Delete({a->sync}, a->key); });
}

Status Get(KeyArguments* a, Program* program) {
  LSM_RETURN_IF_ERROR(a->Prepare());
  return a->database.With(Database::Mode::kExisting, [&](DB* db) {
    const Status s = db->Get({}, a->key, &a->value);
    if (s.IsNotFound()) {
      fmt::print(program->err, "not found: {}\n", a->notation.Print(a->key));
      program->exit = kExitFinding;
      return Status::Ok();
    }
    LSM_RETURN_IF_ERROR(s);
    if (a->json) {
      const PrintFormat format = a->notation.hex ? PrintFormat::kJsonlHex : PrintFormat::kJsonl;
      fmt::print(program->out, "{}\n", PrintRow(format, a->key, a->value));
    } else {
      fmt::print(program->out, "{}\n", a->notation.Print(a->value));
    }
    return Status::Ok();
  });
}

struct ScanArguments {
  Database database;
  Notation notation;
  std::optional<std::string> from, to, prefix;
  std::string format;  // empty: escaped, or hex with --hex
  std::optional<uint64_t> limit;
  bool reverse = false;

  PrintFormat Format() const {
    if (format == "tsv") return PrintFormat::kTsv;
    if (format == "jsonl") return notation.hex ? PrintFormat::kJsonlHex : PrintFormat::kJsonl;
    const bool hex = format.empty() ? notation.hex : format == "hex";
    return hex ? PrintFormat::kHex : PrintFormat::kEscaped;
  }
};

Status Scan(const ScanArguments& a, Program* program) {
  std::string from, to, prefix;
  ReadOptions read;
  read.fill_cache = false;
  LSM_RETURN_IF_ERROR(ParseBound(a.notation, a.from, &from, &read.lower_bound));
  LSM_RETURN_IF_ERROR(ParseBound(a.notation, a.to, &to, &read.upper_bound));
  LSM_RETURN_IF_ERROR(ParseBound(a.notation, a.prefix, &prefix, &read.prefix));
  return a.database.With(Database::Mode::kExisting, [&](DB* db) {
    const std::unique_ptr<Iterator> it = db->NewIterator(read);
    uint64_t left = a.limit.value_or(UINT64_MAX);
    for (a.reverse ? it->SeekToLast() : it->SeekToFirst(); left > 0 && it->Valid();
         a.reverse ? it->Prev() : it->Next(), --left) {
      fmt::print(program->out, "{}\n", PrintRow(a.Format(), it->key(), it->value()));
    }
    return it->status();
  });
}

void AddCreate(CLI::App* app, Program* program) {
  auto database = std::make_shared<Database>();
  CLI::App* verb =
      AddVerb(app, program, "create", "make a new, empty database",
              "  lsm create db\n  lsm create db --option memtable_bytes=65536", [database] {
                return database->With(Database::Mode::kCreate, [](DB*) { return Status::Ok(); });
              });
  database->AddTo(verb);
}

void AddPutGetDelete(CLI::App* app, Program* program) {
  const auto add = [&](const std::string& name, const std::string& about,
                       const std::string& examples, bool writes,
                       const std::function<Status(KeyArguments*)>& body) {
    auto arguments = std::make_shared<KeyArguments>();
    CLI::App* verb = AddVerb(app, program, name, about, examples,
                             [arguments, body] { return body(arguments.get()); });
    arguments->database.AddTo(verb);
    verb->add_option("KEY", arguments->key, "the key")->required();
    if (name == "put") verb->add_option("VALUE", arguments->value, "the value")->required();
    if (writes) {
      verb->add_flag("--sync", arguments->sync, "durable before the call returns");
    } else {
      verb->add_flag("--json", arguments->json, "print key and value as a JSON object");
    }
    arguments->notation.AddTo(verb);
  };
  add("put", "set a key to a value",
      "  lsm put db apple red\n  lsm put db apple 'dark\\x20red' --sync\n"
      "  lsm put db --hex 6170 00ff",
      true, Put);
  add("get", "print the value of a key; exit status 1 if there is none",
      "  lsm get db apple\n  lsm get db apple --json", false,
      [program](KeyArguments* arguments) { return Get(arguments, program); });
  add("delete", "delete a key; no error if there is none", "  lsm delete db apple", true, Delete);
}

void AddScan(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<ScanArguments>();
  CLI::App* verb = AddVerb(app, program, "scan", "print keys and values in order",
                           "  lsm scan db\n  lsm scan db --from a --to b --limit 10 --reverse\n"
                           "  lsm scan db --prefix user:\n"
                           "  lsm scan db --format jsonl",
                           [arguments, program] { return Scan(*arguments, program); });
  arguments->database.AddTo(verb);
  verb->add_option("--from", arguments->from, "first key")->type_name("KEY");
  verb->add_option("--to", arguments->to, "the key behind the last one; not printed")
      ->type_name("KEY");
  verb->add_option("--prefix", arguments->prefix, "only keys that begin with it")->type_name("KEY");
  verb->add_flag("--reverse", arguments->reverse, "from the last key to the first");
  verb->add_option("--limit", arguments->limit, "print at most so many")
      ->check(Between(0, kMaxLimit))
      ->type_name("N");
  verb->add_option("--format", arguments->format, "escaped (default), hex, tsv or jsonl")
      ->check(CLI::IsMember({"escaped", "hex", "tsv", "jsonl"}).description(""))
      ->type_name("FORMAT");
  arguments->notation.AddTo(verb);
}

}  // namespace

void AddDataVerbs(CLI::App* app, Program* program) {
  AddCreate(app, program);
  AddPutGetDelete(app, program);
  AddScan(app, program);
}

}  // namespace lsm::cli
