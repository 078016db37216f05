// Patterns that several field tables share (RE2 syntax, as the API server takes them).
#pragma once

namespace cadence::api {

inline constexpr const char* kDurationPattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";
inline constexpr const char* kSizePattern = "^[0-9]+(\\.[0-9]+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$";
// RFC 1123 name, or empty
inline constexpr const char* kNamePattern = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$";
inline constexpr const char* kCidrPattern = "^[0-9a-fA-F.:]+/[0-9]{1,3}$";  // a network, as 10.0.0.0/8
inline constexpr const char* kCronPattern = "^(\\S+ ){4}\\S+$";             // five fields
inline constexpr const char* kSecretKeyPattern = "^[-._a-zA-Z0-9]+$";

}  // namespace cadence::api
