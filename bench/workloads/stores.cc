#include "workloads/store.h"

namespace lsm::bench {

const std::vector<StoreInfo>& Stores() {
  static const auto* const kStores = new std::vector<StoreInfo>{
      LsmlabStore(),
#ifdef LSM_HAVE_LEVELDB
      LevelDbStore(),
#endif
#ifdef LSM_HAVE_ROCKSDB
      RocksDbStore(),
#endif
  };
  return *kStores;
}

}  // namespace lsm::bench
