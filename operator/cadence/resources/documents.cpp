#include "cadence/resources/documents.hpp"

#include "cadence/resources/load_balancer/haproxy/rbac.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"
#include "cadence/resources/network_policies.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "cadence/resources/postgres/rbac.hpp"
#include "cadence/resources/redis/redis.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {
namespace {

template <kube::core::KubeObject T>
Document document(const T& object) {
  return {&T::kind_info(), object.metadata.name, kube::core::to_document(object)};
}

}  // namespace

std::vector<Document> webhook_documents(const Context& context) {
  std::vector<Document> out{document(build_webhook_service_account(context)), document(build_webhook_config(context)),
                            document(build_webhook_service(context)), document(build_webhook_pdb(context)),
                            document(build_webhook_deployment(context))};
  if (const auto hpa = build_webhook_hpa(context)) out.push_back(document(*hpa));
  return out;
}

std::vector<Document> load_balancer_documents(const Context& context) {
  if (!context.has_haproxy()) return {};
  return {document(build_lb_service_account(context)), document(build_lb_role(context)),
          document(build_lb_role_binding(context)),    document(build_lb_config(context)),
          document(build_lb_service(context)),         document(build_lb_pdb(context)),
          document(build_lb_deployment(context))};
}

std::vector<Document> redis_documents(const Context& context) {
  std::vector<Document> out{document(build_redis_config(context)), document(build_redis_service(context)),
                            document(build_redis_pdb(context))};
  for (int shard = 0; shard < redis_shard_count(context); ++shard)
    out.push_back(document(build_redis_stateful_set(context, shard)));
  return out;
}

std::vector<Document> postgres_documents(const Context& context) {
  std::vector<Document> out{document(build_postgres_service_account(context)), document(build_postgres_role(context)),
                            document(build_postgres_role_binding(context)), document(build_postgres_config(context))};
  for (const auto& service : build_postgres_services(context)) out.push_back(document(service));
  out.push_back(document(build_postgres_endpoints(context)));
  for (const auto& budget : build_postgres_pdbs(context)) out.push_back(document(budget));
  return out;
}

std::vector<Document> network_policy_documents(const Context& context) {
  std::vector<Document> out;
  for (const auto& policy : build_network_policies(context)) out.push_back(document(policy));
  return out;
}

}  // namespace cadence::resources
