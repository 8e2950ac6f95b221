// TestDir: the name of a database directory that does not exist yet, in a TempDir, and tools to
// damage what stands in it.
#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "env/temp_dir_for_test.h"
#include "format/filename.h"
#include "lsm/env.h"

namespace lsm {

class TestDir {
 public:
  const std::string& path() const { return path_; }  // does not exist yet

  void Write(const std::string& name, std::string_view bytes) const {
    auto file = Env::Default()->CreateWritable(path_ + "/" + name, {});
    LSM_CHECK(file.ok() && (*file)->Append(bytes).ok() && (*file)->Close().ok());
  }
  std::string Read(const std::string& path) const {
    auto file = Env::Default()->OpenSequential(path);
    LSM_CHECK(file.ok());
    std::string bytes(size_t{64} << 20, '\0');
    auto n = (*file)->Read(bytes.size(), bytes.data());
    LSM_CHECK(n.ok());
    bytes.resize(*n);
    return bytes;
  }
  void FlipByte(const std::string& path, size_t offset) const {
    std::string bytes = Read(path);
    LSM_CHECK(offset < bytes.size());
    bytes[offset] = static_cast<char>(bytes[offset] ^ 0x40);
    Write(path.substr(path_.size() + 1), bytes);
  }
  // Names in the directory, each followed by a space.
  std::string List() const {
    std::string text;
    auto names = Env::Default()->ListDir(path_);
    LSM_CHECK(names.ok());
    for (const std::string& name : *names) text += name + " ";
    return text;
  }
  // Path of the first file of a kind.
  std::string First(FileKind kind) const {
    auto names = Env::Default()->ListDir(path_);
    LSM_CHECK(names.ok());
    for (const std::string& name : *names) {
      if (ParseFileName(name).kind == kind) return path_ + "/" + name;
    }
    LSM_CHECK(!"TestDir::First: no such file");
    return {};
  }

 private:
  const TempDir root_;
  const std::string path_ = root_.File("db");
};

}  // namespace lsm
