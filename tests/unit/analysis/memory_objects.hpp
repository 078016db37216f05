// An ObjectView in memory for tests: put() takes plain files, commits and trees and gives back their names. Objects can
// be lost again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/git/objects.hpp"

namespace cadence::analysis::git {

class MemoryObjects final : public ObjectView {
 public:
  base::Result<Content> read(const Oid& oid, ObjectKind kind) override {
    ++reads;
    const auto found = objects_.find(oid);
    if (found == objects_.end() || found->second.first != kind)
      return base::Error{base::ErrorKind::NotFound, "no such object"};
    return Content(found->second.second);
  }
  base::Result<std::uint64_t> size(const Oid& oid) override {
    const auto found = objects_.find(oid);
    if (found == objects_.end()) return base::Error{base::ErrorKind::NotFound, "no such object"};
    return static_cast<std::uint64_t>(found->second.second.size());
  }

  // Equal content has equal names, like in git; the names themselves are counted up.
  Oid put(ObjectKind kind, std::string content) {
    const auto [place, is_new] = names_.try_emplace({kind, content});
    if (is_new) {
      const auto number = static_cast<std::uint32_t>(names_.size());
      for (std::size_t i = 0; i < 4; ++i) place->second.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
      objects_[place->second] = {kind, std::move(content)};
    }
    return place->second;
  }
  void lose(const Oid& oid) { objects_.erase(oid); }

  struct File {
    std::string path;
    std::string content;
    std::string mode = "100644";
  };
  // A whole tree from files with paths; mode 160000 makes a submodule.
  Oid tree(const std::vector<File>& files) {
    std::map<std::string, std::string> entries;
    std::map<std::string, std::vector<File>> folders;
    for (const File& file : files) {
      const std::size_t slash = file.path.find('/');
      if (slash == std::string::npos) {
        entries[file.path] = entry(file.mode, file.path, put(ObjectKind::Blob, file.content));
      } else {
        folders[file.path.substr(0, slash)].push_back({file.path.substr(slash + 1), file.content, file.mode});
      }
    }
    for (const auto& [name, inner] : folders) entries[name] = entry("40000", name, tree(inner));
    std::string content;
    for (const auto& [name, bytes] : entries) content += bytes;
    return put(ObjectKind::Tree, content);
  }
  Oid blob(const std::string& content) { return put(ObjectKind::Blob, content); }

  Oid commit(const std::vector<Oid>& parents, std::int64_t time, const std::string& message = "x\n",
             const std::string& author = "Ada", const Oid& tree_oid = {}) {
    std::string content = "tree " + tree_oid.hex() + "\n";
    for (const Oid& parent : parents) content += "parent " + parent.hex() + "\n";
    content += "author " + author + " <" + author + "@example.org> " + std::to_string(time) + " +0000\n";
    content += "committer C <c@example.org> 5 +0000\n\n" + message;
    return put(ObjectKind::Commit, content);
  }

  // One entry of a tree, for trees that git would not write.
  static std::string entry(const std::string& mode, const std::string& name, const Oid& oid) {
    return mode + " " + name + std::string(1, '\0') +
           std::string(reinterpret_cast<const char*>(oid.bytes.data()), oid.bytes.size());
  }

  std::size_t reads = 0;

 private:
  std::map<Oid, std::pair<ObjectKind, std::string>> objects_;
  std::map<std::pair<ObjectKind, std::string>, Oid> names_;
};

// `count` copies of a line, each with its LF.
inline std::string lines(std::size_t count, std::string_view text = "alpha") {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += std::string(text) + "\n";
  return all;
}

// line 0, line 1, ...: lines that differ.
inline std::string numbered(std::size_t from, std::size_t to, std::string_view text = "line") {
  std::string all;
  for (std::size_t i = from; i < to; ++i) all += std::string(text) + " " + std::to_string(i) + "\n";
  return all;
}

}  // namespace cadence::analysis::git
