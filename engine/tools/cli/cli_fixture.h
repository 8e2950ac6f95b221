// CliTest: runs the `lsm` program in this process on a scratch directory.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/check.h"
#include "db/test_dir.h"
#include "testing/files.h"
#include "tools/cli/program.h"

namespace lsm::cli {

struct Answer {
  int exit = 0;
  std::string out, err;  // with DIR for the database's directory
};

class CliTest : public ::testing::Test {
 protected:
  // The words of a command; DIR alone or in front of a slash is the database's directory, TMP the
  // one above it.
  Answer Run(std::vector<std::string> words, std::string_view input = "") {
    for (std::string& word : words) word = WithPaths(word);
    std::FILE* in = std::tmpfile();
    std::FILE* out = std::tmpfile();
    std::FILE* err = std::tmpfile();
    LSM_CHECK(in != nullptr && out != nullptr && err != nullptr);
    std::fwrite(input.data(), 1, input.size(), in);
    std::rewind(in);
    Answer answer;
    answer.exit = Main(words, in, out, err);
    std::fclose(in);
    answer.out = Contents(out);
    answer.err = Contents(err);
    return answer;
  }

  // The command must end well and say nothing on stderr; what it printed.
  std::string Output(const std::vector<std::string>& words) {
    const Answer answer = Run(words);
    EXPECT_EQ(answer.exit, kExitOk);
    EXPECT_EQ(answer.err, "");
    return answer.out;
  }

  // Writes a file beside the database; its path, to be used as a word.
  std::string Input(const std::string& name, std::string_view text) const {
    LSM_CHECK(lab::SaveText(Root() + "/" + name, text).ok());
    return "TMP/" + name;
  }

  // A database with a few keys in two tables.
  void MakeDatabase() {
    Output({"create", "DIR"});
    Output({"put", "DIR", "apple", "red"});
    Output({"put", "DIR", "fig", "violet"});
    Output({"flush", "DIR"});
  }

  std::string WithPaths(std::string word) const {
    if (word.rfind("DIR", 0) == 0) return dir_.path() + word.substr(3);
    if (word.rfind("TMP", 0) == 0) return Root() + word.substr(3);
    return word;
  }

  TestDir dir_;

 private:
  std::string Root() const { return dir_.path().substr(0, dir_.path().rfind('/')); }

  std::string Contents(std::FILE* file) const {
    std::rewind(file);
    std::string text;
    char buffer[4096];
    for (size_t n; (n = std::fread(buffer, 1, sizeof(buffer), file)) > 0;) text.append(buffer, n);
    std::fclose(file);
    for (size_t at; (at = text.find(dir_.path())) != std::string::npos;) {
      text.replace(at, dir_.path().size(), "DIR");
    }
    for (size_t at; (at = text.find(Root())) != std::string::npos;) {
      text.replace(at, Root().size(), "TMP");
    }
    return text;
  }
};

}  // namespace lsm::cli
