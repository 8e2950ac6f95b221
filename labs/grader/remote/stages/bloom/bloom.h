// Stage 4 behind the wall: every call is answered by the stage in another process.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "remote/protocol.h"
#include "remote/stage_process.h"

namespace lsm {

class Bloom {
 public:
  static std::string_view Name() {
    static const std::string* const name = [] {
      const std::string answer = remote::CallStage("Bloom::Name", Call(remote::BloomCall::kName));
      return new std::string(remote::ReadAnswer(
          "Bloom::Name", answer, [](remote::In* in) { return std::string(in->Bytes()); }));
    }();
    return *name;
  }

  static uint64_t Hash(std::string_view key) { return HashAll({std::string(key)})[0]; }

  static void Build(std::span<const uint64_t> hashes, double bits_per_key, std::string* out) {
    remote::Out call = Call(remote::BloomCall::kBuild);
    call.Real(bits_per_key).Number(hashes.size());
    for (const uint64_t hash : hashes) call.Number(hash);
    call.Bytes(*out);
    const std::string answer = remote::CallStage("Bloom::Build", call);
    *out = remote::ReadAnswer("Bloom::Build", answer,
                              [](remote::In* in) { return std::string(in->Bytes()); });
  }

  static bool MayMatch(uint64_t hash, std::string_view filter) {
    return MayMatchAll({&hash, 1}, filter)[0];
  }

  static double BitsPerKeyFor(double rate) {
    remote::Out call = Call(remote::BloomCall::kBitsPerKeyFor);
    const std::string answer = remote::CallStage("Bloom::BitsPerKeyFor", call.Real(rate));
    return remote::ReadAnswer("Bloom::BitsPerKeyFor", answer,
                              [](remote::In* in) { return in->Real(); });
  }

  // Many at once, in one message: see contract/bloom/many.h.
  static std::vector<uint64_t> HashAll(const std::vector<std::string>& keys) {
    remote::Out call = Call(remote::BloomCall::kHash);
    call.Number(keys.size());
    for (const std::string& key : keys) call.Bytes(key);
    const std::string answer = remote::CallStage("Bloom::Hash", call);
    return remote::ReadAnswer("Bloom::Hash", answer, [&](remote::In* in) {
      std::vector<uint64_t> hashes;
      for (size_t i = 0; i < keys.size(); ++i) hashes.push_back(in->Number());
      return hashes;
    });
  }

  static std::vector<bool> MayMatchAll(std::span<const uint64_t> hashes, std::string_view filter) {
    remote::Out call = Call(remote::BloomCall::kMayMatch);
    call.Bytes(filter).Number(hashes.size());
    for (const uint64_t hash : hashes) call.Number(hash);
    const std::string answer = remote::CallStage("Bloom::MayMatch", call);
    return remote::ReadAnswer("Bloom::MayMatch", answer, [&](remote::In* in) {
      std::vector<bool> matches;
      for (size_t i = 0; i < hashes.size(); ++i) matches.push_back(in->Flag());
      return matches;
    });
  }

 private:
  static remote::Out Call(remote::BloomCall call) {
    remote::Out out;
    out.Number(static_cast<uint64_t>(call));
    return out;
  }
};

}  // namespace lsm
