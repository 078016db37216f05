#include "spool/records.hpp"

#include <array>
#include <optional>

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::spool {

namespace {

using queue::Delivery;

constexpr std::size_t kHash = 64, kLongestLength = 7;

struct Field {
  std::string_view name;
  std::string& (*of)(Delivery&);
};

constexpr std::array<Field, 14> kFields{{
    {"key", [](Delivery& d) -> std::string& { return d.key; }},
    {"body_key", [](Delivery& d) -> std::string& { return d.body_key; }},
    {"provider", [](Delivery& d) -> std::string& { return d.provider; }},
    {"event", [](Delivery& d) -> std::string& { return d.event; }},
    {"job", [](Delivery& d) -> std::string& { return d.job_id; }},
    {"type", [](Delivery& d) -> std::string& { return d.spec.event_type; }},
    {"url", [](Delivery& d) -> std::string& { return d.spec.url; }},
    {"repo", [](Delivery& d) -> std::string& { return d.spec.repo; }},
    {"full_name", [](Delivery& d) -> std::string& { return d.spec.full_name; }},
    {"branch", [](Delivery& d) -> std::string& { return d.spec.branch; }},
    {"commit", [](Delivery& d) -> std::string& { return d.spec.commit; }},
    {"author", [](Delivery& d) -> std::string& { return d.spec.author; }},
    {"asked_by", [](Delivery& d) -> std::string& { return d.spec.asked_by; }},
    {"origin", [](Delivery& d) -> std::string& { return d.spec.origin; }},
}};

// LENGTH:BYTES, as in a netstring, so that values may hold anything.
void put(std::string& into, std::string_view value) {
  into += std::to_string(value.size());
  into += ':';
  into += value;
  into += ',';
}

std::optional<std::string_view> take(std::string_view& from) {
  const auto colon = from.substr(0, kLongestLength + 1).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto length = base::parse_integer(from.substr(0, colon));
  if (!length || *length < 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(*length);
  const auto rest = from.substr(colon + 1);
  if (rest.size() <= size || rest[size] != ',') return std::nullopt;
  from = rest.substr(size + 1);
  return rest.substr(0, size);
}

std::optional<Delivery> delivery_of(std::string_view fields) {
  Delivery delivery;
  while (!fields.empty()) {
    const auto name = take(fields);
    const auto value = name ? take(fields) : std::nullopt;
    if (!value) return std::nullopt;
    for (const auto& field : kFields)
      if (field.name == *name) field.of(delivery) = *value;
  }
  if (delivery.key.empty() || delivery.job_id.empty()) return std::nullopt;
  return delivery;
}

}  // namespace

std::string record_of(const Delivery& delivery) {
  std::string fields;
  auto copy = delivery;
  for (const auto& field : kFields) {
    const auto& value = field.of(copy);
    if (value.empty()) continue;
    put(fields, field.name);
    put(fields, value);
  }
  std::string record = base::to_hex(net::sha256(fields));
  put(record, fields);
  return record;
}

Records read_records(std::string_view file, std::size_t count) {
  Records read;
  const auto damaged = [&](const std::string& why) {
    read.damage = why + " after " + std::to_string(read.deliveries.size()) + " of " + std::to_string(count);
    return read;
  };
  if (!file.starts_with(kFirstLine)) return damaged("it is no file of this spool, or of another version,");
  file.remove_prefix(kFirstLine.size());
  while (!file.empty()) {
    const auto hash = file.substr(0, kHash);
    file.remove_prefix(hash.size());
    const auto fields = take(file);
    if (!fields) return damaged("it is cut");
    if (base::to_hex(net::sha256(*fields)) != hash) return damaged("its checksum is wrong");
    auto delivery = delivery_of(*fields);
    if (!delivery) return damaged("a record lacks what makes a job");
    read.deliveries.push_back(std::move(*delivery));
  }
  if (read.deliveries.size() != count) return damaged("it ends");
  return read;
}

}  // namespace cadence::spool
