#include "tools/cli/row_reader.h"

#include <fmt/format.h>

namespace lsm::cli {
namespace {

constexpr size_t kReadBytes = size_t{1} << 16;

}  // namespace

Result<bool> RowReader::Next(Row* row) {
  std::string record;
  row_line_ = line_ + 1;
  LSM_ASSIGN_OR_RETURN(const bool more, ReadLine(&record));
  if (!more) return false;
  while (format_ == LoadFormat::kCsv && CsvGoesOn(record)) {
    std::string line;
    LSM_ASSIGN_OR_RETURN(const bool another, ReadLine(&line));
    if (!another) return Bad("a quote is not closed");
    record += "\n" + line;
    if (record.size() > kMaxRecordBytes) return Bad("longer than any record may be");
  }
  auto parsed = ParseRow(format_, record);
  if (!parsed.ok()) return Bad(parsed.status().message());
  *row = std::move(*parsed);
  return true;
}

Result<bool> RowReader::ReadLine(std::string* line) {
  ++line_;
  for (;;) {
    const size_t newline = buffer_.find('\n', used_);
    const size_t end = newline == std::string::npos ? buffer_.size() : newline;
    line->append(buffer_, used_, end - used_);
    used_ = end;
    if (newline != std::string::npos) {
      ++used_;
      return true;
    }
    if (line->size() > kMaxRecordBytes) return Bad("longer than any record may be");
    buffer_.resize(kReadBytes);
    used_ = 0;
    auto n = file_->Read(kReadBytes, buffer_.data());
    buffer_.resize(n.ok() ? *n : 0);
    if (!n.ok()) return n.status();
    bytes_read_ += *n;
    if (*n == 0) return !line->empty();  // the last line may lack its newline
  }
}

Status RowReader::Bad(std::string_view reason) {
  bad_line_ = true;
  return Status::Corruption(fmt::format("{}: line {}: {}", name_, row_line_, reason));
}

}  // namespace lsm::cli
