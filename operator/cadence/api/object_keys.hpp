// Keys and values of labels, annotations and node selectors as the API server takes them, and which of them are the
// operator's own. Pure. Promises: what passes here is not refused when pods and Services are made of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "json/fields.hpp"

namespace cadence::api {

// Empty, or "must be …".
std::string problem_of_key(const std::string& key);
std::string problem_of_label_value(const std::string& value);

// Labels and annotations that the operator sets itself: a user's would mean something else.
bool is_own_label(const std::string& key);
bool is_own_annotation(const std::string& key);

void check_keys(std::vector<json::FieldError>& errors, const std::string& path,
                const std::map<std::string, std::string>& map);
void check_labels(std::vector<json::FieldError>& errors, const std::string& path,
                  const std::map<std::string, std::string>& labels);
// As the API server's validation of pods has it; `tolerations` as they stand in the spec.
void check_tolerations(std::vector<json::FieldError>& errors, const std::string& path,
                       const std::vector<json::Value>& tolerations);
void check_spread(std::vector<json::FieldError>& errors, const std::string& path,
                  const std::vector<json::Value>& constraints);
void check_requests(std::vector<json::FieldError>& errors, const std::string& path,
                    const std::map<std::string, json::Quantity>& requests,
                    const std::map<std::string, json::Quantity>& limits);

// The same for the schema (CEL over a map), with their messages.
inline constexpr const char* kKeysRule =
    "self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))";
inline constexpr const char* kKeysMessage =
    "keys must be a name of at most 63 letters, digits, '-', '_' and '.', with a domain and '/' before it or not";
inline constexpr const char* kNoOwnLabelsRule =
    "!self.exists(k, k.startsWith('cadence.noslop.tech/') || k in ['app.kubernetes.io/name', "
    "'app.kubernetes.io/instance', "
    "'app.kubernetes.io/component', 'app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by', "
    "'app.kubernetes.io/version'])";
inline constexpr const char* kNoOwnLabelsMessage =
    "cadence.noslop.tech/… and the operator's app.kubernetes.io labels are its own: remove them";
inline constexpr const char* kNoOwnAnnotationsRule = "!self.exists(k, k.startsWith('cadence.noslop.tech/'))";
inline constexpr const char* kNoOwnAnnotationsMessage =
    "cadence.noslop.tech/… annotations are the operator's own: remove them";
inline constexpr const char* kLabelValuePattern = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
inline constexpr int kLongestLabelValue = 63;

}  // namespace cadence::api
