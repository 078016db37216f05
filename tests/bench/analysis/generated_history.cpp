#include "generated_history.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <vector>

namespace cadence::bench {
namespace {

// Small and the same everywhere; std's distributions are not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  std::uint64_t roll() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(roll() % n); }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 60> kWords = {
    "count",    "answer",    "width",     "parse",   "read",   "write",  "buffer",  "length", "index",  "offset",
    "error",    "close",     "open",      "config",  "server", "client", "request", "row",    "column", "total",
    "userName", "nextIndex", "lineCount", "getName", "import", "from",   "return",  "if",     "else",   "while",
    "for",      "const",     "auto",      "static",  "shift",  "table",  "cursor",  "(a, b)", "= 0;",   "{",
    "}",        "->",        "==",        "&&",      "matrix", "window", "socket",  "packet", "header", "footer",
    "margin",   "scale",     "rotate",    "vector",  "list",   "queue",  "stack",   "heap",   "thread", "data"};
constexpr std::array<std::string_view, 12> kFolders = {"src",        "src/core", "src/net", "src/net/http",
                                                       "lib",        "lib/text", "docs",    "tests",
                                                       "tests/unit", "tools",    "api/v1",  "web/js"};
constexpr std::array<std::string_view, 8> kEndings = {".c", ".cpp", ".h", ".py", ".js", ".md", ".go", ".txt"};
constexpr std::array<std::string_view, 10> kMessages = {"Fix the length of",
                                                        "Update code of",
                                                        "Implement new feature in",
                                                        "refactor code around",
                                                        "Minor fixes, updates and improvements to",
                                                        "Handle an error in",
                                                        "Add support for",
                                                        "Tests for",
                                                        "Correct a typo in",
                                                        "Scaffold a template for"};

using Lines = std::vector<std::string>;

struct File {
  std::string path;
  Lines lines;
  std::size_t mark = 0;
  bool is_executable = false;
};

class Writer {
 public:
  Writer(const HistoryOptions& options, const std::function<void(std::string_view)>& write)
      : options_(options), write_(write), dice_(options.seed) {}

  void write() {
    for (std::size_t i = 0; i < 12; ++i) changed_.insert(add_file(dice_.between(20, 200)));
    commit(options_.branch, tip_, {});
    while (written_ < options_.commits) {
      if (dice_.chance(3) && written_ + 8 < options_.commits) {
        side_branch();
      } else {
        change(true);
        commit(options_.branch, tip_, {});
      }
    }
    write_("done\n");
  }

 private:
  std::string line() {
    std::string text(dice_.below(4) * 2, ' ');
    for (std::size_t words = dice_.between(0, 7); words > 0; --words) {
      text += dice_.pick(kWords);
      text += words > 1 ? " " : "";
    }
    if (dice_.chance(60)) text += " " + std::to_string(dice_.below(100000));
    return dice_.chance(10) ? std::string() : text;
  }

  Lines lines(std::size_t count) {
    Lines made;
    while (made.size() < count) made.push_back(line());
    return made;
  }

  std::string new_path() {
    return std::string(dice_.pick(kFolders)) + "/" + std::string(dice_.pick(kWords)) + std::to_string(++paths_) +
           std::string(dice_.pick(kEndings));
  }

  std::size_t add_file(std::size_t count) {
    files_.push_back({new_path(), lines(count), 0, dice_.chance(3)});
    return files_.size() - 1;
  }

  // Most edits happen in few files.
  std::size_t some_file() { return std::min(dice_.below(files_.size()), dice_.below(files_.size())); }

  void edit(Lines& text) {
    for (std::size_t hunks = dice_.between(1, 3); hunks > 0; --hunks) {
      const std::size_t at = dice_.below(text.size() + 1);
      const std::size_t gone = std::min(dice_.below(6), text.size() - at);
      const Lines fresh = lines(text.size() < 400 ? dice_.below(9) : dice_.below(5));
      const auto place = text.erase(text.begin() + static_cast<std::ptrdiff_t>(at),
                                    text.begin() + static_cast<std::ptrdiff_t>(at + gone));
      text.insert(place, fresh.begin(), fresh.end());
    }
  }

  void touch(std::size_t file) {
    edit(files_[file].lines);
    changed_.insert(file);
  }

  void rename(std::size_t file) {
    removed_.push_back(files_[file].path);
    files_[file].path = new_path();
    if (dice_.chance(60)) edit(files_[file].lines);
    changed_.insert(file);
  }

  void remove(std::size_t file) {
    removed_.push_back(files_[file].path);
    files_[file] = std::move(files_.back());
    files_.pop_back();
  }

  void change(bool may_move) {
    const std::size_t what = dice_.below(100);
    const bool is_full = files_.size() + 30 > options_.most_files;
    if (what < 8 && !is_full) {
      changed_.insert(add_file(dice_.between(10, 150)));
    } else if (what < 10 && !is_full) {
      for (std::size_t count = dice_.between(3, 12); count > 0; --count)
        changed_.insert(add_file(dice_.between(40, 300)));
    } else if (what < 13 && may_move) {
      rename(dice_.below(files_.size()));
    } else if (what < (is_full ? 30U : 15U) && may_move && files_.size() > 10) {
      remove(dice_.below(files_.size()));
    } else if (what < 24) {
      for (std::size_t count = dice_.between(4, 12); count > 0; --count) touch(some_file());
    } else {
      for (std::size_t count = dice_.between(1, 3); count > 0; --count) touch(some_file());
    }
  }

  // Leaves the tip, makes a few commits, comes back with a merge of two and now and then of three parents.
  void side_branch() {
    const std::size_t fork = tip_;
    std::vector<std::size_t> sides;
    std::set<std::size_t> all_changed;
    for (std::size_t sides_left = dice_.chance(15) ? 2 : 1; sides_left > 0; --sides_left) {
      std::size_t side = fork;
      for (std::size_t count = dice_.between(1, 3); count > 0; --count) {
        change(false);
        all_changed.insert(changed_.begin(), changed_.end());
        commit("refs/heads/side", side, {});
      }
      sides.push_back(side);
    }
    changed_ = std::move(all_changed);
    commit(options_.branch, tip_, sides);
  }

  void write_blob(File& file) {
    std::string content;
    for (const std::string& text : file.lines) content += text + "\n";
    file.mark = ++marks_;
    put("blob\nmark :" + std::to_string(file.mark) + "\n");
    put_data(content);
  }

  std::string message() {
    std::string text = std::string(dice_.pick(kMessages)) + " " + std::string(dice_.pick(kWords)) + "\n";
    if (dice_.chance(20)) {
      text += "\n";
      for (std::size_t count = dice_.between(1, 5); count > 0; --count) text += line() + "\n";
    }
    return text;
  }

  // What changed_ and removed_ say, on top of `parent`, which becomes the new commit.
  void commit(const std::string& branch, std::size_t& parent, const std::vector<std::size_t>& merged) {
    if (merged.empty()) {
      for (const std::size_t file : changed_) {
        if (file < files_.size()) write_blob(files_[file]);
      }
    }
    time_ += dice_.chance(15) ? static_cast<std::int64_t>(dice_.between(1, 120))
                              : static_cast<std::int64_t>(dice_.between(200, 40000));
    const std::int64_t claimed = dice_.chance(1) ? time_ - 500000 : time_;  // a clock that goes wrong
    const std::string when = std::to_string(claimed) + " +0000\n";
    const std::string author = "Author " + std::to_string(dice_.below(40));
    const std::size_t mark = ++marks_;
    put("commit " + branch + "\nmark :" + std::to_string(mark) + "\nauthor " + author + " <a@example.org> " + when +
        "committer C <c@example.org> " + when);
    put_data(message());
    if (parent != 0) put("from :" + std::to_string(parent) + "\n");
    for (const std::size_t other : merged) put("merge :" + std::to_string(other) + "\n");
    for (const std::string& path : removed_) put("D " + path + "\n");
    for (const std::size_t place : changed_) {
      if (place >= files_.size()) continue;
      const File& file = files_[place];
      put(std::string("M ") + (file.is_executable ? "100755" : "100644") + " :" + std::to_string(file.mark) + " " +
          file.path + "\n");
    }
    put("\n");
    changed_.clear();
    removed_.clear();
    parent = mark;
    ++written_;
  }

  void put(const std::string& text) { write_(text); }
  void put_data(const std::string& content) {
    put("data " + std::to_string(content.size()) + "\n");
    put(content);
    put("\n");
  }

  const HistoryOptions& options_;
  const std::function<void(std::string_view)>& write_;
  Dice dice_;
  std::vector<File> files_;
  std::set<std::size_t> changed_;
  std::vector<std::string> removed_;
  std::size_t paths_ = 0;
  std::size_t marks_ = 0;
  std::size_t tip_ = 0;
  std::size_t written_ = 0;
  std::int64_t time_ = 1'500'000'000;
};

const std::string kGit = "HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git ";

bool import(const std::string& folder,
            const std::function<void(const std::function<void(std::string_view)>&)>& produce) {
  FILE* pipe = ::popen((kGit + "-C " + folder + " fast-import --quiet --done --force").c_str(), "w");
  if (pipe == nullptr) return false;
  produce([&](std::string_view text) { ::fwrite(text.data(), 1, text.size(), pipe); });
  return ::pclose(pipe) == 0;
}

}  // namespace

void write_history(const HistoryOptions& options, const std::function<void(std::string_view)>& write) {
  Writer(options, write).write();
}

bool make_repository(const std::string& folder, const HistoryOptions& options) {
  if (std::system((kGit + "init -q --bare -b main " + folder).c_str()) != 0) return false;
  if (!import(folder, [&](const auto& write) { write_history(options, write); })) return false;
  return std::system((kGit + "-C " + folder + " repack -adfq --window=10 --depth=50").c_str()) == 0;
}

bool add_commits(const std::string& folder, std::size_t commits, std::uint64_t seed) {
  return import(folder, [&](const std::function<void(std::string_view)>& write) {
    Dice dice(seed);
    for (std::size_t i = 0; i < commits; ++i) {
      std::string content;
      for (std::size_t count = dice.between(5, 60); count > 0; --count)
        content += "pushed " + std::string(dice.pick(kWords)) + " " + std::to_string(dice.roll()) + "\n";
      const std::string when = std::to_string(6'000'000'000 + static_cast<std::int64_t>(i) * 600) + " +0000\n";
      write("commit refs/heads/main\nauthor Pusher <p@example.org> " + when + "committer C <c@example.org> " + when +
            "data 7\npushed\n");
      if (i == 0) write("from refs/heads/main^0\n");
      write("M 100644 inline src/pushed" + std::to_string(dice.below(5)) + ".c\ndata " +
            std::to_string(content.size()) + "\n" + content + "\n");
    }
    write("done\n");
  });
}

}  // namespace cadence::bench
