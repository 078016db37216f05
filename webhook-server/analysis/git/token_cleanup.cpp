#include "analysis/git/token_diff.hpp"
#include "analysis/git/token_search.hpp"

namespace cadence::analysis::git {
namespace {

void append(Tokens& to, const Tokens& more) { to.insert(to.end(), more.begin(), more.end()); }
void prepend(Tokens& to, std::span<const Token> more) { to.insert(to.begin(), more.begin(), more.end()); }
void drop_front(Tokens& tokens, std::size_t count) {
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
}

bool starts_with(const Tokens& tokens, const Tokens& start) {
  return start.size() <= tokens.size() && std::equal(start.begin(), start.end(), tokens.begin());
}

bool ends_with(const Tokens& tokens, const Tokens& end) {
  return end.size() <= tokens.size() && std::equal(end.rbegin(), end.rend(), tokens.rbegin());
}

// The edits since the last equality, joined by kind.
struct Pending {
  Tokens deleted;
  Tokens inserted;
};

void push_equal(std::vector<Chunk>& out, Tokens tokens) {
  if (tokens.empty()) return;
  if (!out.empty() && out.back().edit == Edit::Equal) {
    append(out.back().tokens, tokens);
  } else {
    out.push_back({Edit::Equal, std::move(tokens)});
  }
}

void flush(std::vector<Chunk>& out, Pending& pending, Tokens equal) {
  const bool was_replaced = !pending.deleted.empty() && !pending.inserted.empty();
  if (was_replaced) {
    const std::size_t prefix = common_prefix(pending.inserted, pending.deleted);
    push_equal(out, Tokens(pending.inserted.begin(), pending.inserted.begin() + static_cast<std::ptrdiff_t>(prefix)));
    drop_front(pending.inserted, prefix);
    drop_front(pending.deleted, prefix);
    const std::size_t suffix = common_suffix(pending.inserted, pending.deleted);
    prepend(equal, std::span(pending.inserted).last(suffix));
    pending.inserted.resize(pending.inserted.size() - suffix);
    pending.deleted.resize(pending.deleted.size() - suffix);
  }
  if (!pending.deleted.empty()) out.push_back({Edit::Delete, std::move(pending.deleted)});
  if (!pending.inserted.empty()) out.push_back({Edit::Insert, std::move(pending.inserted)});
  pending = {};
  if (was_replaced && !equal.empty()) {
    // the reference leaves two equalities when nothing of a replacement is left
    out.push_back({Edit::Equal, std::move(equal)});
  } else {
    push_equal(out, std::move(equal));
  }
}

std::vector<Chunk> joined(std::vector<Chunk> chunks) {
  std::vector<Chunk> out;
  Pending pending;
  for (Chunk& chunk : chunks) {
    switch (chunk.edit) {
      case Edit::Delete:
        append(pending.deleted, chunk.tokens);
        break;
      case Edit::Insert:
        append(pending.inserted, chunk.tokens);
        break;
      case Edit::Equal:
        flush(out, pending, std::move(chunk.tokens));
        break;
    }
  }
  flush(out, pending, {});
  return out;
}

// Moves a single edit between two equalities over one of them, if that removes the equality. True when something moved.
bool slide(std::vector<Chunk>& chunks) {
  bool moved = false;
  std::vector<bool> is_removed(chunks.size());
  for (std::size_t i = 1; i + 1 < chunks.size(); ++i) {
    Chunk& previous = chunks[i - 1];
    Chunk& edit = chunks[i];
    Chunk& next = chunks[i + 1];
    if (is_removed[i - 1] || previous.edit != Edit::Equal || next.edit != Edit::Equal || edit.edit == Edit::Equal)
      continue;
    if (ends_with(edit.tokens, previous.tokens)) {
      edit.tokens.resize(edit.tokens.size() - previous.tokens.size());
      prepend(edit.tokens, previous.tokens);
      prepend(next.tokens, previous.tokens);
      is_removed[i - 1] = true;
    } else if (starts_with(edit.tokens, next.tokens)) {
      append(previous.tokens, next.tokens);
      drop_front(edit.tokens, next.tokens.size());
      append(edit.tokens, next.tokens);
      is_removed[i + 1] = true;
    } else {
      continue;
    }
    moved = true;
    ++i;  // the element after the edit has just changed or gone: go on behind it
  }
  if (!moved) return false;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (is_removed[i]) continue;
    if (kept != i) chunks[kept] = std::move(chunks[i]);
    ++kept;
  }
  chunks.resize(kept);
  return true;
}

}  // namespace

void clean_up(std::vector<Chunk>& chunks) {
  do {
    chunks = joined(std::move(chunks));
  } while (slide(chunks));
}

}  // namespace cadence::analysis::git
