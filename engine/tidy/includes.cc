// The direction of dependencies, as a table. What CMake's targets link stands in
// engine/CMakeLists.txt; here stands which headers a component may name.
#include <map>
#include <set>

#include "tidy/rules.h"
#include "tidy/text.h"

namespace lsm::tidy {

namespace {

struct Dependencies {
  std::string_view component;
  std::string_view on;  // and all that these stand on
};

// A stage's implementations, the reference among them, are the component stage/NAME.
constexpr Dependencies kDependencies[] = {
    {"lsm", ""},
    {"base", "lsm"},
    {"env", "base"},
    {"format", "env"},
    {"cache", "env"},
    {"events", "env"},
    {"contract/wal", "format"},
    {"contract/memtable", "format"},
    {"contract/bloom", "format"},
    {"contract/iterator", "format"},
    {"contract/sstable", "format cache"},
    {"contract/version", "format"},
    {"contract/compaction", "format"},
    {"stage/wal", "contract/wal"},
    {"stage/memtable", "contract/memtable"},
    {"stage/bloom", "contract/bloom"},
    {"stage/iterator", "contract/iterator"},
    {"stage/sstable", "contract/sstable stage/bloom"},
    {"stage/version", "contract/version stage/wal"},
    {"stage/compaction", "contract/compaction"},
    {"db",
     "events cache stage/wal stage/memtable stage/bloom stage/iterator stage/sstable "
     "stage/version stage/compaction"},
    {"interop", "db"},
    {"inspect", "stage/wal stage/sstable stage/version"},
    {"testing/sim", "format events"},
    {"testing", "testing/sim format"},
    {"foreign", "testing"},
    {"tools", "testing foreign inspect db"},
    {"tidy", ""},
};

// The component of a header by the name it is included with, or of a file below engine/.
std::string ComponentOf(const std::string& name) {
  const std::vector<std::string> parts = Split(name, '/');
  if (parts.size() < 2) return "";
  const bool two =
      parts[0] == "contract" || parts[0] == "stage" || name.starts_with("testing/sim/");
  return two ? parts[0] + "/" + parts[1] : parts[0];
}

std::string ComponentOfFile(const std::string& path) {
  const std::string name = path.substr(7);
  const std::vector<std::string> parts = Split(name, '/');
  if (parts[0] == "include") return "lsm";
  if (IsStage(parts[0])) return "stage/" + parts[0];
  if (parts[0] == "contract" && parts.size() > 3) return "stage/" + parts[1];  // alternative
  return ComponentOf(name);
}

const std::map<std::string, std::set<std::string>>& Reachable() {
  static const auto* const kReachable = [] {
    auto* all = new std::map<std::string, std::set<std::string>>;
    for (const Dependencies& row : kDependencies) {  // a row names earlier rows only
      std::set<std::string>& mine = (*all)[std::string(row.component)];
      mine.insert(std::string(row.component));
      for (const std::string& on : Split(row.on, ' '))
        mine.insert((*all)[on].begin(), (*all)[on].end());
    }
    return all;
  }();
  return *kReachable;
}

// A contract is its concept and vocabulary; what else stands beside them is its suite.
bool IsSuite(const std::string& path) {
  if (!path.starts_with("engine/contract/") || path.find("/alternative/") != path.npos)
    return false;
  return !path.ends_with("/concept.h") && !path.ends_with("/edit.h") && !path.ends_with("/job.h");
}

std::set<std::string> AllowedFor(const std::string& path, const std::string& component) {
  std::set<std::string> allowed = Reachable().at(component);
  const auto add = [&](const std::string& more) {
    allowed.insert(Reachable().at(more).begin(), Reachable().at(more).end());
  };
  if (IsTest(path) || IsSuite(path)) add("testing/sim");
  if (IsSuite(path)) {  // suites share helpers
    add("stage/" + component.substr(9));
    for (const Dependencies& row : kDependencies) {
      if (row.component.starts_with("contract/")) allowed.emplace(row.component);
    }
  }
  return allowed;
}

}  // namespace

Findings CheckIncludes(const Source& source) {
  Findings findings;
  if (!source.path.starts_with("engine/") || !IsCode(source.path)) return findings;
  const std::string component = ComponentOfFile(source.path);
  if (Reachable().count(component) == 0) {
    return {{source.path, 0, "component \"" + component + "\" is not in the table of includes.cc"}};
  }
  const std::set<std::string> allowed = AllowedFor(source.path, component);
  for (const Include& include : IncludesOf(source.text)) {
    const std::string target = ComponentOf(include.name);
    const bool stage = target.starts_with("stage/");
    std::string message;
    if (stage && include.quoted) {
      message = "a stage is included in angle brackets";
    } else if (IsStage(target)) {
      message = "a stage is included as <stage/" + include.name + ">, so that it can be replaced";
    } else if (!stage && !include.quoted) {
      continue;  // a library's
    } else if (allowed.count(target) == 0) {
      message = component + " may not include \"" + include.name + "\": dependencies run one way";
    }
    if (!message.empty()) findings.push_back({source.path, include.line, message});
  }
  return findings;
}

}  // namespace lsm::tidy
