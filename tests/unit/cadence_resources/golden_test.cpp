// Every child, rendered, against tests/golden/resources. CADENCE_UPDATE_GOLDEN=1 rewrites the files.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cadence/resources/documents.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "sample.hpp"

namespace cadence::resources {
namespace {

std::string golden_path(const std::string& file) {
  return std::string(CADENCE_SOURCE_DIR) + "/tests/golden/resources/" + file;
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

void add(std::string& out, const json::Value& document) {
  auto text = json::dump_yaml(document);
  if (text.empty() || text.back() != '\n') text += '\n';
  out += "---\n" + text;
}

std::string render(const Context& context) {
  std::string out;
  for (const auto& part : {network_policy_documents(context), redis_documents(context), postgres_documents(context),
                           webhook_documents(context), load_balancer_documents(context)}) {
    for (const auto& document : part) add(out, document.body);
  }
  for (int number = 1; number <= context.spec().postgres.instances; ++number) {
    add(out, kube::core::to_document(build_postgres_volume(context, number)));
    if (!context.spec().postgres.storage.wal_size.empty())
      add(out, kube::core::to_document(build_postgres_wal_volume(context, number)));
    add(out, kube::core::to_document(build_postgres_pod(context, number)));
  }
  return out;
}

void expect_golden(const std::string& name, const std::string& rendered) {
  const auto path = golden_path(name + ".yaml");
  if (std::getenv("CADENCE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << rendered;
  const auto expected = read(path);
  if (expected == rendered) return;
  std::istringstream a(expected), b(rendered);
  std::string wanted, got;
  for (int line = 1;; ++line) {
    const bool has_wanted = static_cast<bool>(std::getline(a, wanted));
    const bool has_got = static_cast<bool>(std::getline(b, got));
    if (has_wanted && has_got && wanted == got) continue;
    ADD_FAILURE() << path << ":" << line << "\n  golden:   " << (has_wanted ? wanted : "(end)")
                  << "\n  rendered: " << (has_got ? got : "(end)") << "\nRun with CADENCE_UPDATE_GOLDEN=1 to accept.";
    return;
  }
}

TEST(ResourcesGolden, EmptySpec) {
  const auto cluster = cluster_from("{}");
  expect_golden("empty", render(Context{.cluster = cluster, .operator_namespace = "cadence-system"}));
}

TEST(ResourcesGolden, FullSpec) {
  const auto cluster = cluster_from(read(golden_path("full.spec.yaml")), "big");
  EXPECT_EQ(json::to_string(api::validate_spec(cluster.spec)), "");
  expect_golden("full", render(Context{.cluster = cluster, .operator_namespace = "cadence-system"}));
}

}  // namespace
}  // namespace cadence::resources
