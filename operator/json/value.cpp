#include "json/value.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cadence::json {
namespace {

constexpr int kMaxDepth = 100;

bool looks_like_text(const std::string& scalar) {
  // What a YAML 1.1 reader (kubectl's) would take for a boolean or null must be quoted to stay text.
  for (const char* word :
       {"",    "~",  "null", "true", "false", "yes", "no",   "on",   "off",   "y",   "n",  "Null", "True", "False",
        "Yes", "No", "On",   "Off",  "Y",     "N",   "NULL", "TRUE", "FALSE", "YES", "NO", "ON",   "OFF"}) {
    if (scalar == word) return true;
  }
  return scalar.find_first_not_of("0123456789+-.eExXoO_:abcdefABCDEF") == std::string::npos;
}

Value scalar_from_yaml(const YAML::Node& node) {
  const auto text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "~" || text == "null" || text.empty()) return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  auto number = Value::parse(text, nullptr, false);
  if (number.is_number()) return number;
  return text;
}

Value text_from_yaml(const YAML::Node& node) { return node.Scalar(); }

using ScalarReader = Value (*)(const YAML::Node&);

Value from_yaml(const YAML::Node& node, ScalarReader scalar, int depth) {
  if (depth > kMaxDepth) throw YAML::Exception(node.Mark(), "nesting is deeper than 100");
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      auto out = Value::array();
      for (const auto& item : node) out.push_back(from_yaml(item, scalar, depth + 1));
      return out;
    }
    case YAML::NodeType::Map: {
      auto out = Value::object();
      for (const auto& entry : node) {
        const auto& key = entry.first.Scalar();
        if (out.contains(key)) throw YAML::Exception(entry.first.Mark(), "key " + key + " is given twice");
        out[key] = from_yaml(entry.second, scalar, depth + 1);
      }
      return out;
    }
  }
  return nullptr;
}

base::Result<Value> load_yaml(std::string_view text, ScalarReader scalar) {
  try {
    return from_yaml(YAML::Load(std::string(text)), scalar, 0);
  } catch (const std::exception& problem) {
    return base::Error{base::ErrorKind::Invalid, std::string("Not valid YAML: ") + problem.what()};
  }
}

void to_yaml(YAML::Emitter& out, const Value& value) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, item] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      to_yaml(out, item);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& item : value) to_yaml(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.find('\n') != std::string::npos) out << YAML::Literal << text;
    else if (looks_like_text(text)) out << YAML::DoubleQuoted << text;
    else out << text;
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();
  }
}

bool is_plain(unsigned char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

// How many bytes from the front stand for themselves in a JSON text; eight at a time, for a result has millions.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  constexpr std::uint64_t kTop = 0x80 * kEach;
  // The top bit of the lowest byte that is below `limit` (at most 0x80) is set, whatever stands in higher ones.
  const auto below = [](std::uint64_t word, std::uint64_t limit) { return (word - limit * kEach) & ~word & kTop; };
  std::size_t done = 0;
  for (std::uint64_t word = 0; text.size() - done >= sizeof word; done += sizeof word) {
    std::memcpy(&word, text.data() + done, sizeof word);
    const std::uint64_t other = (word & kTop) | below(word, ' ') | below(word ^ ('"' * kEach), 1) |
                                below(word ^ ('\\' * kEach), 1) | below(word ^ (0x7f * kEach), 1);
    if (other != 0) break;
  }
  while (done < text.size() && is_plain(static_cast<unsigned char>(text[done]))) ++done;
  return done;
}

}  // namespace

base::Result<Value> parse(std::string_view text) {
  int deepest = 0;
  try {
    return Value::parse(text, [&](int depth, Value::parse_event_t, Value&) {
      deepest = std::max(deepest, depth);
      if (deepest > kMaxDepth) throw std::length_error("nesting is deeper than 100");
      return true;
    });
  } catch (const Value::parse_error& problem) {
    return base::Error{base::ErrorKind::Invalid, "Not valid JSON at byte " + std::to_string(problem.byte)};
  } catch (const std::exception& problem) {
    return base::Error{base::ErrorKind::Invalid, std::string("Not acceptable JSON: ") + problem.what()};
  }
}

base::Result<Value> parse_yaml(std::string_view text) { return load_yaml(text, scalar_from_yaml); }

base::Result<Value> parse_yaml_as_text(std::string_view text) { return load_yaml(text, text_from_yaml); }

std::string dump(const Value& value) { return value.dump(-1, ' ', false, Value::error_handler_t::replace); }

void append_text(std::string& out, std::string_view whole) {
  const std::size_t begin = out.size();
  std::string_view text = whole;
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_bytes(text);
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    const char stop = text[plain];
    if (stop != '\n' && stop != '"' && stop != '\\') {  // rare, or not ASCII: its own rules know
      out.resize(begin);
      out += dump(Value(std::string(whole)));
      return;
    }
    out.append(stop == '\n' ? "\\n" : stop == '"' ? "\\\"" : "\\\\");
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

std::string dump_yaml(const Value& value) {
  YAML::Emitter out;
  out.SetIndent(2);
  to_yaml(out, value);
  return std::string(out.c_str()) + "\n";
}

const Value& at_path(const Value& value, std::initializer_list<std::string_view> path) {
  static const Value none;
  const Value* current = &value;
  for (const auto key : path) {
    if (!current->is_object()) return none;
    const auto found = current->find(key);
    if (found == current->end()) return none;
    current = &*found;
  }
  return *current;
}

std::string string_at(const Value& value, std::initializer_list<std::string_view> path) {
  const auto& found = at_path(value, path);
  return found.is_string() ? found.get<std::string>() : std::string();
}

void merge(Value& target, const Value& patch) { target.merge_patch(patch); }

}  // namespace cadence::json
