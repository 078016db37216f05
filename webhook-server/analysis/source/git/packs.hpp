// Objects straight out of a repository's pack files (gitformat-pack(5), index version 2), for speed and little memory:
// nothing but the indexes is mapped, each thread keeps what it read last, and that serves as the base of deltas, too.
// Promises: what it returns is what the pack holds, sizes and zlib's checksums compared; on anything else, damage
// included, it returns nothing and never fails. Whoever asked then asks libgit2, which knows loose objects, alternates
// and reasons, and reads objects of more than 4 MiB. Knows no threads but that Packs may be shared by them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "analysis/source/git/recent_objects.hpp"

struct libdeflate_decompressor;

namespace cadence::analysis::source {

struct PackPlace {
  std::uint32_t pack = 0;
  std::uint64_t offset = 0;  // bytes from the pack's start
  bool operator==(const PackPlace&) const = default;
};

struct PackPlaceHash {
  std::size_t operator()(const PackPlace& place) const {
    return (place.offset + (static_cast<std::uint64_t>(place.pack) << 48U)) * 0x9E3779B97F4A7C15ULL;
  }
};

// The packs that lay in the repository when it was opened.
class Packs {
 public:
  // `objects`: the repository's folder of objects, as git finds it: a work tree may hold another one of that name.
  // Packs that cannot be read are left out.
  explicit Packs(const std::filesystem::path& objects);
  ~Packs();
  Packs(const Packs&) = delete;
  Packs& operator=(const Packs&) = delete;

  // What is wrong with an index, a clause; nothing when all are sound. libgit2 1.5 must not see such a repository: it
  // follows an offset beyond a pack out of its memory.
  [[nodiscard]] const std::optional<std::string>& damage() const { return damage_; }
  // Every pack could be opened and has an index that is understood and unchanged since it was written: what find() does
  // not find is in none. Reads the indexes once from end to end.
  [[nodiscard]] bool is_complete() const;

  [[nodiscard]] std::optional<PackPlace> find(const git::Oid& oid) const;
  [[nodiscard]] std::optional<PackPlace> find_in(std::uint32_t pack, const git::Oid& oid) const;
  // Up to `most` bytes from there, without the pack's trailer; how many there were.
  std::size_t read(const PackPlace& place, char* into, std::size_t most) const;

 private:
  class Pack;
  std::vector<std::unique_ptr<Pack>> packs_;
  std::optional<std::string> damage_;
  bool is_complete_ = true;
  mutable std::once_flag summed_;
  mutable bool has_own_sums_ = true;
};

// One thread's way into them.
class PackReader {
 public:
  PackReader(std::shared_ptr<const Packs> packs, std::size_t kept_bytes);
  ~PackReader();

  std::optional<Object> read(const git::Oid& oid);
  std::optional<std::uint64_t> size(const git::Oid& oid);  // bytes, without unpacking the object
  [[nodiscard]] const std::shared_ptr<const Packs>& packs() const { return packs_; }

 private:
  struct Entry;
  struct Step;
  struct Releaser {
    void operator()(libdeflate_decompressor* decompressor) const;
  };

  std::optional<Object> read_at(const PackPlace& place);
  // Unpacks deltas from `at` on until an object that is whole, and leaves them in deltas_ and steps_.
  std::optional<Object> find_base(PackPlace at);
  std::optional<Object> apply_steps(Object base);
  std::optional<Entry> entry_at(const PackPlace& place);
  bool inflate(const Entry& entry, char* into);

  const std::shared_ptr<const Packs> packs_;
  const std::unique_ptr<libdeflate_decompressor, Releaser> decompressor_;
  RecentObjects<PackPlace, PackPlaceHash> recent_;
  std::string packed_;  // of the entry that was looked at last, from its first byte
  std::size_t packed_size_ = 0;
  std::string deltas_;       // unpacked, one after the other
  std::vector<Step> steps_;  // the outermost first
  std::string halves_[2];    // objects on the way, in turn
};

}  // namespace cadence::analysis::source
