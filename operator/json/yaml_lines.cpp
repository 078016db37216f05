#include "json/yaml_lines.hpp"

#include <yaml-cpp/yaml.h>

namespace cadence::json {

namespace {

constexpr int kMaxDepth = 100;  // deeper texts are refused by who reads the values

void add(const YAML::Node& node, const std::string& path, int depth, std::map<std::string, int>& into) {
  if (depth > kMaxDepth) return;
  const auto note = [&](const std::string& name, const YAML::Node& at, const YAML::Node& below) {
    into.emplace(name, at.Mark().line + 1);
    add(below, name, depth + 1, into);
  };
  if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i) note(path + "[" + std::to_string(i) + "]", node[i], node[i]);
  } else if (node.IsMap()) {
    for (const auto& entry : node)
      note((path.empty() ? "" : path + ".") + entry.first.Scalar(), entry.first, entry.second);
  }
}

}  // namespace

std::map<std::string, int> yaml_lines(std::string_view text) {
  std::map<std::string, int> lines;
  try {
    add(YAML::Load(std::string(text)), "", 0, lines);
  } catch (const YAML::Exception&) {
    return {};
  }
  return lines;
}

}  // namespace cadence::json
