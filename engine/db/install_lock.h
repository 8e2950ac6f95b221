// InstallLock: with mu_ held, takes install_mu_ in the right order; mu_ is held again afterwards.
#pragma once

#include "db/db_impl.h"

namespace lsm {

class DBImpl::InstallLock {
 public:
  explicit InstallLock(DBImpl* db) : db_(db) {
    db_->mu_.Unlock();
    db_->install_mu_.Lock();
    db_->mu_.Lock();
  }
  ~InstallLock() { db_->install_mu_.Unlock(); }
  InstallLock(const InstallLock&) = delete;
  InstallLock& operator=(const InstallLock&) = delete;

 private:
  DBImpl* const db_;
};

}  // namespace lsm
