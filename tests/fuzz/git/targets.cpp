#include "targets.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "analysis/git/glob.hpp"
#include "analysis/git/judge.hpp"
#include "analysis/git/line_numbers.hpp"
#include "analysis/git/objects.hpp"
#include "analysis/text/text.hpp"
#include "analysis/git/token_diff.hpp"
#include "analysis/source/git/checked_log.hpp"
#include "analysis/source/guard/credentials.hpp"
#include "analysis/source/git/packs.hpp"
#include "analysis/source/git/partial_transfer.hpp"
#include "analysis/source/guard/url.hpp"

namespace cadence::fuzz {
namespace {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::cerr << "broken promise: " << promise << "\n";
  std::abort();
}

std::pair<std::string_view, std::string_view> halves(std::string_view input) {
  const std::size_t nul = input.find('\0');
  return {input.substr(0, nul), nul == std::string_view::npos ? std::string_view{} : input.substr(nul + 1)};
}

using namespace analysis::git;

// What a difference adds and deletes, in order.
struct Edits {
  std::string inserted;
  std::string deleted;
  std::string rebuilt;  // equal and inserted lines: the second text
  bool operator==(const Edits&) const = default;
};

Edits edits_of(std::string_view before, std::string_view after) {
  LineNumbers lines;
  Tokens old_tokens;
  Tokens new_tokens;
  lines.start();
  lines.number(before, old_tokens);
  lines.number(after, new_tokens);
  Edits edits;
  for (const Chunk& chunk : diff_tokens(old_tokens, new_tokens, 1'000'000)) {
    for (const Token token : chunk.tokens) {
      const std::string line = std::string(lines.line(token)) + "\n";
      if (chunk.edit == Edit::Insert) edits.inserted += line;
      if (chunk.edit == Edit::Delete) edits.deleted += line;
      if (chunk.edit != Edit::Delete) edits.rebuilt += line;
    }
  }
  return edits;
}

}  // namespace

void token_diff(std::string_view input) {
  const auto [before, after] = halves(input.substr(0, 20000));
  const Edits whole = edits_of(before, after);
  std::string wanted(after);
  if (!wanted.empty() && !wanted.ends_with('\n')) wanted += '\n';
  require(whole.rebuilt == wanted, "a difference rebuilds the second text");
  const TrimmedTexts trimmed = trim_common(before, after);
  const Edits part = edits_of(trimmed.before, trimmed.after);
  require(whole.inserted == part.inserted && whole.deleted == part.deleted, "trimmed texts differ as the whole ones");
  compare_lines(before, after, 1000);
}

void glob(std::string_view input) {
  const auto [pattern, path] = halves(input.substr(0, 4000));
  matches_glob(pattern, path);
  is_excluded({std::string(pattern), std::string(pattern) + "/**"}, path);
  const bool is_plain = pattern.find_first_of("*?[\\") == std::string_view::npos;
  if (is_plain)
    require(matches_glob(pattern, path) == (pattern == path), "a pattern without signs matches itself only");
}

void objects(std::string_view input) {
  const Commit commit = parse_commit(input);
  require(commit.message.size() <= 3 * input.size(),
          "a byte of a commit becomes one character at most, of three bytes in UTF-8");
  std::size_t bytes = 0;
  for (TreeWalk walk(input); !walk.is_over(); walk.advance()) bytes += walk.bytes().size();
  require(bytes <= input.size(), "entries lie within their tree");
  const std::string lower = analysis::lower_for_search(input);
  require(lower.size() <= input.size(), "lower case is not longer");
  require(analysis::lower_for_search(lower) == lower, "lower case stays");
  AddedText added;
  analysis::Words words(input);
  std::size_t count = 0;
  while (const auto word = words.next()) {
    require(!word->empty() && analysis::trim_white_space(*word) == *word, "a word has no white space");
    added.add(*word);
    ++count;
  }
  require(count == analysis::count_words(input), "counted as many as there are");
  const PairFacts facts{{static_cast<std::int64_t>(added.line_count()), 3, 2}, 50, true, &added, lower, lower};
  judge_facts(facts, {});
}

void urls(std::string_view input) {
  namespace source = analysis::source;
  const auto [url, branch] = halves(input);
  const auto parsed = source::parse_repository_url(url, false);
  if (parsed) require(!parsed->is_local && !parsed->host.empty(), "without leave only remote hosts pass");
  const std::string shown = source::printable_url(url);
  require(shown.size() <= 210 && std::none_of(shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20; }),
          "a shown URL is short and plain");
  if (const auto checked = source::check_branch(branch); checked)
    require(branch.find("..") == std::string_view::npos, "no branch leads upwards");
  const auto credentials = source::parse_credentials(input);
  if (credentials) {
    for (const auto& one : *credentials) require(!one.host.empty() && !one.port.empty(), "a credential has a place");
  }
}

void filters(std::string_view input) {
  namespace source = analysis::source;
  source::offers_filter(input);
  const std::string filtered = source::with_filter(input, 99);
  const bool is_added = filtered.find("001afilter blob:limit=100\n") != std::string::npos;
  require(is_added || filtered == input, "a request without a want stays as it is");
  require(filtered.size() <= input.size() + 64, "a request grows by the filter alone");
}

void records(std::string_view input) {
  const auto path = std::filesystem::temp_directory_path() / ("cadence-fuzz-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << input;
  analysis::source::CheckedLog log(path, "mark", 1 << 20);
  const std::size_t good = log.load().size();
  log.append("one more");
  const auto& after = log.load();
  require(after.size() == good + 1 && after.back() == "one more", "an added block is found again behind the good ones");
  std::filesystem::remove(path);
}

namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  return bytes;
}

// The object that an index names first, second, ...: names only rise.
Oid numbered(std::uint32_t number) {
  Oid oid;
  const std::string bytes = big_endian(number);
  std::copy(bytes.begin(), bytes.end(), oid.bytes.begin() + 4);
  return oid;
}

}  // namespace

void packs(std::string_view input) {
  namespace source = analysis::source;
  constexpr std::uint32_t kHeader = 12;
  const auto objects = static_cast<std::uint32_t>(std::min<std::size_t>(input.size(), 200));
  const auto folder = std::filesystem::temp_directory_path() / ("cadence-fuzz-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "objects/pack");
  std::string index("\377tOc\0\0\0\2", 8);
  for (int byte = 0; byte < 256; ++byte) index += big_endian(objects);
  for (std::uint32_t i = 0; i < objects; ++i) index.append(reinterpret_cast<const char*>(numbered(i).bytes.data()), 20);
  index.append(4 * objects, '\0');
  for (std::uint32_t i = 0; i < objects; ++i) index += big_endian(kHeader + i);
  index.append(40, '\0');
  std::ofstream(folder / "objects/pack/pack-1.idx", std::ios::binary | std::ios::trunc) << index;
  std::ofstream(folder / "objects/pack/pack-1.pack", std::ios::binary | std::ios::trunc)
      << std::string(kHeader, 'P') << input << std::string(20, '\0');
  source::PackReader reader(std::make_shared<const source::Packs>(folder), 1 << 16);
  for (std::uint32_t i = 0; i < objects; ++i) {
    const auto size = reader.size(numbered(i));
    const auto object = reader.read(numbered(i));
    require(!object || !size || *size == std::string_view(object->content).size(),
            "an object has the size that was said before");
  }
  std::filesystem::remove_all(folder);
}

Target target_named(std::string_view name) {
  for (const auto& [known, target] : {std::pair<std::string_view, Target>{"token_diff", token_diff},
                                      {"glob", glob},
                                      {"objects", objects},
                                      {"urls", urls},
                                      {"filters", filters},
                                      {"records", records},
                                      {"packs", packs}}) {
    if (known == name) return target;
  }
  return nullptr;
}

}  // namespace cadence::fuzz
