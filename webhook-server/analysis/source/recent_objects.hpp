// The objects that one thread read last, up to a number of bytes; the longest unused go first. Knows no repository.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

#include "analysis/git/objects.hpp"

namespace cadence::analysis::source {

class RecentObjects {
 public:
  struct Object {
    git::ObjectKind kind = git::ObjectKind::Blob;
    git::Content content;
  };

  explicit RecentObjects(std::size_t most_bytes) : most_bytes_(most_bytes) {}
  // Valid until the next keep(); null when it is not here.
  const Object* find(const git::Oid& oid);
  // Objects of more than an eighth of all bytes are not kept: they would drive out too much.
  void keep(const git::Oid& oid, Object object);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    git::Oid oid;
    Object object;
  };

  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<git::Oid, std::list<Entry>::iterator, git::OidHash> places_;
};

}  // namespace cadence::analysis::source
