// The JSON document type, under our own name: the one header through which other rooms meet nlohmann.
// Promises: parse() never throws; objects keep their keys sorted, so dump() of equal documents gives equal text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::json {

using Value = nlohmann::json;

// Nesting deeper than 100 and anything behind the value are errors; the message names the byte.
base::Result<Value> parse(std::string_view text);
base::Result<Value> parse_yaml(std::string_view text);  // the first document of a YAML text, in JSON's types
// The same, with every scalar as the text that was written: for files whose reader knows each key's type, so that an
// unquoted `secret: 0123` or `tag: 1.10` stays what its author typed.
base::Result<Value> parse_yaml_as_text(std::string_view text);
// One line; invalid UTF-8 becomes U+FFFD.
std::string dump(const Value& value);
// Appends a text as dump() writes it, quotes included, without making a Value of it.
void append_text(std::string& out, std::string_view text);
std::string dump_yaml(const Value& value);

// The member at `path` ("a", "b"), or null: for reading documents that somebody else shaped.
const Value& at_path(const Value& value, std::initializer_list<std::string_view> path);
std::string string_at(const Value& value, std::initializer_list<std::string_view> path);

// RFC 7386. A null in the patch removes the member.
void merge(Value& target, const Value& patch);

}  // namespace cadence::json
