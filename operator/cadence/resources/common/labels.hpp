// Metadata that all children share, and hashes for annotations.
#pragma once

#include "cadence/names/names.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence::resources {

inline constexpr const char* kWebhook = "webhook";
inline constexpr const char* kLoadBalancer = "lb";
inline constexpr const char* kRedis = "redis";
inline constexpr const char* kPostgres = "postgres";

using Labels = std::map<std::string, std::string>;

// Name, namespace, labels and the owner.
kube::core::ObjectMeta child_metadata(const Context& context, const std::string& name, const std::string& component);

// 16 hexadecimal digits.
std::string short_hash(const std::string& text);

}  // namespace cadence::resources
