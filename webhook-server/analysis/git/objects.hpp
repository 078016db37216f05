// What the analysis sees of a repository: raw objects by name, and how to read a commit and a tree out of their bytes.
// Promises: parsing never fails on hostile bytes, it reads what is there. Knows neither files nor libgit2; the owner of
// an ObjectView decides where bytes come from. One view serves one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/git/oid.hpp"
#include "base/result.hpp"

namespace cadence::analysis::git {

enum class ObjectKind { Commit, Tree, Blob };

// An object's bytes, wherever they lie; copies share them.
class Content {
 public:
  Content() = default;
  Content(std::string text)
      : owner_(std::make_shared<std::string>(std::move(text))), text_(*static_cast<const std::string*>(owner_.get())) {}
  Content(std::shared_ptr<const void> owner, std::string_view text) : owner_(std::move(owner)), text_(text) {}
  operator std::string_view() const { return text_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

class ObjectView {
 public:
  virtual ~ObjectView() = default;
  // The object's content without git's header; an error when it is missing, damaged or of another kind.
  virtual base::Result<Content> read(const Oid& oid, ObjectKind kind) = 0;
  // Its size in bytes, without reading its content.
  virtual base::Result<std::uint64_t> size(const Oid& oid) = 0;
};

struct Commit {
  Oid tree;
  std::vector<Oid> parents;
  std::string author;  // this, the address and the message in UTF-8, whatever the commit's encoding is
  std::string email;
  std::int64_t time = 0;  // author date, seconds since 1970
  std::string message;    // final newline included
};

// Text is read in the encoding that the commit names. Where it names none and is no UTF-8, it is older than git's
// asking: windows-1252.
Commit parse_commit(std::string_view content);

enum class EntryMode : std::uint32_t {
  Directory = 0040000,
  Regular = 0100644,
  Executable = 0100755,
  Symlink = 0120000,
  Submodule = 0160000
};

struct TreeEntry {
  std::string name;
  EntryMode mode = EntryMode::Regular;
  Oid oid;
};

// Walks the entries of a tree in stored order without copying them; ends at the first malformed one. 100664 and other
// odd file modes become Regular.
class TreeWalk {
 public:
  explicit TreeWalk(std::string_view content) : rest_(content) { parse(); }
  [[nodiscard]] bool is_over() const { return length_ == 0; }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] EntryMode mode() const { return mode_; }
  [[nodiscard]] bool is_folder() const { return mode_ == EntryMode::Directory; }
  [[nodiscard]] Oid oid() const { return Oid::from_bytes(rest_.data() + length_ - 20); }
  [[nodiscard]] std::string_view bytes() const { return rest_.substr(0, length_); }  // the entry as stored
  [[nodiscard]] TreeEntry entry() const { return {std::string(name_), mode_, oid()}; }
  void advance() {
    rest_.remove_prefix(length_);
    parse();
  }

 private:
  void parse();

  std::string_view rest_;
  std::size_t length_ = 0;
  std::string_view name_;
  EntryMode mode_ = EntryMode::Regular;
};

// All entries of a tree.
std::vector<TreeEntry> parse_tree(std::string_view content);

// A NUL among the first 8000 bytes.
bool is_binary(std::string_view content);

}  // namespace cadence::analysis::git
