#include "fuzz/directory_harm.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/coding.h"
#include "format/batch.h"
#include "fuzz/input.h"
#include "fuzz/log_model.h"

namespace lsm::fuzz {
namespace {

constexpr size_t kMaxSteps = 8;

class Decoder {
 public:
  explicit Decoder(std::string_view input) : input_(input) {}

  Harm Run() {
    harm_.database = &input_.Pick(RealDatabases());
    harm_.repair = input_.Below(4) == 3;
    harm_.files = harm_.database->files;
    while (!input_.empty() && harm_.steps.size() < kMaxSteps && !harm_.files.empty()) Step();
    FindChanged();
    return std::move(harm_);
  }

 private:
  Files::iterator PickFile() {
    return std::next(harm_.files.begin(), static_cast<ptrdiff_t>(input_.Below(harm_.files.size())));
  }

  template <class... Args>
  void Tell(fmt::format_string<Args...> text, Args&&... args) {
    harm_.steps.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void Step() {
    const uint64_t kind = input_.Below(10);
    const auto file = PickFile();
    const std::string name = file->first;
    std::string& bytes = file->second;
    const size_t at = bytes.empty() ? 0 : input_.Below(1 << 16) % bytes.size();
    if (kind < 3 && bytes.empty()) return Tell("nothing: {} is empty", name);
    switch (kind) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (input_.Byte() | 1));
        return Tell("{}: byte {} changed", name, at);
      case 1: {
        const size_t n = std::min<size_t>(bytes.size() - at, 1 + input_.Byte());
        bytes.replace(at, n, n, static_cast<char>(input_.Byte()));
        return Tell("{}: {} bytes at {} overwritten with one value", name, n, at);
      }
      case 2:
        bytes.resize(at);
        return Tell("{}: truncated to {} bytes", name, at);
      case 3: {
        const std::string more = input_.Piece();
        bytes += more;
        return Tell("{}: {} bytes appended", name, more.size());
      }
      case 4: {
        const std::string_view more = input_.Take(input_.Below(64));
        bytes.insert(at, more);
        return Tell("{}: {} bytes inserted at {}", name, more.size(), at);
      }
      case 5: {
        const size_t n = std::min<size_t>(bytes.size() - at, 1 + input_.Byte());
        bytes.erase(at, n);
        return Tell("{}: {} bytes at {} cut out", name, n, at);
      }
      case 6:
        harm_.files.erase(file);
        return Tell("{}: removed", name);
      case 7:
        return Copy(name, bytes);
      case 8: {
        const auto other = PickFile();
        std::swap(bytes, other->second);
        return Tell("{} and {}: contents swapped", name, other->first);
      }
      default:
        bytes = input_.Piece();
        return Tell("{}: replaced by {} other bytes", name, bytes.size());
    }
  }

  // Under the name of another file, or under a new one.
  void Copy(const std::string& name, const std::string& bytes) {
    const uint64_t number = 1 + input_.Below(40);
    const std::vector<std::string> names = {
        PickFile()->first, fmt::format("{:06}.log", number), fmt::format("{:06}.ldb", number),
        fmt::format("MANIFEST-{:06}", number), fmt::format("{:06}.dbtmp", number)};
    const std::string& to = input_.Pick(names);
    const std::string copy = bytes;  // may be the same file
    harm_.files[to] = copy;
    Tell("{}: copied to {}", name, to);
  }

  void FindChanged() {
    const Files& before = harm_.database->files;
    const auto note = [&](const std::string& name) {
      harm_.changed.insert(ParseFileName(name).kind);
    };
    for (const auto& [name, bytes] : before) {
      const auto now = harm_.files.find(name);
      if (now == harm_.files.end() || now->second != bytes) note(name);
    }
    for (const auto& [name, bytes] : harm_.files) {
      if (!before.contains(name)) note(name);
    }
  }

  Input input_;
  Harm harm_;
};

// What the whole fragments of a log say; each commit is one update.
struct LogSays {
  size_t written = 0;  // the last commit whose record ends within the first `intact` bytes
  size_t synced = 0;   // by the highest proof anywhere
};

LogSays ReadFragments(std::string_view log, size_t intact) {
  LogSays says;
  for (size_t at = 0; at < log.size();) {
    const ModelFragment fragment = FragmentAt(log, at);
    if (fragment.size == 0) {
      ++at;
      continue;
    }
    at += fragment.size;
    if (fragment.type != 1 || fragment.payload.size() < WriteBatchRep::kHeaderBytes) continue;
    const uint64_t sequence = DecodeFixed64(fragment.payload.data());
    const uint32_t count = DecodeFixed32(fragment.payload.data() + 8);
    if (count > 0 && at <= intact) says.written = sequence + count - 1;
    if (count == 0 && fragment.payload.size() == WriteBatchRep::kHeaderBytes) {
      says.synced = std::max<size_t>(says.synced, sequence);
    }
  }
  return says;
}

}  // namespace

size_t CommitsInLogs(const Harm& harm) {
  size_t commits = 0;
  bool all_before = true;  // no log was harmed so far
  const Files& before = harm.database->files;
  for (const auto& [name, bytes] : harm.files) {
    if (ParseFileName(name).kind == FileKind::kWal && !before.contains(name)) all_before = false;
  }
  for (const auto& [name, bytes] : before) {  // ascending numbers
    if (ParseFileName(name).kind != FileKind::kWal) continue;
    const auto found = harm.files.find(name);
    const std::string_view now = found == harm.files.end() ? std::string_view() : found->second;
    const size_t most = std::min(now.size(), bytes.size());
    const auto intact = static_cast<size_t>(
        std::mismatch(now.begin(), now.begin() + most, bytes.begin()).first - now.begin());
    const LogSays says = ReadFragments(now, intact);
    commits = std::max({commits, says.synced, all_before ? says.written : 0});
    all_before = all_before && now == bytes;
  }
  return commits;
}

bool Harm::OnlyTablesChanged() const {
  return !Changed(FileKind::kWal) && !Changed(FileKind::kManifest) && !Changed(FileKind::kCurrent);
}

Harm DecodeHarm(std::string_view input) { return Decoder(input).Run(); }

}  // namespace lsm::fuzz
