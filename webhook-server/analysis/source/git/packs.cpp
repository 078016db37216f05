#include "analysis/source/git/packs.hpp"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "analysis/source/git/delta.hpp"
#include "net/pki.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::uint64_t kLargest = 4ULL << 20;        // bytes of an object or a delta
constexpr std::size_t kMostDeltaBytes = 16ULL << 20;  // of one chain
constexpr std::size_t kLongestChain = 4096;           // git writes at most 4095
constexpr std::size_t kFirstRead = 2048;              // holds most deltas
constexpr std::size_t kTrailer = 20;
constexpr std::size_t kNameSize = 20;
constexpr std::size_t kFanout = 8;  // after magic number and version
constexpr std::size_t kNames = kFanout + 256 * 4;

std::uint64_t big_endian(const unsigned char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8U | bytes[i];
  return value;
}

// Enough for what zlib makes of so many bytes; who packed worse is libgit2's.
std::size_t packed_bound(std::uint64_t bytes) { return bytes + bytes / 8 + 64; }

int open_for_reading(const std::filesystem::path& file, std::uint64_t& size) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor >= 0 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    size = static_cast<std::uint64_t>(status.st_size);
    return descriptor;
  }
  if (descriptor >= 0) ::close(descriptor);
  return -1;
}

}  // namespace

class Packs::Pack {
 public:
  explicit Pack(const std::filesystem::path& index) {
    std::uint64_t index_size = 0;
    const int file = open_for_reading(index, index_size);
    if (file < 0) return;
    void* const mapped =
        index_size >= kNames ? ::mmap(nullptr, index_size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    ::close(file);
    if (mapped == MAP_FAILED) return;
    index_ = static_cast<const unsigned char*>(mapped);
    index_size_ = index_size;
    ::madvise(mapped, index_size, MADV_RANDOM);
    pack_ = open_for_reading(std::filesystem::path(index).replace_extension(".pack"), pack_size_);
    if (pack_ < 0 || !is_version_2()) return;
    is_usable_ = pack_size_ >= kTrailer && has_sound_names() && has_sound_offsets();
    is_damaged_ = !is_usable_;
  }
  ~Pack() {
    if (index_ != nullptr) ::munmap(const_cast<unsigned char*>(index_), index_size_);
    if (pack_ >= 0) ::close(pack_);
  }
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  [[nodiscard]] bool is_usable() const { return is_usable_; }
  // The index ends with the checksum of all before it.
  [[nodiscard]] bool has_own_sum() const {
    const std::string_view all(reinterpret_cast<const char*>(index_), index_size_);
    return net::sha1(all.substr(0, all.size() - kTrailer)) == all.substr(all.size() - kTrailer);
  }
  // What the index says cannot be.
  [[nodiscard]] bool is_damaged() const { return is_damaged_; }

  [[nodiscard]] std::optional<std::uint64_t> find(const git::Oid& oid) const {
    const unsigned first = oid.bytes[0];
    std::uint64_t low = first == 0 ? 0 : fanout(first - 1);
    std::uint64_t high = fanout(first);
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      const int order = std::memcmp(index_ + kNames + middle * kNameSize, oid.bytes.data(), kNameSize);
      if (order == 0) return offset_of(middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return std::nullopt;
  }

  std::size_t read(std::uint64_t offset, char* into, std::size_t most) const {
    const std::uint64_t end = pack_size_ - kTrailer;
    if (offset >= end) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, end - offset));
    std::size_t done = 0;
    while (done < wanted) {
      const ssize_t got = ::pread(pack_, into + done, wanted - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  [[nodiscard]] std::uint64_t fanout(unsigned byte) const { return big_endian(index_ + kFanout + byte * 4, 4); }

  [[nodiscard]] bool is_version_2() const {
    static const unsigned char kVersion2[8] = {0xFF, 't', 'O', 'c', 0, 0, 0, 2};
    return std::memcmp(index_, kVersion2, sizeof kVersion2) == 0;
  }

  bool has_sound_names() {
    for (unsigned byte = 1; byte < 256; ++byte) {
      if (fanout(byte) < fanout(byte - 1)) return false;
    }
    objects_ = fanout(255);
    // Names, checksums, offsets, and two trailers; large offsets come between.
    return index_size_ >= kNames + objects_ * (kNameSize + 8) + 2 * kTrailer;
  }

  [[nodiscard]] bool has_sound_offsets() const {
    for (std::uint64_t place = 0; place < objects_; ++place) {
      const auto offset = offset_of(place);
      if (!offset || *offset >= pack_size_ - kTrailer) return false;
    }
    return true;
  }

  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t place) const {
    const unsigned char* const offsets = index_ + kNames + objects_ * (kNameSize + 4);
    const std::uint64_t offset = big_endian(offsets + place * 4, 4);
    if ((offset & 0x80000000U) == 0) return offset;
    const std::uint64_t large = kNames + objects_ * (kNameSize + 8) + (offset & 0x7FFFFFFFU) * 8;
    if (large + 8 + 2 * kTrailer > index_size_) return std::nullopt;
    return big_endian(index_ + large, 8);
  }

  const unsigned char* index_ = nullptr;
  std::uint64_t index_size_ = 0;
  std::uint64_t objects_ = 0;
  std::uint64_t pack_size_ = 0;
  int pack_ = -1;
  bool is_usable_ = false;
  bool is_damaged_ = false;
};

Packs::Packs(const std::filesystem::path& objects) {
  std::error_code error;
  std::size_t files = 0;
  for (std::filesystem::directory_iterator file(objects / "pack", error), end; !error && file != end;
       file.increment(error)) {
    files += file->path().extension() == ".pack" ? 1 : 0;
    if (file->path().extension() != ".idx") continue;
    auto pack = std::make_unique<Pack>(file->path());
    if (pack->is_damaged()) damage_ = "the index " + file->path().filename().string() + " does not fit its pack";
    if (pack->is_usable()) packs_.push_back(std::move(pack));
  }
  is_complete_ = !error && !damage_ && files == packs_.size();
}

Packs::~Packs() = default;

bool Packs::is_complete() const {
  if (!is_complete_) return false;
  std::call_once(summed_, [this] {
    has_own_sums_ = std::all_of(packs_.begin(), packs_.end(), [](const auto& pack) { return pack->has_own_sum(); });
  });
  return has_own_sums_;
}

std::optional<PackPlace> Packs::find(const git::Oid& oid) const {
  for (std::uint32_t pack = 0; pack < packs_.size(); ++pack) {
    if (const auto place = find_in(pack, oid)) return place;
  }
  return std::nullopt;
}

std::optional<PackPlace> Packs::find_in(std::uint32_t pack, const git::Oid& oid) const {
  const auto offset = packs_[pack]->find(oid);
  return offset ? std::optional(PackPlace{pack, *offset}) : std::nullopt;
}

std::size_t Packs::read(const PackPlace& place, char* into, std::size_t most) const {
  return packs_[place.pack]->read(place.offset, into, most);
}

struct PackReader::Entry {
  std::optional<git::ObjectKind> kind;  // none: a delta
  PackPlace place;
  PackPlace base;          // of a delta
  std::uint64_t size = 0;  // bytes unpacked
  std::size_t header = 0;  // bytes before the packed content
};

struct PackReader::Step {
  std::size_t begin = 0;  // in deltas_
  std::size_t size = 0;
};

void PackReader::Releaser::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

PackReader::PackReader(std::shared_ptr<const Packs> packs, std::size_t kept_bytes)
    : packs_(std::move(packs)), decompressor_(libdeflate_alloc_decompressor()), recent_(kept_bytes) {}

PackReader::~PackReader() = default;

std::optional<Object> PackReader::read(const git::Oid& oid) {
  const auto place = packs_->find(oid);
  return place ? read_at(*place) : std::nullopt;
}

std::optional<std::uint64_t> PackReader::size(const git::Oid& oid) {
  const auto place = packs_->find(oid);
  if (!place) return std::nullopt;
  if (const Object* const known = recent_.find(*place)) return std::string_view(known->content).size();
  const auto entry = entry_at(*place);
  if (!entry) return std::nullopt;
  if (entry->kind) return entry->size;
  deltas_.resize(std::max<std::size_t>(deltas_.size(), entry->size));
  if (!inflate(*entry, deltas_.data())) return std::nullopt;
  std::string_view delta(deltas_.data(), entry->size);
  const auto base_size = take_size(delta);
  return base_size ? take_size(delta) : std::nullopt;
}

std::optional<Object> PackReader::read_at(const PackPlace& place) {
  if (const Object* const known = recent_.find(place)) return *known;
  auto object = find_base(place);
  if (object && !steps_.empty()) object = apply_steps(std::move(*object));
  if (object) recent_.keep(place, *object);
  return object;
}

std::optional<Object> PackReader::find_base(PackPlace at) {
  steps_.clear();
  std::size_t used = 0;
  while (steps_.size() < kLongestChain) {
    if (!steps_.empty()) {
      if (const Object* const known = recent_.find(at)) return *known;
    }
    const auto entry = entry_at(at);
    if (!entry) return std::nullopt;
    if (entry->kind) {
      const auto bytes = std::make_shared_for_overwrite<char[]>(entry->size);
      if (!inflate(*entry, bytes.get())) return std::nullopt;
      return Object{*entry->kind, git::Content(bytes, {bytes.get(), entry->size})};
    }
    if (entry->size > kMostDeltaBytes - used) return std::nullopt;
    if (deltas_.size() < used + entry->size) deltas_.resize(used + entry->size);
    if (!inflate(*entry, deltas_.data() + used)) return std::nullopt;
    steps_.push_back({used, entry->size});
    used += entry->size;
    at = entry->base;
  }
  return std::nullopt;
}

std::optional<Object> PackReader::apply_steps(Object base) {
  std::string_view text = base.content;
  for (std::size_t i = steps_.size(); i-- > 0;) {
    std::string_view delta(deltas_.data() + steps_[i].begin, steps_[i].size);
    const auto base_size = take_size(delta);
    const auto size = base_size ? take_size(delta) : std::nullopt;
    if (!size || *base_size != text.size() || *size > kLargest) return std::nullopt;
    if (i == 0) {
      const auto bytes = std::make_shared_for_overwrite<char[]>(*size);
      if (!apply_delta(delta, text, {bytes.get(), *size})) return std::nullopt;
      return Object{base.kind, git::Content(bytes, {bytes.get(), *size})};
    }
    std::string& half = halves_[i % 2];
    if (half.size() < *size) half.resize(*size);
    if (!apply_delta(delta, text, {half.data(), *size})) return std::nullopt;
    text = std::string_view(half.data(), *size);
  }
  return std::nullopt;
}

std::optional<PackReader::Entry> PackReader::entry_at(const PackPlace& place) {
  if (packed_.size() < kFirstRead) packed_.resize(kFirstRead);
  packed_size_ = packs_->read(place, packed_.data(), kFirstRead);
  std::string_view rest(packed_.data(), packed_size_);
  if (rest.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  Entry entry;
  entry.place = place;
  entry.size = first & 0x0FU;
  if ((first & 0x80U) != 0) {
    const auto more = take_size(rest);
    if (!more || *more > kLargest) return std::nullopt;
    entry.size |= *more << 4U;
  }
  if (entry.size > kLargest) return std::nullopt;
  entry.base.pack = place.pack;
  switch (first >> 4U & 0x07U) {
    case 1:
      entry.kind = git::ObjectKind::Commit;
      break;
    case 2:
      entry.kind = git::ObjectKind::Tree;
      break;
    case 3:
      entry.kind = git::ObjectKind::Blob;
      break;
    case 6: {  // a delta of an entry so many bytes before; each byte but the last counts one more than it says
      std::uint64_t distance = 0;
      for (bool goes_on = true; goes_on;) {
        if (rest.empty() || distance > (1ULL << 48U)) return std::nullopt;
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        distance = distance << 7U | (byte & 0x7FU);
        goes_on = (byte & 0x80U) != 0;
        if (goes_on) ++distance;
      }
      if (distance == 0 || distance > place.offset) return std::nullopt;
      entry.base.offset = place.offset - distance;
      break;
    }
    case 7: {  // a delta of the object of that name
      if (rest.size() < kNameSize) return std::nullopt;
      const auto base = packs_->find_in(place.pack, git::Oid::from_bytes(rest.data()));
      if (!base) return std::nullopt;
      entry.base = *base;
      rest.remove_prefix(kNameSize);
      break;
    }
    default:
      return std::nullopt;  // tags are read by libgit2
  }
  entry.header = static_cast<std::size_t>(rest.data() - packed_.data());
  return entry;
}

bool PackReader::inflate(const Entry& entry, char* into) {
  const std::size_t wanted = entry.header + packed_bound(entry.size);
  if (wanted > packed_size_ && packed_size_ == kFirstRead) {
    if (packed_.size() < wanted) packed_.resize(wanted);
    PackPlace rest = entry.place;
    rest.offset += packed_size_;
    packed_size_ += packs_->read(rest, packed_.data() + packed_size_, wanted - packed_size_);
  }
  std::size_t taken = 0;
  return libdeflate_zlib_decompress_ex(decompressor_.get(), packed_.data() + entry.header, packed_size_ - entry.header,
                                       into, entry.size, &taken, nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace cadence::analysis::source
