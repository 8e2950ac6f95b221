// In a host: the user's order, by its name. The bytewise one is known here, any other is asked for.
#pragma once

#include <string>
#include <string_view>

#include "format/internal_key.h"
#include "remote/host.h"
#include "remote/protocol.h"

namespace lsm::remote {

class AskedComparator final : public Comparator {
 public:
  explicit AskedComparator(std::string_view name) : name_(name) {}

  int Compare(std::string_view a, std::string_view b) const override {
    Out out;
    out.Number(static_cast<uint64_t>(HarnessCall::kCompare)).Bytes(a).Bytes(b);
    const std::string answer = AskHarness(out);
    return static_cast<int>(In(answer).Number()) - 1;
  }
  std::string_view Name() const override { return name_; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}

  InternalKeyComparator ForInternalKeys() const {
    const Comparator* const bytewise = BytewiseComparator();
    return InternalKeyComparator(name_ == bytewise->Name() ? bytewise : this);
  }

 private:
  const std::string name_;
};

}  // namespace lsm::remote
