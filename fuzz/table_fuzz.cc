// Target table: the input is a table file, and then the entries of one.
#include "fuzz/table_check.h"

#include <stage/sstable/table.h>

#include "fuzz/explain.h"
#include "fuzz/real_files.h"
#include "inspect/table_layout.h"

namespace lsm::fuzz {

Target TableTarget() {
  return {.name = "table",
          .about = "a table file: right answers or errors, the same by plain and mapped reads",
          .max_bytes = size_t{16} << 10,
          .check = CheckTable<TableBuilder, Table>,
          .seeds = [] { return RealFiles(FileKind::kTable); },
          .repair = inspect::SealTable,
          .explain = ExplainTable};
}

}  // namespace lsm::fuzz
