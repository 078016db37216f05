// The objects that one thread read last, up to a number of bytes; the longest unused go first. Knows no repository:
// `Name` is whatever its owner finds objects by.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

#include "analysis/git/objects.hpp"

namespace cadence::analysis::source {

struct Object {
  git::ObjectKind kind = git::ObjectKind::Blob;
  git::Content content;
};

template <class Name, class Hash>
class RecentObjects {
 public:
  explicit RecentObjects(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Valid until the next keep(); null when it is not here.
  const Object* find(const Name& name) {
    const auto found = places_.find(name);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->object;
  }

  // Objects of more than an eighth of all bytes are not kept: they would drive out too much.
  void keep(const Name& name, Object object) {
    const std::size_t cost = cost_of(object);
    if (cost > most_bytes_ / 8 || places_.contains(name)) return;
    bytes_ += cost;
    entries_.push_front({name, std::move(object)});
    places_.emplace(name, entries_.begin());
    while (bytes_ > most_bytes_) {
      bytes_ -= cost_of(entries_.back().object);
      places_.erase(entries_.back().name);
      entries_.pop_back();
    }
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Name name;
    Object object;
  };

  // With what an entry costs beside its content: list node, map node, the owner's own record.
  static std::size_t cost_of(const Object& object) { return std::string_view(object.content).size() + 256; }

  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<Name, typename std::list<Entry>::iterator, Hash> places_;
};

}  // namespace cadence::analysis::source
