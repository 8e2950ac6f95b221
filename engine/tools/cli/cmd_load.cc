// The verb load: many keys from a file.
#include <fmt/format.h>

#include "tools/cli/program.h"
#include "tools/cli/row_reader.h"

namespace lsm::cli {
namespace {

// A batch is one record of the log: with long values it ends before it has all its rows.
constexpr size_t kMaxBatchBytes = size_t{16} << 20;
constexpr uint64_t kProgressUs = 1'000'000;
constexpr uint64_t kDefaultBatchRows = 1000, kMaxBatchRows = 1'000'000'000;

struct LoadArguments {
  Database database;
  std::string file, format = "tsv";
  uint64_t batch_rows = kDefaultBatchRows;

  LoadFormat Format() const {
    return format == "csv"   ? LoadFormat::kCsv
           : format == "tsv" ? LoadFormat::kTsv
                             : LoadFormat::kJsonl;
  }
};

// A pipe: it can be read once, in order.
class StandardInput final : public SequentialFile {
 public:
  explicit StandardInput(std::FILE* in) : in_(in) {}

  Result<size_t> Read(size_t n, char* scratch) override {
    const size_t count = std::fread(scratch, 1, n, in_);
    if (std::ferror(in_) != 0) return Status::IOError("read standard input");
    return count;
  }

 private:
  std::FILE* const in_;
};

// Tells on stderr, once a second and at the end, how far it is.
class Progress {
 public:
  explicit Progress(std::FILE* err) : err_(err) {}

  void Applied(uint64_t rows, uint64_t bytes) {
    rows_ += rows;
    bytes_ = bytes;
    const uint64_t now = Env::Default()->NowMicros();
    if (now - told_us_ < kProgressUs) return;
    told_us_ = now;
    Tell("loading");
  }

  void Tell(std::string_view what) const {
    const uint64_t us = Env::Default()->NowMicros() - begin_us_;
    fmt::print(err_, "{}: {} rows, {} bytes read, {} rows/s\n", what, rows_, bytes_,
               rows_ * 1'000'000 / std::max<uint64_t>(us, 1));
  }

  uint64_t rows() const { return rows_; }

 private:
  std::FILE* const err_;
  const uint64_t begin_us_ = Env::Default()->NowMicros();
  uint64_t told_us_ = begin_us_;
  uint64_t rows_ = 0, bytes_ = 0;
};

// *first_line is that of the batch that was not applied.
Status LoadRows(DB* db, uint64_t batch_rows, RowReader* reader, Progress* progress,
                uint64_t* first_line) {
  WriteBatch batch;
  Row row;
  for (;;) {
    auto next = reader->Next(&row);
    if (batch.Count() == 0) *first_line = reader->row_line();
    LSM_ASSIGN_OR_RETURN(const bool more, std::move(next));
    if (more) batch.Put(row.key, row.value);
    const bool full = batch.Count() >= batch_rows || batch.ByteSize() >= kMaxBatchBytes;
    if (batch.Count() > 0 && (full || !more)) {
      LSM_RETURN_IF_ERROR(db->Write({}, batch));
      progress->Applied(batch.Count(), reader->bytes_read());
      batch.Clear();
    }
    if (!more) return db->SyncWal();
  }
}

Status Load(const LoadArguments& a, Program* program) {
  std::string name = "standard input";
  std::unique_ptr<SequentialFile> file = std::make_unique<StandardInput>(program->in);
  if (a.file != "-") {
    LSM_ASSIGN_OR_RETURN(file, Env::Default()->OpenSequential(a.file));
    name = a.file;
  }
  RowReader reader(std::move(file), name, a.Format());
  return a.database.With(Database::Mode::kCreateIfMissing, [&](DB* db) {
    Progress progress(program->err);
    uint64_t first_line = 0;
    Status s = LoadRows(db, a.batch_rows, &reader, &progress, &first_line);
    progress.Tell(s.ok() ? "loaded" : "loaded before the error");
    if (s.ok() || !reader.bad_line()) return s;
    fmt::print(program->err,
               "nothing of this batch (lines {}-{}) was applied; correct the line and load again\n"
               "lsm load: {}\n",
               first_line, reader.row_line(), s.message());
    program->exit = kExitFinding;
    return Status::Ok();
  });
}

}  // namespace

void AddLoadVerb(CLI::App* app, Program* program) {
  auto arguments = std::make_shared<LoadArguments>();
  CLI::App* verb =
      AddVerb(app, program, "load", "put the rows of a file; makes the database if there is none",
              "  lsm load db fruit.tsv\n  lsm load db fruit.csv --format csv --batch 100\n"
              "  lsm scan old --format jsonl | lsm load new - --format jsonl",
              [arguments, program] { return Load(*arguments, program); });
  arguments->database.AddTo(verb);
  verb->add_option("FILE", arguments->file, "the rows; - is standard input")->required();
  verb->add_option("--format", arguments->format, "csv, tsv (default) or jsonl")
      ->check(CLI::IsMember({"csv", "tsv", "jsonl"}).description(""))
      ->type_name("FORMAT");
  verb->add_option("--batch", arguments->batch_rows,
                   "rows of a batch (default 1000): all of them are applied or none")
      ->check(Between(1, kMaxBatchRows))
      ->type_name("N");
}

}  // namespace lsm::cli
