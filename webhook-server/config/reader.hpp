// Reads one configuration document key by key and remembers which keys were asked for. Promises: the first complaint is
// kept, with its line and key, so that reading is a plain list of keys; what nobody asked for is told with the nearest
// key that was. Knows no key itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

namespace cadence::config {

struct Document {
  json::Value root;                  // every scalar is the text that was written
  std::map<std::string, int> lines;  // of each part, "a.b[0].c"; may be empty
};

class Reader {
 public:
  // Both stay valid as long as it.
  Reader(const Document& document, const Environment& environment);

  void number(const std::string& key, std::int64_t& into) { read(key, into, "must be an integer"); }
  void number(const std::string& key, double& into) { read(key, into, "must be a number"); }
  void flag(const std::string& key, bool& into) { read(key, into, "must be true or false"); }
  void text(const std::string& key, std::string& into);
  void texts(const std::string& key, std::vector<std::string>& into);

  // A dotted key, "a.b[0].c"; null when any part is missing. Parts that are not maps are complaints.
  const json::Value& find(const std::string& key);

  void complain(const std::string& key, const std::string& why);
  [[nodiscard]] base::Result<void> outcome() const { return complaint_ ? base::Result<void>(*complaint_) : base::ok(); }
  // "line 7: ", or nothing where the document does not have the key.
  [[nodiscard]] std::string place_of(const std::string& key) const;

  // Sentences about what the document has and nobody asked for.
  [[nodiscard]] std::vector<std::string> unknown() const;

 private:
  template <class T>
  void read(const std::string& key, T& into, const char* rule);
  void add_unknown(const json::Value& node, const std::string& key, std::vector<std::string>& into) const;
  [[nodiscard]] bool leads_to_known(const std::string& key) const;

  const Document& document_;
  const Environment& environment_;
  std::set<std::string, std::less<>> known_;
  std::optional<base::Error> complaint_;
};

// What apply_yaml() does with a text that is read.
base::Result<void> apply_document(Config& config, const Document& document, const Environment& environment,
                                  std::vector<std::string>& warnings);

// Of `known` the one that was most likely meant: a few letters away, or of the same name in another section.
std::optional<std::string> nearest_key(const std::string& key, const std::set<std::string, std::less<>>& known);

}  // namespace cadence::config
