// A version edit as text: two edits are the same if and only if their texts are.
#pragma once

#include <string>

#include "contract/version/edit.h"

namespace lsm::fuzz {

std::string DescribeEdit(const VersionEdit& edit);

}  // namespace lsm::fuzz
