// Findings: where the parts of the offline check put what they find. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/check.h"

namespace lsm::inspect {

class Findings {
 public:
  explicit Findings(std::vector<Finding>* list) : list_(list) {}

  void Note(const std::string& file, std::string_view text);
  void Suspect(const std::string& file, std::string_view text);
  void Damage(const std::string& file, std::string_view text);
  // What a stage or the environment says of the file.
  void Damage(const std::string& file, const Status& status);

  size_t damages() const { return damages_; }

 private:
  void Add(Finding::Severity severity, const std::string& file, std::string_view text);

  std::vector<Finding>* const list_;
  size_t damages_ = 0;
};

}  // namespace lsm::inspect
