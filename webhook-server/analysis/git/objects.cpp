#include "analysis/git/objects.hpp"

#include <charconv>

#include "analysis/text/encoding.hpp"

namespace cadence::analysis::git {
namespace {

std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Longer texts are nobody's, and stay as they are.
std::string in_utf8(std::string_view text, std::string_view encoding) {
  constexpr std::size_t kLongest = 1 << 20;
  return text.size() > kLongest ? std::string(text) : decode_named(text, encoding);
}

// "Name <email> 1700000000 +0100"; names may hold brackets of their own, so the last ones count.
void read_author(std::string_view line, Commit& commit) {
  const std::size_t open = line.rfind('<');
  const std::size_t close = line.rfind('>');
  if (open == std::string_view::npos) return;
  commit.author = trim_spaces(line.substr(0, open));
  if (close == std::string_view::npos || close < open) return;
  commit.email = line.substr(open + 1, close - open - 1);
  const std::string_view rest = trim_spaces(line.substr(close + 1));
  std::int64_t seconds = 0;
  if (std::from_chars(rest.data(), rest.data() + rest.size(), seconds).ec == std::errc{}) commit.time = seconds;
}

EntryMode mode_of(std::uint32_t bits) {
  switch (bits & 0170000U) {
    case 0040000:
      return EntryMode::Directory;
    case 0120000:
      return EntryMode::Symlink;
    case 0160000:
      return EntryMode::Submodule;
    default:
      return (bits & 0111U) != 0 ? EntryMode::Executable : EntryMode::Regular;
  }
}

}  // namespace

Commit parse_commit(std::string_view content) {
  Commit commit;
  bool has_author = false;
  std::string_view encoding;  // git's own header; UTF-8 is not said
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    const std::string_view line = content.substr(0, end);
    content = end == std::string_view::npos ? std::string_view{} : content.substr(end + 1);
    if (line.empty()) break;
    if (line.starts_with("tree ")) {
      commit.tree = Oid::from_hex(line.substr(5)).value_or(commit.tree);
    } else if (line.starts_with("parent ")) {
      if (const auto parent = Oid::from_hex(line.substr(7))) commit.parents.push_back(*parent);
    } else if (line.starts_with("author ") && !has_author) {
      has_author = true;
      read_author(line.substr(7), commit);
    } else if (line.starts_with("encoding ") && encoding.empty()) {
      encoding = trim_spaces(line.substr(9));
    }
  }
  commit.author = in_utf8(commit.author, encoding);
  commit.email = in_utf8(commit.email, encoding);
  commit.message = in_utf8(content, encoding);
  return commit;
}

void TreeWalk::parse() {
  length_ = 0;
  std::uint32_t bits = 0;
  const auto [after_mode, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), bits, 8);
  const auto space = static_cast<std::size_t>(after_mode - rest_.data());
  if (error != std::errc{} || space >= rest_.size() || rest_[space] != ' ') return;
  const std::size_t nul = rest_.find('\0', space + 1);
  if (nul == std::string_view::npos || rest_.size() - nul - 1 < 20) return;
  name_ = rest_.substr(space + 1, nul - space - 1);
  mode_ = mode_of(bits);
  length_ = nul + 21;
}

std::vector<TreeEntry> parse_tree(std::string_view content) {
  std::vector<TreeEntry> entries;
  for (TreeWalk walk(content); !walk.is_over(); walk.advance()) entries.push_back(walk.entry());
  return entries;
}

bool is_binary(std::string_view content) { return content.substr(0, 8000).find('\0') != std::string_view::npos; }

}  // namespace cadence::analysis::git
