#include "testing/policies.h"

#include "base/check.h"
#include "lsm/db.h"
#include "lsm/options_text.h"

namespace lsm::lab {

const std::vector<std::string>& Policies() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>();
    for (const char* name : kPolicyNames) {
      Options options;
      LSM_CHECK(SetOption("policy", name, &options).ok());
      // Options are checked before the directory is looked at.
      const Status s = DB::Open(options, "/no such directory").status();
      if (s.code() != StatusCode::kNotSupported) names->emplace_back(name);
    }
    return names;
  }();
  return *kNames;
}

const std::vector<std::string>& KeepingPolicies() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>(Policies());
    std::erase(*names, "fifo");
    return names;
  }();
  return *kNames;
}

}  // namespace lsm::lab
