#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::resources {
namespace {

kube::types::PersistentVolumeClaim build(const Context& context, int number, const std::string& name,
                                         const std::string& size) {
  const auto& storage = context.spec().postgres.storage;
  kube::types::PersistentVolumeClaim out;
  out.metadata = child_metadata(context, name, kPostgres);
  out.metadata.labels[names::kInstanceNumberLabel] = std::to_string(number);
  // Without an owner the volume outlives the cluster object.
  if (context.spec().deletion_policy != "Delete") out.metadata.owner_references.clear();
  out.spec.access_modes = {"ReadWriteOnce"};
  out.spec.resources.requests["storage"] = {size};
  if (!storage.storage_class_name.empty()) out.spec.storage_class_name = storage.storage_class_name;
  return out;
}

}  // namespace

kube::types::PersistentVolumeClaim build_postgres_volume(const Context& context, int number) {
  return build(context, number, context.postgres_claim(number), context.spec().postgres.storage.size);
}

kube::types::PersistentVolumeClaim build_postgres_wal_volume(const Context& context, int number) {
  return build(context, number, context.postgres_wal_claim(number), context.spec().postgres.storage.wal_size);
}

}  // namespace cadence::resources
