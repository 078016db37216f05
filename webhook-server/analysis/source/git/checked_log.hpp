// A file that only grows, in blocks that each carry a checksum. Promises: what load() gives was written whole; a block
// that was cut off or damaged ends the file, and the next append takes its place. Several threads and processes may
// append; blocks may come twice.
//
// Format, in the machine's own byte order: "CADLOG1\n", then blocks of length (4 bytes), checksum (8), content. The
// first block is the fingerprint: a file with another one is another program's and counts as empty.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cadence::analysis::source {

class CheckedFile;

class CheckedLog {
 public:
  CheckedLog(std::filesystem::path path, std::string fingerprint, std::uint64_t max_bytes)
      : path_(std::move(path)), fingerprint_(std::move(fingerprint)), max_bytes_(max_bytes) {}

  // The contents of all good blocks after the fingerprint; views into this object.
  const std::vector<std::string_view>& load();
  // Adds a block; begins again when the file would grow beyond its bound. Gives up when another process has the file:
  // nothing is lost that could not be found out again.
  void append(std::string_view block);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  // What a file holds, as far as it is good.
  struct Blocks {
    std::unique_ptr<char[]> text;
    std::vector<std::string_view> contents;
    std::size_t last = 0;  // in the file: where the last block begins
    std::size_t end = 0;   // and where it ends
  };
  [[nodiscard]] Blocks blocks_of(const CheckedFile& file) const;
  [[nodiscard]] bool still_ends_as_loaded(const CheckedFile& file) const;

  const std::filesystem::path path_;
  const std::string fingerprint_;
  const std::uint64_t max_bytes_;
  Blocks loaded_;
};

}  // namespace cadence::analysis::source
