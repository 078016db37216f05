#include "json/fields.hpp"

#include <memory>

namespace cadence::json {
namespace {

constexpr const char* kQuantityPattern = "^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$";

std::string child_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

bool is_empty(const TypeInfo& type, const void* at, const Value& encoded, bool zero_counts) {
  if (encoded.is_null()) return true;
  switch (type.kind) {
    case Kind::String:
      return static_cast<const std::string*>(at)->empty();
    case Kind::List:
    case Kind::Map:
      return type.size(at) == 0;
    case Kind::Object:
      return encoded.empty();
    case Kind::Quantity:
      return static_cast<const Quantity*>(at)->text.empty();
    case Kind::Boolean:
      return zero_counts && !*static_cast<const bool*>(at);
    case Kind::Integer:
      return zero_counts && type.get_integer(at) == 0;
    case Kind::Number:
      return zero_counts && *static_cast<const double*>(at) == 0;
    case Kind::Optional:
      return type.size(at) == 0;
    case Kind::Raw:
      return encoded.is_null();
  }
  return false;
}

class Decoder {
 public:
  std::vector<FieldError> errors;

  void decode(const TypeInfo& type, void* at, const Value& value, const std::string& path) {
    switch (type.kind) {
      case Kind::Boolean:
        if (value.is_boolean()) *static_cast<bool*>(at) = value.get<bool>();
        else fail(path, "must be true or false");
        return;
      case Kind::Integer:
        return decode_integer(type, at, value, path);
      case Kind::Number:
        if (value.is_number()) *static_cast<double*>(at) = value.get<double>();
        else fail(path, "must be a number");
        return;
      case Kind::String:
        if (value.is_string()) *static_cast<std::string*>(at) = value.get_ref<const std::string&>();
        else fail(path, "must be a string");
        return;
      case Kind::Quantity:
        if (value.is_string()) static_cast<Quantity*>(at)->text = value.get<std::string>();
        else if (value.is_number()) static_cast<Quantity*>(at)->text = value.dump();
        else fail(path, "must be a quantity such as 500m, 2 or 1Gi");
        return;
      case Kind::Raw:
        *static_cast<Value*>(at) = value;
        return;
      case Kind::Optional:
        return decode(type.element(), type.append(at, {}), value, path);
      case Kind::List:
        return decode_list(type, at, value, path);
      case Kind::Map:
        return decode_map(type, at, value, path);
      case Kind::Object:
        return decode_object(*type.object, at, value, path);
    }
  }

 private:
  void fail(const std::string& path, std::string problem) { errors.push_back({path, std::move(problem)}); }

  void decode_integer(const TypeInfo& type, void* at, const Value& value, const std::string& path) {
    if (!value.is_number_integer()) return fail(path, "must be a whole number");
    const bool is_huge =
        value.is_number_unsigned() &&
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto number = is_huge ? 0 : value.get<std::int64_t>();
    if (is_huge || number < type.lowest || number > type.highest) return fail(path, "is out of range");
    type.set_integer(at, number);
  }

  void decode_list(const TypeInfo& type, void* at, const Value& value, const std::string& path) {
    if (!value.is_array()) return fail(path, "must be a list");
    type.clear(at);
    for (std::size_t i = 0; i < value.size(); ++i) {
      decode(type.element(), type.append(at, {}), value[i], path + "[" + std::to_string(i) + "]");
    }
  }

  void decode_map(const TypeInfo& type, void* at, const Value& value, const std::string& path) {
    if (!value.is_object()) return fail(path, "must be an object");
    type.clear(at);
    for (const auto& [key, item] : value.items()) {
      if (!item.is_null()) decode(type.element(), type.append(at, key), item, child_path(path, key));
    }
  }

  void decode_object(const Object& object, void* at, const Value& value, const std::string& path) {
    if (!value.is_object()) return fail(path, "must be an object");
    for (const auto& field : object.fields) {
      const auto found = value.find(field.name);
      if (found == value.end() || found->is_null()) {
        if (field.is_required) fail(child_path(path, field.name), "is required");
        continue;
      }
      decode(field.type(), field.access(at), *found, child_path(path, field.name));
    }
  }
};

// gcc's std::regex is slow and recursive; the patterns here are short and the input bounded by maxLength, so a
// validator that the API server has already run is not repeated: patterns are checked by the schema only.
class Validator {
 public:
  std::vector<FieldError> errors;

  void check(const TypeInfo& type, const void* at, const std::string& path) {
    struct Visit {
      Validator& self;
      const TypeInfo& type;
      const std::string& path;
      std::size_t index;
    };
    Visit visit{*this, type, path, 0};
    const auto see = [](void* context, const std::string& key, const void* item) {
      auto& v = *static_cast<Visit*>(context);
      auto item_path = v.path;
      if (v.type.kind == Kind::List) item_path += "[" + std::to_string(v.index++) + "]";
      if (v.type.kind == Kind::Map) item_path = child_path(v.path, key);
      v.self.check(v.type.element(), item, item_path);
    };
    if (type.kind == Kind::Optional || type.kind == Kind::List || type.kind == Kind::Map) type.visit(at, &visit, see);
    if (type.kind != Kind::Object) return;
    for (const auto& field : type.object->fields) {
      const void* member = field.access(const_cast<void*>(at));
      const auto member_path = child_path(path, field.name);
      check_field(field, field.type(), member, member_path);
      check(field.type(), member, member_path);
    }
  }

 private:
  void fail(const std::string& path, std::string problem) { errors.push_back({path, std::move(problem)}); }

  void check_field(const Field& field, const TypeInfo& type, const void* at, const std::string& path) {
    if (type.kind == Kind::Optional) {
      struct Inner {
        Validator& self;
        const Field& field;
        const TypeInfo& type;
        const std::string& path;
      } inner{*this, field, type.element(), path};
      return type.visit(at, &inner, [](void* context, const std::string&, const void* item) {
        auto& i = *static_cast<Inner*>(context);
        i.self.check_field(i.field, i.type, item, i.path);
      });
    }
    if (type.kind == Kind::Integer) check_range(field, type.get_integer(at), path);
    if (type.kind == Kind::Number) check_range(field, *static_cast<const double*>(at), path);
    if (type.kind == Kind::String) check_text(field, *static_cast<const std::string*>(at), path);
    if (type.kind == Kind::List || type.kind == Kind::Map) {
      const auto count = static_cast<std::int64_t>(type.size(at));
      if (field.min_items && count < *field.min_items)
        fail(path, "must have at least " + std::to_string(*field.min_items) + " items");
      if (field.max_items && count > *field.max_items)
        fail(path, "must have at most " + std::to_string(*field.max_items) + " items");
    }
  }

  template <class T>
  void check_range(const Field& field, T value, const std::string& path) {
    if (field.minimum && value < static_cast<T>(*field.minimum))
      fail(path, "must be greater than or equal to " + std::to_string(*field.minimum));
    if (field.maximum && value > static_cast<T>(*field.maximum))
      fail(path, "must be less than or equal to " + std::to_string(*field.maximum));
  }

  void check_text(const Field& field, const std::string& text, const std::string& path) {
    const auto length = static_cast<std::int64_t>(text.size());
    if (field.min_length && length < *field.min_length)
      fail(path, "must have at least " + std::to_string(*field.min_length) + " characters");
    if (field.max_length && length > *field.max_length)
      fail(path, "must have at most " + std::to_string(*field.max_length) + " characters");
    if (field.enum_values.empty()) return;
    std::string known;
    for (const auto& allowed : field.enum_values) {
      if (allowed == text) return;
      known += (known.empty() ? "" : ", ") + allowed;
    }
    fail(path, "must be one of " + known);
  }
};

Value encode_object(const Object& object, const void* at) {
  auto out = Value::object();
  for (const auto& field : object.fields) {
    const void* member = field.access(const_cast<void*>(at));
    auto encoded = encode(field.type(), member);
    if (field.is_omitted_when_empty && is_empty(field.type(), member, encoded, field.is_zero_omitted)) continue;
    out[field.name] = std::move(encoded);
  }
  return out;
}

Value rules_to_schema(const std::vector<Rule>& rules) {
  auto out = Value::array();
  for (const auto& rule : rules) {
    Value entry{{"rule", rule.cel}, {"message", rule.message}};
    if (!rule.field_path.empty()) entry["fieldPath"] = rule.field_path;
    out.push_back(std::move(entry));
  }
  return out;
}

void add_constraints(Value& out, const Field& field) {
  if (field.minimum) out["minimum"] = *field.minimum;
  if (field.maximum) out["maximum"] = *field.maximum;
  if (field.min_length) out["minLength"] = *field.min_length;
  if (field.max_length) out["maxLength"] = *field.max_length;
  const bool is_map = out.value("type", "") == "object";
  if (field.min_items) out[is_map ? "minProperties" : "minItems"] = *field.min_items;
  if (field.max_items) out[is_map ? "maxProperties" : "maxItems"] = *field.max_items;
  if (!field.pattern_text.empty()) out["pattern"] = field.pattern_text;
  if (!field.enum_values.empty()) out["enum"] = field.enum_values;
  if (!field.format.empty()) out["format"] = field.format;
  if (!field.list_type.empty()) out["x-kubernetes-list-type"] = field.list_type;
  if (!field.list_keys.empty()) out["x-kubernetes-list-map-keys"] = field.list_keys;
  if (!field.rules.empty()) {
    for (const auto& rule : rules_to_schema(field.rules)) out["x-kubernetes-validations"].push_back(rule);
  }
  if (!field.doc.empty()) out["description"] = field.doc;
}

Value defaults_of(const Value& object_schema) {
  auto out = Value::object();
  const auto properties = object_schema.find("properties");
  if (properties == object_schema.end()) return out;
  for (const auto& [name, property] : properties->items()) {
    if (property.contains("default")) out[name] = property["default"];
  }
  return out;
}

// `kubectl explain` shows descriptions, and no defaults.
void describe_default(Value& property) {
  const Value& value = property["default"];
  if (!property.contains("description") || (value.is_string() && value.get<std::string>().empty())) return;
  property["description"] = property["description"].get<std::string>() +
                            " Default: " + (value.is_string() ? value.get<std::string>() : value.dump()) + ".";
}

Value object_schema(const TypeInfo& type) {
  Value out{{"type", "object"}};
  const std::unique_ptr<void, void (*)(void*)> defaults(type.make(), type.destroy);
  for (const auto& field : type.object->fields) {
    auto property = schema(field.type());
    add_constraints(property, field);
    const void* member = field.access(defaults.get());
    const auto encoded = encode(field.type(), member);
    const auto kind = field.type().kind;
    // An absent object is filled from its members' defaults only when it has a default itself, and CEL is run on that
    // as it stands.
    if (field.has_default && kind == Kind::Object) property["default"] = defaults_of(property);
    else if (field.has_default && kind != Kind::Optional && kind != Kind::Raw && kind != Kind::List &&
             kind != Kind::Map) {
      property["default"] = encoded;
      describe_default(property);
    }
    if (kind == Kind::Optional) property["nullable"] = true;
    if (field.is_required) out["required"].push_back(field.name);
    out["properties"][field.name] = std::move(property);
  }
  if (!type.object->rules.empty()) out["x-kubernetes-validations"] = rules_to_schema(type.object->rules);
  return out;
}

}  // namespace

std::string to_string(const std::vector<FieldError>& errors) {
  std::string out;
  for (const auto& error : errors) {
    if (!out.empty()) out += "; ";
    out += error.path + ": " + error.problem;
  }
  return out;
}

std::vector<FieldError> decode_into(const TypeInfo& type, void* at, const Value& value, const std::string& path) {
  Decoder decoder;
  decoder.decode(type, at, value, path);
  return std::move(decoder.errors);
}

std::vector<FieldError> validate(const TypeInfo& type, const void* at, const std::string& path) {
  Validator validator;
  validator.check(type, at, path);
  return std::move(validator.errors);
}

Value encode(const TypeInfo& type, const void* at) {
  switch (type.kind) {
    case Kind::Boolean:
      return *static_cast<const bool*>(at);
    case Kind::Integer:
      return type.get_integer(at);
    case Kind::Number:
      return *static_cast<const double*>(at);
    case Kind::String:
      return *static_cast<const std::string*>(at);
    case Kind::Quantity:
      return static_cast<const Quantity*>(at)->text;
    case Kind::Raw:
      return *static_cast<const Value*>(at);
    case Kind::Object:
      return encode_object(*type.object, at);
    case Kind::Optional:
    case Kind::List:
    case Kind::Map:
      break;
  }
  struct Out {
    const TypeInfo& type;
    Value value;
  } out{type, nullptr};
  if (type.kind == Kind::List) out.value = Value::array();
  if (type.kind == Kind::Map) out.value = Value::object();
  type.visit(at, &out, [](void* context, const std::string& key, const void* item) {
    auto& o = *static_cast<Out*>(context);
    auto encoded = encode(o.type.element(), item);
    if (o.type.kind == Kind::List) o.value.push_back(std::move(encoded));
    else if (o.type.kind == Kind::Map) o.value[key] = std::move(encoded);
    else o.value = std::move(encoded);
  });
  return out.value;
}

Value schema(const TypeInfo& type) {
  switch (type.kind) {
    case Kind::Boolean:
      return {{"type", "boolean"}};
    case Kind::Integer:
      return {{"type", "integer"},
              {"format", type.highest > std::numeric_limits<std::int32_t>::max() ? "int64" : "int32"}};
    case Kind::Number:
      return {{"type", "number"}};
    case Kind::String:
      return {{"type", "string"}};
    case Kind::Quantity:
      return {{"anyOf", Value::array({{{"type", "integer"}}, {{"type", "string"}}})},
              {"x-kubernetes-int-or-string", true},
              {"maxLength", 32},
              {"pattern", kQuantityPattern}};
    case Kind::Raw:
      return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    case Kind::Optional:
      return schema(type.element());
    case Kind::List:
      return {{"type", "array"}, {"items", schema(type.element())}};
    case Kind::Map:
      return {{"type", "object"}, {"additionalProperties", schema(type.element())}};
    case Kind::Object:
      return object_schema(type);
  }
  return nullptr;
}

}  // namespace cadence::json
