#include "targets.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/proxy/slots.hpp"
#include "agent/redis/identity.hpp"
#include "cadence/api/cluster.hpp"
#include "ingest/payload.hpp"
#include "kube/client/config.hpp"
#include "kube/core/status_error.hpp"
#include "kube/core/watch_event.hpp"
#include "postgres/rules/boot.hpp"
#include "postgres/rules/commit_watch.hpp"
#include "postgres/rules/instance_status.hpp"
#include "postgres/rules/lease_document.hpp"
#include "postgres/rules/settings.hpp"
#include "redis/codec.hpp"
#include "redis/topology.hpp"
#include "pieces.hpp"

namespace cadence::fuzz {
namespace {

std::vector<std::string> lines_of(const std::vector<std::string_view>& pieces) {
  kube::core::LineSplitter splitter(1024);
  std::vector<std::string> out;
  for (const auto piece : pieces) {
    if (!splitter.feed(piece)) return out;
    while (const auto line = splitter.next()) out.emplace_back(*line);
  }
  return out;
}

void write_reply(const redis::Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind)) + reply.text + std::to_string(reply.integer) + "(";
  for (const auto& item : reply.items) write_reply(item, out);
  out += ")";
}

std::string replies_of(const std::vector<std::string_view>& pieces) {
  redis::Decoder decoder(4096);
  std::string out;
  for (const auto piece : pieces) {
    if (!decoder.feed(piece)) return out + "refused";
    for (;;) {
      const auto reply = decoder.next();
      if (!reply) return out + "refused";
      if (!*reply) break;
      write_reply(**reply, out);
    }
  }
  return out;
}

void check_nodes(const std::vector<redis::NodeEntry>& nodes) {
  for (const auto& node : nodes) {
    require(!node.id.empty(), "a node has a name");
    for (const auto& range : node.slots)
      require(0 <= range.first && range.first <= range.last && range.last < redis::kSlotCount, "slots are slots");
    for (const auto& open : node.open) require(0 <= open.slot && open.slot < redis::kSlotCount, "slots are slots");
  }
}

}  // namespace

void watch_stream(std::string_view input) {
  const auto step = take_step(input);
  const auto parts = lines_of(pieces_of(input, step));
  if (input.size() <= 1024) require(lines_of({input}) == parts, "lines are the same in one piece and in many");
  for (const auto& line : parts) {
    const auto event = kube::core::parse_watch_event(line);
    if (!event) continue;
    kube::core::is_initial_events_end(*event);
    kube::core::is_expired(kube::core::decode_status(event->object));
  }
}

void api_documents(std::string_view input) {
  const auto document = json::parse(input);
  if (!document) return;
  const auto again = json::parse(json::dump(*document));
  require(again && json::dump(*again) == json::dump(*document), "what was written is read again");
  kube::core::decode_status(*document);
  const auto spec = json::decode<api::CadenceClusterSpec>(*document, "spec");
  if (!spec) return;
  api::validate_spec(*spec);
  const auto written = json::encode(*spec);
  const auto read = json::decode<api::CadenceClusterSpec>(written, "spec");
  require(read && json::encode(*read) == written, "a spec that was written is read again");
}

void yaml(std::string_view input) {
  input = input.substr(0, 4000);
  if (const auto document = json::parse_yaml(input)) json::dump_yaml(*document);
  static_cast<void>(json::parse_yaml_as_text(input));
  const auto path = std::filesystem::temp_directory_path() / ("cadence-fuzz-yaml-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << input;
  if (const auto config = kube::client::read_kubeconfig({path.string()}, ""))
    require(!config->host.empty() && config->port != 0, "a kubeconfig that is taken leads somewhere");
  std::filesystem::remove(path);
}

void lease(std::string_view input) {
  if (const auto status = postgres::decode_instance_status(input)) {
    const auto again = postgres::decode_instance_status(json::dump(json::encode(*status)));
    require(again.is_ok(), "a status that was written is read again");
  }
  const auto document = json::parse(input);
  if (!document) return;
  const auto view = postgres::view_of(*document);
  if (!document->is_object()) return;  // the API server's answers are objects
  const std::string now = "2026-03-04T10:00:00.000000Z";
  const auto claimed = postgres::claimed(*document, {"a-1", "uid", "10.0.0.1"}, {}, now);
  require(postgres::view_of(claimed).holder == "a-1", "a claim names its holder");
  postgres::elected(claimed, *document, {view.synchronous, 3, {}});
  postgres::renewed(claimed, {}, now);
  const auto released = postgres::released(claimed, {"because", {}, "", true}, now);
  require(postgres::view_of(released).holder.empty(), "a release names nobody");
  postgres::measured(postgres::published(claimed, view.synchronous), "a", "b");
}

void resp(std::string_view input) {
  const auto step = take_step(input);
  const auto whole = replies_of({input});
  const auto parts = replies_of(pieces_of(input, step));
  // A reply that is too long is refused as soon as that is known, which pieces may show earlier.
  if (!whole.ends_with("refused") && !parts.ends_with("refused"))
    require(whole == parts, "replies are the same in one piece and in many");
}

void redis_texts(std::string_view input) {
  if (const auto nodes = redis::parse_cluster_nodes(input)) check_nodes(*nodes);
  if (const auto table = agent::redis::parse_node_table(std::string(input))) check_nodes(table->nodes);
  static_cast<void>(redis::parse_cluster_info(input));
  static_cast<void>(redis::parse_info(input));
}

void postgres_texts(std::string_view input) {
  if (const auto lsn = postgres::parse_lsn(input))
    require(postgres::parse_lsn(postgres::format_lsn(*lsn)) == lsn, "a position that was written is read again");
  postgres::parse_segment(input);
  if (const auto set = postgres::parse_synchronous_set(input)) {
    require(0 <= set->number && static_cast<std::size_t>(set->number) <= set->names.size(), "a set can be met");
    const auto again = postgres::parse_synchronous_set(postgres::to_text(*set));
    require(again && *again == *set, "a set that was written is read again");
    postgres::render_synchronous_standby_names(*set);
  }
  postgres::parse_standby_names(input);
  static_cast<void>(postgres::parse_synchronous(input));
  postgres::parse_instances(input);
  static_cast<void>(postgres::parse_control_data(input));
  postgres::without_owned_parameters(input);
  if (const auto parameters = postgres::parse_parameters(input)) {
    postgres::ServerSettings settings;
    settings.instance = "a-1";
    settings.user = *parameters;
    const auto rendered = postgres::render_settings(settings).text;
    require(postgres::parse_parameters(rendered).is_ok(), "settings that were written are read again");
  }
}

void proxy_state(std::string_view input) {
  const auto slots = agent::proxy::parse_servers_state(input, "webhook");
  agent::proxy::plan_slots(slots, {{"10.0.0.1", 8000, false}}, "webhook");
  agent::proxy::fill_configuration(input, slots);
}

void payload(std::string_view input) {
  const auto kind = take_step(input);
  static constexpr std::string_view kTypes[] = {"application/json", "application/x-www-form-urlencoded",
                                                "application/json; charset=utf-16", "application/json; charset=latin1"};
  const auto type = kTypes[kind % std::size(kTypes)];
  const auto members =
      ingest::read_members(input, type, {{"a.b", ingest::MemberType::Text}, {"list[].n", ingest::MemberType::Integer}});
  if (!members) return;
  for (const auto& [name, text] : *members) {
    require(text.size() <= ingest::kLongestText, "a member is not longer than the bound");
    require(text.find('\0') == std::string::npos, "text has no NUL");
  }
}

Target target_named(std::string_view name) {
  static constexpr std::pair<std::string_view, Target> kTargets[] = {{"http_request", http_request},
                                                                     {"watch_stream", watch_stream},
                                                                     {"api_documents", api_documents},
                                                                     {"yaml", yaml},
                                                                     {"lease", lease},
                                                                     {"resp", resp},
                                                                     {"redis_texts", redis_texts},
                                                                     {"postgres_texts", postgres_texts},
                                                                     {"proxy_state", proxy_state},
                                                                     {"payload", payload}};
  for (const auto& [known, target] : kTargets) {
    if (known == name) return target;
  }
  return nullptr;
}

}  // namespace cadence::fuzz
