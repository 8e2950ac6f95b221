// TempDir: a directory of its own for a test that needs the machine's file system.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <string_view>

#include "lsm/env.h"

namespace lsm {

// Made by the constructor and removed, with the files in it, by the destructor.
class TempDir {
 public:
  TempDir() : path_(testing::TempDir() + "lsm_XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "cannot make " << path_;
  }
  ~TempDir() { Remove(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  // What cannot be removed is left to the machine's own tidying.
  static void Remove(const std::string& dir) {
    const auto names = Env::Default()->ListDir(dir);
    if (!names.ok()) return;
    for (const std::string& name : *names) {
      const std::string path = dir + "/" + name;
      Remove(path);
      Env::Default()->RemoveFile(path).IgnoreError();
    }
    Env::Default()->RemoveDir(dir).IgnoreError();
  }

  std::string path_;
};

}  // namespace lsm
