// Whatever the operator takes from a user, the server that it configures starts with.
#include <gtest/gtest.h>

#include <functional>

#include "analysis/git/strategies.hpp"
#include "analysis/web/strategies.hpp"
#include "cadence/api/cluster.hpp"
#include "cadence/api/webhook_checks.hpp"
#include "cadence/resources/webhook/webhook.hpp"
#include "config/config.hpp"

namespace cadence {
namespace {

std::string refusal_of_the_operator(const api::CadenceClusterSpec& spec) {
  const auto errors = api::validate_spec(spec);
  return errors.empty() ? "" : errors.front().path + " " + errors.front().problem;
}

std::string refusal_of_the_server(const api::CadenceClusterSpec& spec) {
  api::CadenceCluster cluster;
  cluster.metadata.name = "c";
  cluster.spec = spec;
  const auto text = resources::webhook_configuration(resources::Context{cluster});
  config::Config config;
  std::vector<std::string> warnings;
  const auto nothing = [](const std::string&) { return std::nullopt; };
  auto read = config::apply_yaml(config, text, nothing, warnings);
  config.use_secret("s");
  if (read) read = config::validate(config);
  if (!warnings.empty()) return warnings.front();
  return read ? "" : read.error().message;
}

struct Row {
  std::string field;  // without spec.webhook
  std::function<void(api::WebhookSpec&, const std::string&)> set;
  std::vector<std::string> taken, refused;
};

const std::vector<Row>& rows() {
  using Spec = api::WebhookSpec;
  const std::vector<std::string> durations{"1h", "90m", "336h", "87840h"}, wrong{"59m", "0s", "87841h", "soon", ""};
  static const std::vector<Row> all = {
      {"ingest.ackDeadline",
       [](Spec& spec, const auto& text) { spec.ingest.ack_deadline = text; },
       {"1s", "1500ms", "8s", "1m"},
       {"0s", "10ms", "61s", "2h", "8"}},
      {"ingest.dedupeRetention", [](Spec& spec, const auto& text) { spec.ingest.dedupe_retention = text; }, durations,
       wrong},
      {"retention.results", [](Spec& spec, const auto& text) { spec.retention.results = text; }, durations, wrong},
      {"clone.timeout",
       [](Spec& spec, const auto& text) { spec.clone.timeout = text; },
       {"1s", "300s", "5m"},
       {"0s", "301s", "1h"}},
      {"clone.maxRepositoryBytes",
       [](Spec& spec, const auto& text) { spec.clone.max_repository_bytes = text; },
       {"1", "2Gi", "1Pi"},
       {"0", "2Pi", "1E", "much"}},
      {"clone.maxMemoryBytes",
       [](Spec& spec, const auto& text) { spec.clone.max_memory_bytes = text; },
       {"64Mi", "192Mi", "1Pi"},
       {"63Mi", "2Pi", "0", "much"}},
      {"spool.size", [](Spec& spec, const auto& text) { spec.spool.size = text; }, {"1Mi", "1Gi"}, {"1Ki", "0"}},
      {"ingest.inFlightBytes",
       [](Spec& spec, const auto& text) { spec.ingest.in_flight_bytes = text; },
       {"26Mi", "256Mi", "1Ti"},
       {"25Mi", "2Ti", "0"}},
      {"detection.strategies",
       [](Spec& spec, const auto& text) { spec.detection.strategies[text] = false; },
       {"velocity_analysis", "statistical_anomaly", "ai_vocabulary"},
       {"velocity", "", "Size_Analysis"}},
      {"detection.thresholds.maxAdditionRatio",
       [](Spec& spec, const auto& text) { spec.detection.thresholds.max_addition_ratio = std::stod(text); },
       {"0", "0.5", "1"},
       {"1.01", "-0.1"}},
  };
  return all;
}

const std::vector<Row>& reading_rows() {
  using Spec = api::WebhookSpec;
  static const std::vector<Row> all = {
      {"queueCapacity",
       [](Spec& spec, const auto& text) { spec.queue_capacity = std::stoll(text); },
       {"1", "1000000", "100000000"},
       {"0", "100000001"}},
      {"api.requestsPerMinute",
       [](Spec& spec, const auto& text) { spec.api.requests_per_minute = std::stoll(text); },
       {"0", "1", "1000000"},
       {"-1", "1000001"}},
      {"api.corsOrigins",
       [](Spec& spec, const auto& text) { spec.api.cors_origins = {text}; },
       {"*", "https://dash.example", "http://localhost:3000", "https://[2001:db8::1]:8443"},
       {"", "dash.example", "https://", "https://dash.example/", "https://a.example,https://b.example", "null"}},
      {"links.publicURL",
       [](Spec& spec, const auto& text) { spec.links.public_url = text; },
       {"", "https://cadence.example", "http://10.0.0.7:8080", "https://tools.example/cadence/"},
       {"cadence.example", "https://", "https:///x", "https://u:p@cadence.example", "https://cadence.example/?a=b",
        "https://cadence.example/#x", "ftp://cadence.example", "https://cadence.example/\n"}},
      {"links.validDays",
       [](Spec& spec, const auto& text) {
         spec.links = {"https://cadence.example", std::stoi(text)};
       },
       {"1", "30", "3660"},
       {"0", "3661"}},
  };
  return all;
}

api::Feedback answered(const std::string& provider, const std::string& api_url) {
  api::Feedback made;
  made.provider = provider;
  made.api_url = api_url;
  made.token_secret_ref = api::SecretKeyReference{"lab", "token"};
  return made;
}

const std::vector<Row>& feedback_rows() {
  using Spec = api::WebhookSpec;
  static const std::vector<Row> all = {
      {"feedback[0].apiURL",
       [](Spec& spec, const auto& text) { spec.feedback = {answered("bitbucketServer", text)}; },
       {"https://git.internal", "https://git.internal:8443/forge/", "https://10.0.0.7/rest/api/latest"},
       {"", "http://git.internal", "https://", "https://u:p@git.internal", "https://git.internal/?a=b", "git.internal",
        "https://git.internal:70000"}},
      {"feedback[0].repositories",
       [](Spec& spec, const auto& text) {
         spec.feedback = {answered("gitlab", "")};
         spec.feedback[0].repositories = {text};
       },
       {"potters/kiln", "potters/*", "guild/potters/*", "~mira/kiln"},
       {"potters", "*", "potters/..", "../*"}},
      {"feedback[0].failAbove",
       [](Spec& spec, const auto& text) {
         spec.feedback = {answered("github", "")};
         spec.feedback[0].fail_above = std::stod(text);
       },
       {"0", "12.5", "100"},
       {"-1", "100.5"}},
      {"feedback[0]",
       [](Spec& spec, const auto& text) {
         spec.feedback = {answered(text, "https://git.internal")};
         spec.feedback[0].token_secret_ref.reset();
         spec.feedback[0].app_secret_ref = {{"app", "pem"}};
         spec.feedback[0].app_id = "4711";
       },
       {"github"},
       {"gitlab", "gitea"}},
  };
  return all;
}

api::ReconcileDeliveries watched(const std::string& provider, std::vector<std::string> of) {
  api::ReconcileDeliveries made;
  made.provider = provider;
  made.of = std::move(of);
  made.token_secret_ref = api::SecretKeyReference{"lab", "token"};
  return made;
}

const std::vector<Row>& reconcile_rows() {
  using Spec = api::WebhookSpec;
  static const std::vector<Row> all = {
      {"reconcileDeliveries[0].of",
       [](Spec& spec, const auto& text) { spec.reconcile_deliveries = {watched("github", {text})}; },
       {"potters/kiln", "potters/*"},
       {"potters", "potters/..", "guild/potters/kiln"}},
      {"reconcileDeliveries[1].of",
       [](Spec& spec, const auto& text) {
         spec.reconcile_deliveries = {watched("gitlab", {"guild/kiln"}), watched("gitlab", {text})};
       },
       {"guild/potters/kiln", "guild/potters/*", "guild/*"},
       {"guild/kiln", "Guild/Kiln"}},
      {"reconcileDeliveries[0].apiURL",
       [](Spec& spec, const auto& text) {
         spec.reconcile_deliveries = {watched("gitlab", {"potters/kiln"})};
         spec.reconcile_deliveries[0].api_url = text;
       },
       {"", "https://git.internal"},
       {"http://git.internal", "git.internal"}},
      {"reconcileDeliveries[0].hookID",
       [](Spec& spec, const auto& text) {
         spec.reconcile_deliveries = {watched("gitlab", {text, "potters/glaze"})};
         if (text == "potters/kiln") spec.reconcile_deliveries[0].hook_id = 7;
       },
       {"potters/cup"},
       {"potters/kiln"}},
      // What is written is where a token comes from.
      {"reconcileDeliveries[0]",
       [](Spec& spec, const auto& text) {
         spec.reconcile_deliveries = {watched("github", {})};
         auto& entry = spec.reconcile_deliveries[0];
         entry.token_secret_ref.reset();
         if (text.starts_with("feedback")) {
           spec.feedback = {answered("gitlab", ""), answered("github", "")};
           if (text == "feedback token") entry.of = {"potters/kiln"};
         }
         if (text == "feedback App") {
           spec.feedback[1].token_secret_ref.reset();
           spec.feedback[1].app_secret_ref = {{"app", "pem"}};
           spec.feedback[1].app_id = "4711";
         }
         if (text.starts_with("App")) {
           entry.app_secret_ref = {{"app", "pem"}};
           entry.app_id = "4711";
         }
         if (text == "App for a repository") entry.of = {"potters/kiln"};
       },
       {"App", "feedback token", "feedback App"},
       {"none", "feedback of another kind", "App for a repository"}},
  };
  return all;
}

const std::vector<Row>& tracing_rows() {
  using Spec = api::WebhookSpec;
  const auto to = [](std::string endpoint) {
    api::WebhookTracing tracing;
    tracing.endpoint = std::move(endpoint);
    return tracing;
  };
  static const std::vector<Row> all = {
      {"tracing.endpoint",
       [to](Spec& spec, const auto& text) { spec.tracing = to(text); },
       {"", "http://otel-collector.observability:4318", "https://otel.example/otlp/", "http://10.0.0.7:64999"},
       {"otel:4318", "grpc://otel:4317", "https://", "https://u:p@otel", "https://otel/?a=b", "https://otel/#x",
        "http://otel:65000", "http://otel:0", "http://[::1]:4318", "http://otel:4318\n"}},
      {"tracing.sampleRatio",
       [to](Spec& spec, const auto& text) {
         spec.tracing = to("http://otel:4318");
         spec.tracing.sample_ratio = std::stod(text);
       },
       {"0", "0.01", "1"},
       {"-0.1", "1.01"}},
      {"tracing",
       [to](Spec& spec, const auto& text) {
         spec.tracing = to(text);
         spec.tracing.ca_secret_ref = api::SecretKeyReference{"otel", "ca.crt"};
       },
       {"https://otel:4318"},
       {"", "http://otel:4318"}},
      {"tracing",
       [to](Spec& spec, const auto& text) {
         spec.tracing = to(text);
         spec.tracing.headers_secret_ref = api::SecretKeyReference{"otel", "headers"};
       },
       {"http://otel:4318", "https://otel:4318"},
       {""}},
  };
  return all;
}

void agree_on(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    for (const auto& text : row.taken) {
      api::CadenceClusterSpec spec;
      spec.webhook.ingest.on_database_unavailable = "SpoolDisk";
      row.set(spec.webhook, text);
      EXPECT_EQ(refusal_of_the_operator(spec), "") << row.field << ": " << text;
      EXPECT_EQ(refusal_of_the_server(spec), "") << row.field << ": " << text;
    }
    for (const auto& text : row.refused) {
      api::CadenceClusterSpec spec;
      row.set(spec.webhook, text);
      const auto refusal = refusal_of_the_operator(spec);
      EXPECT_TRUE(refusal.starts_with("spec.webhook." + row.field)) << row.field << ": " << text << ": " << refusal;
    }
  }
}

TEST(Agreement, OfOperatorAndServerOnWhatAUserMaySet) { agree_on(rows()); }
TEST(Agreement, OnWhoMayReadAndHowMuchMayWait) { agree_on(reading_rows()); }
TEST(Agreement, OnWhoIsAnsweredBack) { agree_on(feedback_rows()); }
TEST(Agreement, OnWhereSpansGo) { agree_on(tracing_rows()); }

TEST(Agreement, OnWhoseDeliveriesAreCompared) { agree_on(reconcile_rows()); }

TEST(Agreement, OnThresholdsOfWhichOneMustBeOn) {
  api::CadenceClusterSpec spec;
  auto& limits = spec.webhook.detection.thresholds;
  limits.suspicious_additions = limits.suspicious_deletions = limits.min_time_delta_seconds = 0;
  limits.max_files_per_commit = 0;
  limits.max_additions_per_min = limits.max_deletions_per_min = limits.max_addition_ratio = 0.0;
  EXPECT_EQ(refusal_of_the_operator(spec), "");
  EXPECT_EQ(refusal_of_the_server(spec), "");
  limits.min_deletion_ratio = 0.0;
  EXPECT_NE(refusal_of_the_server(spec), "");
  EXPECT_TRUE(refusal_of_the_operator(spec).starts_with("spec.webhook.detection.thresholds at least one"));
}

TEST(Agreement, OnTheNamesOfStrategies) {
  const auto& names = api::strategy_names();
  const std::set<std::string_view> known(names.begin(), names.end());
  config::Config config;
  for (const auto& name : known) EXPECT_TRUE(config::switch_strategy(config, name, false)) << name;
  std::set<std::string_view> there;
  for (const auto& strategy : analysis::git::strategies()) there.insert({strategy.name, strategy.config_name});
  for (const auto& strategy : analysis::web::strategies()) there.insert(strategy.name);
  EXPECT_EQ(there, known);
}

}  // namespace
}  // namespace cadence
