#include <cctype>

#include "base/text.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::resources {
namespace {

bool is_parameter_name(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '.') return false;
  }
  return true;
}

}  // namespace

std::string postgres_configuration(const Context& context) {
  std::map<std::string, std::string> settings{
      {"wal_level", "replica"}, {"max_wal_senders", "10"}, {"max_replication_slots", "10"}};
  for (const auto& [name, value] : context.spec().postgres.parameters) {
    // The API server refuses these; an object that came past an older schema gets them ignored.
    if (is_parameter_name(name) && !postgres::owned_parameters().contains(base::to_lower(name))) settings[name] = value;
  }
  std::string out;
  for (const auto& [name, value] : settings) out += name + " = " + postgres::quote_setting(value) + "\n";
  return out;
}

kube::types::ConfigMap build_postgres_config(const Context& context) {
  const auto& postgres = context.spec().postgres;
  kube::types::ConfigMap out;
  out.metadata = child_metadata(context, context.names().postgres(), kPostgres);
  out.data["cadence.conf"] = postgres_configuration(context);
  std::string instances;
  for (int number = 1; number <= postgres.instances; ++number)
    instances += context.names().postgres_instance(number) + "\n";
  out.data["instances"] = instances;
  out.data["synchronous"] = postgres.synchronous.mode + " " + std::to_string(postgres.synchronous.number) + "\n";
  return out;
}

}  // namespace cadence::resources
