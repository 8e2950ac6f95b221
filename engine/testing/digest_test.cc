#include "testing/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "testing/sim/sim_env.h"

namespace lsm::lab {
namespace {

uint64_t Of(std::string_view bytes) {
  Digest digest;
  digest.Add(bytes);
  return digest.value();
}

TEST(Digest, TellsBytesAndLengthsApart) {
  std::set<uint64_t> values;
  for (const std::string text : {"", "a", "b", "ab", "abcdefgh", "abcdefg", "abcdefghi"}) {
    EXPECT_TRUE(values.insert(Of(text)).second) << text;
    EXPECT_TRUE(values.insert(Of(text + '\0')).second) << text;
  }
  EXPECT_EQ(Of("ab"), Of("ab"));
}

TEST(Digest, TellsDisksApart) {
  sim::SimEnv one({}), other({});
  const auto of = [](const sim::SimEnv* env) {
    Digest digest;
    AddDisk(env->disk(), &digest);
    return digest.value();
  };
  for (sim::SimEnv* env : {&one, &other}) {
    ASSERT_TRUE(env->CreateDir("/db").ok());
    ASSERT_TRUE(env->OverwriteFile("/db/f", "bytes").ok());
  }
  EXPECT_EQ(of(&one), of(&other));
  ASSERT_TRUE(other.OverwriteFile("/db/f", "bytez").ok());
  EXPECT_NE(of(&one), of(&other));
  ASSERT_TRUE(other.OverwriteFile("/db/f", "bytes").ok());
  ASSERT_TRUE(other.RenameFile("/db/f", "/db/g").ok());
  EXPECT_NE(of(&one), of(&other));
}

}  // namespace
}  // namespace lsm::lab
