#include "lsm/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace lsm {
namespace {

TEST(StatusTest, DefaultIsOk) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kOk);
  EXPECT_EQ(status.message(), "");
  EXPECT_EQ(status.ToString(), "OK");
}

TEST(StatusTest, TextIsCodeNameAndMessage) {
  EXPECT_EQ(Status::Corruption("000005.ldb offset 7").ToString(),
            "Corruption: 000005.ldb offset 7");
  EXPECT_EQ(Status::NoSpace("write x").ToString(), "No space: write x");
  EXPECT_EQ(Status::InvalidArgument("size_ratio").ToString(), "Invalid argument: size_ratio");
}

TEST(StatusTest, EveryCodeHasAName) {
  for (int code = 0; code <= static_cast<int>(StatusCode::kClosed); ++code) {
    EXPECT_NE(StatusCodeName(static_cast<StatusCode>(code)), "Unknown") << code;
  }
  EXPECT_EQ(StatusCodeName(static_cast<StatusCode>(99)), "Unknown");
}

TEST(StatusTest, CopyIsIndependentOfTheOriginal) {
  Status original = Status::Busy("held");
  const Status copy = original;
  original = Status::Ok();
  EXPECT_TRUE(original.ok());
  EXPECT_EQ(copy.ToString(), "Busy: held");
}

TEST(StatusTest, OkWithTheCodeOfAnErrorIsAProgrammerError) {
  EXPECT_DEATH(Status(StatusCode::kOk, "not an error").IgnoreError(), "check failed");
}

TEST(ResultTest, HoldsAValueThatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.status().ok());
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
}

TEST(ResultTest, HoldsTheReasonWhyThereIsNoValue) {
  const Result<int> result(Status::NotFound("key"));
  EXPECT_FALSE(result.ok());
  EXPECT_TRUE(result.status().IsNotFound());
}

Result<int> Half(int n) {
  if (n % 2 != 0) return Status::InvalidArgument("odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  LSM_ASSIGN_OR_RETURN(const int half, Half(n));
  LSM_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

Status CheckQuarter(int n) {
  LSM_RETURN_IF_ERROR(Quarter(n).status());
  return Status::Ok();
}

TEST(ResultTest, MacrosPassValuesAndErrorsOn) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_TRUE(CheckQuarter(12).ok());
  EXPECT_EQ(CheckQuarter(6).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lsm
