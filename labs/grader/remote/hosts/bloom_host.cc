// Serves a Bloom stage.
#include <string>
#include <vector>

#include <stage/bloom/bloom.h>
#include "contract/bloom/concept.h"
#include "remote/host.h"
#include "remote/protocol.h"

namespace lsm::remote {

static_assert(BloomStage<Bloom>);

bool ServeStage(In* call, Out* answer) {
  switch (static_cast<BloomCall>(call->Number())) {
    case BloomCall::kName:
      answer->Bytes(Bloom::Name());
      return true;
    case BloomCall::kHash:
      for (uint64_t n = call->Number(); n > 0; --n) answer->Number(Bloom::Hash(call->Bytes()));
      return true;
    case BloomCall::kBuild: {
      const double bits_per_key = call->Real();
      std::vector<uint64_t> hashes;
      for (uint64_t n = call->Number(); n > 0; --n) hashes.push_back(call->Number());
      std::string filter(call->Bytes());
      Bloom::Build(hashes, bits_per_key, &filter);
      answer->Bytes(filter);
      return true;
    }
    case BloomCall::kMayMatch: {
      const std::string filter(call->Bytes());  // of its own size: a byte too much is seen
      for (uint64_t n = call->Number(); n > 0; --n) {
        answer->Number(Bloom::MayMatch(call->Number(), filter) ? 1 : 0);
      }
      return true;
    }
    case BloomCall::kBitsPerKeyFor:
      answer->Real(Bloom::BitsPerKeyFor(call->Real()));
      return true;
  }
  return false;
}

}  // namespace lsm::remote
