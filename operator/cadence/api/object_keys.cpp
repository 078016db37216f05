#include "cadence/api/object_keys.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/quantity.hpp"

namespace cadence::api {
namespace {

constexpr std::string_view kOwnDomain = "cadence.noslop.tech/";
constexpr std::size_t kLongestDomain = 253;

bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_plain(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabelValue && is_plain(text.front()) && is_plain(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
}

// Parts of a-z, 0-9 and -, with single dots between.
bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > kLongestDomain) return false;
  char before = '.';
  for (const char c : text) {
    if (!is_lower(c) && c != '-' && c != '.') return false;
    if (!is_lower(c) && before == '.') return false;
    if (c == '.' && !is_lower(before)) return false;
    before = c;
  }
  return is_lower(before);
}

std::string text_of(const json::Value& object, const char* name) {
  return object.is_object() ? json::string_at(object, {name}) : std::string();
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> known) {
  return std::any_of(known.begin(), known.end(), [&](const char* one) { return text == one; });
}

}  // namespace

std::string problem_of_key(const std::string& key) {
  const auto slash = key.find('/');
  const bool has_domain = slash != std::string::npos;
  if (has_domain && !is_domain(std::string_view(key).substr(0, slash)))
    return "must have a domain such as example.com before the '/'";
  if (is_name(has_domain ? std::string_view(key).substr(slash + 1) : std::string_view(key))) return "";
  return "must be a name of at most 63 letters, digits, '-', '_' and '.', with a domain and '/' before it or not";
}

std::string problem_of_label_value(const std::string& value) {
  return value.empty() || is_name(value)
             ? ""
             : "must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at each end";
}

bool is_own_label(const std::string& key) {
  static constexpr std::array<std::string_view, 6> kOwn{"app.kubernetes.io/name",       "app.kubernetes.io/instance",
                                                        "app.kubernetes.io/component",  "app.kubernetes.io/part-of",
                                                        "app.kubernetes.io/managed-by", "app.kubernetes.io/version"};
  return key.starts_with(kOwnDomain) || std::find(kOwn.begin(), kOwn.end(), key) != kOwn.end();
}

bool is_own_annotation(const std::string& key) { return key.starts_with(kOwnDomain); }

void check_keys(std::vector<json::FieldError>& errors, const std::string& path,
                const std::map<std::string, std::string>& map) {
  for (const auto& [key, value] : map) {
    if (auto problem = problem_of_key(key); !problem.empty())
      errors.push_back({path + "[" + key + "]", "the key " + problem});
  }
}

void check_labels(std::vector<json::FieldError>& errors, const std::string& path,
                  const std::map<std::string, std::string>& labels) {
  check_keys(errors, path, labels);
  for (const auto& [key, value] : labels) {
    if (auto problem = problem_of_label_value(value); !problem.empty())
      errors.push_back({path + "[" + key + "]", problem});
  }
}

void check_tolerations(std::vector<json::FieldError>& errors, const std::string& path,
                       const std::vector<json::Value>& tolerations) {
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    const auto& one = tolerations[i];
    const auto at = path + "[" + std::to_string(i) + "]";
    const auto key = text_of(one, "key"), how = text_of(one, "operator"), effect = text_of(one, "effect"),
               value = text_of(one, "value");
    if (!is_one_of(how, {"", "Equal", "Exists"})) errors.push_back({at + ".operator", "must be Equal or Exists"});
    if (!is_one_of(effect, {"", "NoSchedule", "PreferNoSchedule", "NoExecute"}))
      errors.push_back({at + ".effect", "must be NoSchedule, PreferNoSchedule or NoExecute"});
    if (key.empty() && how != "Exists") errors.push_back({at + ".operator", "must be Exists where there is no key"});
    if (how == "Exists" && !value.empty()) errors.push_back({at + ".value", "must be empty where operator is Exists"});
    if (auto problem = key.empty() ? "" : problem_of_key(key); !problem.empty())
      errors.push_back({at + ".key", problem});
    if (auto problem = problem_of_label_value(value); !problem.empty()) errors.push_back({at + ".value", problem});
    if (one.is_object() && one.contains("tolerationSeconds") && effect != "NoExecute")
      errors.push_back({at + ".effect", "must be NoExecute where tolerationSeconds is set"});
  }
}

void check_spread(std::vector<json::FieldError>& errors, const std::string& path,
                  const std::vector<json::Value>& constraints) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const auto& one = constraints[i];
    const auto at = path + "[" + std::to_string(i) + "]";
    const auto skew = one.is_object() ? one.find("maxSkew") : one.end();
    if (skew == one.end() || !skew->is_number_integer() || skew->get<std::int64_t>() < 1)
      errors.push_back({at + ".maxSkew", "must be a whole number, 1 or more"});
    if (auto problem = problem_of_key(text_of(one, "topologyKey")); !problem.empty())
      errors.push_back({at + ".topologyKey", problem});
    if (!is_one_of(text_of(one, "whenUnsatisfiable"), {"DoNotSchedule", "ScheduleAnyway"})) {
      errors.push_back({at + ".whenUnsatisfiable", "must be DoNotSchedule or ScheduleAnyway"});
    }
  }
}

void check_requests(std::vector<json::FieldError>& errors, const std::string& path,
                    const std::map<std::string, json::Quantity>& requests,
                    const std::map<std::string, json::Quantity>& limits) {
  for (const auto& [name, request] : requests) {
    const auto limit = limits.find(name);
    if (limit == limits.end()) continue;
    const auto asked = base::parse_milli_quantity(request.text), most = base::parse_milli_quantity(limit->second.text);
    if (asked && most && *asked > *most)
      errors.push_back({path + ".requests." + name, "must not exceed its limit of " + limit->second.text});
  }
}

}  // namespace cadence::api
