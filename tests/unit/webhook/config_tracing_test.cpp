// Where spans go: by the file, and by the names that OpenTelemetry gives every program.
#include "config_support.hpp"

namespace cadence::config {
namespace {

telemetry::Options tracing_of(const std::string& yaml, std::map<std::string, std::string> environment,
                              std::vector<std::string>* warnings = nullptr) {
  auto config = read_yaml(yaml);
  std::vector<std::string> said;
  const auto applied = apply_environment(config, environment_of(std::move(environment)), said);
  EXPECT_TRUE(applied);
  if (warnings != nullptr) *warnings = said;
  return config.tracing;
}

TEST(Tracing, IsOffUnlessACollectorIsNamed) {
  EXPECT_FALSE(tracing_of("{}", {}).is_on());
  const auto config = read_yaml(
      "tracing: {endpoint: 'http://c:4318', headers_file: /h, ca_file: /ca, service_name: hooks, sample_ratio: 0.25}");
  EXPECT_TRUE(config.tracing.is_on());
  EXPECT_EQ(config.tracing.headers_file + config.tracing.ca_file + config.tracing.service_name, "/h/cahooks");
  EXPECT_EQ(config.tracing.sample_ratio, 0.25);
}

TEST(Tracing, TheEnvironmentBeatsTheFile) {
  const char* file = "tracing: {endpoint: 'http://file:4318', service_name: file}";
  const auto tracing = tracing_of(file, {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://env:4318"},
                                         {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces/x"},
                                         {"OTEL_EXPORTER_OTLP_HEADERS", "a=1"},
                                         {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=2"},
                                         {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca"},
                                         {"OTEL_SERVICE_NAME", "env"},
                                         {"OTEL_TRACES_SAMPLER_ARG", "0.5"}});
  EXPECT_EQ(tracing.endpoint, "http://env:4318");
  EXPECT_EQ(tracing.traces_url, "http://traces/x");
  EXPECT_EQ(tracing.headers, "a=2") << "the narrower name";
  EXPECT_EQ(tracing.ca_file + tracing.service_name, "/caenv");
  EXPECT_EQ(tracing.sample_ratio, 0.5);
  EXPECT_EQ(tracing_of(file, {{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}).endpoint, "http://file:4318")
      << "an empty value is none";
}

TEST(Tracing, CanBeSwitchedOffByTheEnvironment) {
  const char* file = "tracing: {endpoint: 'http://file:4318'}";
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"OTEL_SDK_DISABLED", "true"}, {"OTEL_SDK_DISABLED", "True"}, {"OTEL_TRACES_EXPORTER", "none"}})
    EXPECT_FALSE(tracing_of(file, {{name, value}}).is_on()) << name;
  EXPECT_TRUE(tracing_of(file, {{"OTEL_SDK_DISABLED", "1"}}).is_on()) << "only true is true";
}

TEST(Tracing, WarnsOfWhatItCannotDo) {
  for (const char* ratio : {"much", "1.5", "-1", "0.5x", "nan"}) {
    std::vector<std::string> warnings;
    EXPECT_EQ(tracing_of("{}", {{"OTEL_TRACES_SAMPLER_ARG", ratio}}, &warnings).sample_ratio, 1) << ratio;
    EXPECT_EQ(warnings.size(), 1u) << ratio;
  }
  std::vector<std::string> warnings;
  (void)tracing_of("{}", {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}, &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings.front().find("JSON over HTTP"), std::string::npos);
}

TEST(Tracing, AWrongCollectorIsRefusedAtTheStart) {
  EXPECT_EQ(refusal_of("tracing: {endpoint: 'http://c:4318'}"), "");
  EXPECT_NE(refusal_of("tracing: {endpoint: 'c:4318'}").find("tracing.endpoint must begin with"), std::string::npos);
  EXPECT_NE(refusal_of("tracing: {sample_ratio: 2}").find("tracing.sample_ratio must be"), std::string::npos);
}

}  // namespace
}  // namespace cadence::config
