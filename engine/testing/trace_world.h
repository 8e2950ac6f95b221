// How a trace writes what goes wrong in its world: addresses, crash images, faults, damage.
#pragma once

#include <string>

#include "testing/trace.h"
#include "testing/trace_line.h"

namespace lsm::lab {

std::string PrintAddress(const sim::IoAddress& at);  // "5", "sync:log:2", "read:table:1:0-48"
bool ReadAddress(std::string_view text, sim::IoAddress* at);
std::string PrintImage(const CrashImage& image);  // "none", "ordered:7", "0-3,7=zero"
std::string PrintCuts(const Operation& op);       // the arguments of crash and kill
std::string PrintFault(const sim::Fault& fault);
std::string PrintDamage(const FileDamage& damage);

Status ParseCuts(TraceLine* line, Operation* op);
Status ParseFault(TraceLine* line, sim::Fault* fault);
Status ParseDamage(TraceLine* line, FileDamage* damage);

}  // namespace lsm::lab
