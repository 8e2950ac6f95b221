// PlainDb: the verbs that a database can make of its others, for the small databases of the
// harness. A put is a batch of one; a MultiGet is gets at one snapshot. What needs tables is not
// supported.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/db.h"

namespace lsm::lab {

class PlainDb : public DB {
 public:
  Status Put(const WriteOptions& options, std::string_view key, std::string_view value) final {
    WriteBatch batch;
    batch.Put(key, value);
    return Write(options, batch);
  }
  Status Delete(const WriteOptions& options, std::string_view key) final {
    WriteBatch batch;
    batch.Delete(key);
    return Write(options, batch);
  }
  std::vector<Status> MultiGet(const ReadOptions& options, std::span<const std::string_view> keys,
                               std::vector<std::string>* values) final {
    ReadOptions at = options;
    if (options.snapshot == nullptr) at.snapshot = GetSnapshot();
    std::vector<Status> statuses;
    values->assign(keys.size(), "");
    for (size_t i = 0; i < keys.size(); ++i) statuses.push_back(Get(at, keys[i], &(*values)[i]));
    if (options.snapshot == nullptr) ReleaseSnapshot(at.snapshot);
    return statuses;
  }
  Status ApproximateSizes(const SizeOptions&, std::span<const Range>,
                          std::vector<uint64_t>*) override {
    return Status::NotSupported("approximate sizes");
  }
  Result<uint64_t> DeleteFilesInRange(std::string_view, std::string_view) override {
    return Status::NotSupported("deletion of files in a range");
  }
};

}  // namespace lsm::lab
