// TestDir: a fresh directory name on the real file system, removed with its files at the end.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "format/filename.h"
#include "lsm/env.h"

namespace lsm {

class TestDir {
 public:
  TestDir() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base == nullptr ? "/tmp" : base) + "/lsmlab-test-XXXXXX";
    LSM_CHECK(mkdtemp(name.data()) != nullptr);
    root_ = name;
    path_ = name + "/db";
  }
  ~TestDir() { RemoveTree(root_); }
  TestDir(const TestDir&) = delete;
  TestDir& operator=(const TestDir&) = delete;

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
  static void RemoveTree(const std::string& path) {
    Env* env = Env::Default();
    if (auto names = env->ListDir(path); names.ok()) {
      for (const std::string& name : *names) RemoveTree(path + "/" + name);
      env->RemoveDir(path).IgnoreError();  // a leftover directory disturbs nobody
    } else {
      env->RemoveFile(path).IgnoreError();
    }
  }

  std::string root_, path_;
};

}  // namespace lsm
