#include "testing/sim/handles.h"

#include <fmt/format.h>

#include <algorithm>

namespace lsm::sim {
namespace {

constexpr const char* kNames[] = {"reader", "writer", "mapping", "lock"};

}  // namespace

void HandleTable::Handle::Close() {
  if (table_ == nullptr) return;
  const auto open = table_->open_.find(id_);
  if (open != table_->open_.end()) {
    if (open->second.kind != Kind::kMapping) --table_->files_;
    table_->open_.erase(open);
  }
  table_ = nullptr;
}

Status HandleTable::CheckRoom(const char* what, const std::string& path) const {
  if (files_ < max_files_) return Status::Ok();
  return Status::IOError(
      fmt::format("{} {}: too many open files, {} of {}", what, path, files_, max_files_));
}

HandleTable::Handle HandleTable::Add(Kind kind, const std::string& path,
                                     std::shared_ptr<Inode> file) {
  if (kind != Kind::kMapping) ++files_;
  open_.emplace(next_id_, Open{kind, path, std::move(file)});
  return {this, next_id_++};
}

void HandleTable::Clear() {
  open_.clear();
  files_ = 0;
}

std::vector<std::string> HandleTable::List() const {
  std::vector<std::string> names;
  for (const auto& [id, open] : open_) {
    names.push_back(fmt::format("{} {}", kNames[static_cast<size_t>(open.kind)], open.path));
  }
  return names;
}

std::vector<std::shared_ptr<Inode>> HandleTable::Files() const {
  std::vector<std::shared_ptr<Inode>> files;
  for (const auto& [id, open] : open_) {
    if (open.file != nullptr) files.push_back(open.file);
  }
  return files;
}

bool HandleTable::IsLocked(const std::string& path) const {
  return std::any_of(open_.begin(), open_.end(), [&path](const auto& open) {
    return open.second.kind == Kind::kLock && open.second.path == path;
  });
}

}  // namespace lsm::sim
