// The field table: each struct lists its members once, and decoding, encoding, validation and the CRD schema follow
// from it.
//
//   struct Probe {
//     int period = 10;
//     std::string path;
//     static json::Object json_fields();
//   };
//   json::Object Probe::json_fields() {
//     return {.name = "Probe", .fields = {
//       field<&Probe::period>("periodSeconds", "Seconds between two checks.").range(1, 3600),
//       field<&Probe::path>("path").pattern("^/")}};
//   }
//
// Promises: unknown members are ignored; every error names the full path ("spec.redis.shards: must be …"); defaults are
// the member initialisers. A member that is null or absent keeps its default. Knows nothing of Kubernetes verbs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace cadence::json {

struct TypeInfo;

struct Rule {
  std::string cel;
  std::string message;
  std::string field_path;  // ".spec.x" form, relative to the object; may be empty
};

struct Field {
  std::string name;
  std::string doc;
  const TypeInfo& (*type)() = nullptr;
  void* (*access)(void*) = nullptr;

  std::optional<std::int64_t> minimum, maximum;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items;
  std::string pattern_text;
  std::vector<std::string> enum_values;
  std::string list_type;  // atomic, set or map
  std::vector<std::string> list_keys;
  std::vector<Rule> rules;  // CEL over this field (self, oldSelf)
  std::string format;
  bool is_required = false;
  bool is_omitted_when_empty = true;  // encode leaves out "", [], {}, null; numbers and booleans stay
  bool is_zero_omitted = false;       // encode leaves out 0 and false too
  bool has_default = true;            // schema states the member initialiser as the default

  Field&& range(std::int64_t low, std::int64_t high) && {
    minimum = low;
    maximum = high;
    return std::move(*this);
  }
  Field&& at_least(std::int64_t low) && {
    minimum = low;
    return std::move(*this);
  }
  Field&& length(std::int64_t low, std::int64_t high) && {
    min_length = low;
    max_length = high;
    return std::move(*this);
  }
  Field&& items(std::int64_t low, std::int64_t high) && {
    min_items = low;
    max_items = high;
    return std::move(*this);
  }
  Field&& pattern(std::string text) && {
    pattern_text = std::move(text);
    return std::move(*this);
  }
  Field&& one_of(std::vector<std::string> values) && {
    enum_values = std::move(values);
    return std::move(*this);
  }
  Field&& keyed_by(std::vector<std::string> keys) && {
    list_type = "map";
    list_keys = std::move(keys);
    return std::move(*this);
  }
  Field&& set() && {
    list_type = "set";
    return std::move(*this);
  }
  Field&& rule(std::string cel, std::string message) && {
    rules.push_back({std::move(cel), std::move(message), {}});
    return std::move(*this);
  }
  Field&& with_format(std::string text) && {
    format = std::move(text);
    return std::move(*this);
  }
  Field&& required() && {
    is_required = true;
    has_default = false;
    return std::move(*this);
  }
  Field&& always() && {
    is_omitted_when_empty = false;
    return std::move(*this);
  }
  Field&& omit_zero() && {
    is_zero_omitted = true;
    return std::move(*this);
  }
  Field&& without_default() && {
    has_default = false;
    return std::move(*this);
  }
};

struct Object {
  std::string name;
  std::vector<Field> fields;
  std::vector<Rule> rules;  // CEL across fields (self, oldSelf)
};

// A Kubernetes quantity: a number or a text in JSON, kept as text ("500m", "2").
struct Quantity {
  std::string text;
  auto operator<=>(const Quantity&) const = default;
};

enum class Kind { Boolean, Integer, Number, String, Quantity, Object, List, Map, Optional, Raw };

struct TypeInfo {
  Kind kind;
  // Object
  const Object* object = nullptr;
  void* (*make)() = nullptr;  // a default-constructed object, for defaults
  void (*destroy)(void*) = nullptr;
  // List, Map, Optional
  const TypeInfo& (*element)() = nullptr;
  std::size_t (*size)(const void*) = nullptr;                // Optional: 0 or 1
  void* (*append)(void*, const std::string& key) = nullptr;  // Map: under key; List, Optional: key unused
  void (*visit)(const void*, void* context,
                void (*see)(void* context, const std::string& key, const void* item)) = nullptr;
  void (*clear)(void*) = nullptr;
  // Scalars
  std::int64_t (*get_integer)(const void*) = nullptr;
  void (*set_integer)(void*, std::int64_t) = nullptr;
  std::int64_t lowest = 0, highest = 0;
};

template <class T>
const TypeInfo& type_of();

template <class T>
concept HasFields = requires {
  { T::json_fields() } -> std::same_as<Object>;
};

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Element = T;
};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {
  using Element = T;
};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {
  using Element = T;
};

template <class C, class M>
C class_of(M C::*);
template <class C, class M>
M member_of(M C::*);

template <class T>
TypeInfo describe() {
  TypeInfo info{};
  if constexpr (std::is_same_v<T, bool>) {
    info.kind = Kind::Boolean;
  } else if constexpr (std::is_integral_v<T>) {
    info.kind = Kind::Integer;
    info.get_integer = [](const void* at) { return static_cast<std::int64_t>(*static_cast<const T*>(at)); };
    info.set_integer = [](void* at, std::int64_t value) { *static_cast<T*>(at) = static_cast<T>(value); };
    info.lowest = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    info.highest = sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                                  : static_cast<std::int64_t>(std::numeric_limits<T>::max());
  } else if constexpr (std::is_same_v<T, double>) {
    info.kind = Kind::Number;
  } else if constexpr (std::is_same_v<T, std::string>) {
    info.kind = Kind::String;
  } else if constexpr (std::is_same_v<T, Quantity>) {
    info.kind = Kind::Quantity;
  } else if constexpr (std::is_same_v<T, Value>) {
    info.kind = Kind::Raw;
  } else if constexpr (IsOptional<T>::value) {
    info.kind = Kind::Optional;
    info.element = &type_of<typename IsOptional<T>::Element>;
    info.size = [](const void* at) -> std::size_t { return static_cast<const T*>(at)->has_value() ? 1 : 0; };
    info.append = [](void* at, const std::string&) -> void* { return &static_cast<T*>(at)->emplace(); };
    info.visit = [](const void* at, void* context, void (*see)(void*, const std::string&, const void*)) {
      if (const auto& value = *static_cast<const T*>(at)) see(context, {}, &*value);
    };
    info.clear = [](void* at) { static_cast<T*>(at)->reset(); };
  } else if constexpr (IsList<T>::value) {
    info.kind = Kind::List;
    info.element = &type_of<typename IsList<T>::Element>;
    info.size = [](const void* at) { return static_cast<const T*>(at)->size(); };
    info.append = [](void* at, const std::string&) -> void* { return &static_cast<T*>(at)->emplace_back(); };
    info.visit = [](const void* at, void* context, void (*see)(void*, const std::string&, const void*)) {
      for (const auto& item : *static_cast<const T*>(at)) see(context, {}, &item);
    };
    info.clear = [](void* at) { static_cast<T*>(at)->clear(); };
  } else if constexpr (IsMap<T>::value) {
    info.kind = Kind::Map;
    info.element = &type_of<typename IsMap<T>::Element>;
    info.size = [](const void* at) { return static_cast<const T*>(at)->size(); };
    info.append = [](void* at, const std::string& key) -> void* { return &(*static_cast<T*>(at))[key]; };
    info.visit = [](const void* at, void* context, void (*see)(void*, const std::string&, const void*)) {
      for (const auto& [key, item] : *static_cast<const T*>(at)) see(context, key, &item);
    };
    info.clear = [](void* at) { static_cast<T*>(at)->clear(); };
  } else {
    static_assert(HasFields<T>, "give the type a static json::Object json_fields()");
    static const Object object = T::json_fields();
    info.kind = Kind::Object;
    info.object = &object;
    info.make = []() -> void* { return new T(); };
    info.destroy = [](void* at) { delete static_cast<T*>(at); };
  }
  return info;
}

}  // namespace detail

template <class T>
const TypeInfo& type_of() {
  static const TypeInfo info = detail::describe<T>();
  return info;
}

template <auto Member>
Field field(std::string name, std::string doc = {}) {
  using Class = decltype(detail::class_of(Member));
  using Type = decltype(detail::member_of(Member));
  Field made;
  made.name = std::move(name);
  made.doc = std::move(doc);
  made.type = &type_of<Type>;
  made.access = [](void* object) -> void* { return &(static_cast<Class*>(object)->*Member); };
  return made;
}

struct FieldError {
  std::string path;
  std::string problem;  // "must be …"
  bool operator==(const FieldError&) const = default;
};
std::string to_string(const std::vector<FieldError>& errors);  // "a.b: must be x; a.c: must be y"

// Fills what `value` holds; members of a wrong JSON type are reported and keep their default.
std::vector<FieldError> decode_into(const TypeInfo& type, void* at, const Value& value, const std::string& path);
Value encode(const TypeInfo& type, const void* at);
// Ranges, lengths, patterns, enums, required members; CEL rules are the API server's (and the caller's own code's)
// business.
std::vector<FieldError> validate(const TypeInfo& type, const void* at, const std::string& path);
// OpenAPI v3 structural schema with defaults, bounds, docs and CEL (x-kubernetes-validations).
Value schema(const TypeInfo& type);

template <class T>
base::Result<T> decode(const Value& value, const std::string& path = {}) {
  T out{};
  const auto errors = decode_into(type_of<T>(), &out, value, path);
  if (!errors.empty()) return base::Error{base::ErrorKind::Invalid, to_string(errors)};
  return out;
}
// For objects of the API server: what does not fit is left at its default.
template <class T>
T decode_leniently(const Value& value) {
  T out{};
  static_cast<void>(decode_into(type_of<T>(), &out, value, {}));
  return out;
}
template <class T>
Value encode(const T& value) {
  return encode(type_of<T>(), &value);
}
template <class T>
std::vector<FieldError> validate(const T& value, const std::string& path = {}) {
  return validate(type_of<T>(), &value, path);
}

}  // namespace cadence::json
