#include "api/openapi.hpp"

namespace cadence::api {

namespace {

json::Value parsed(std::string_view yaml) {
  auto value = json::parse_yaml(std::string(yaml));
  return value ? std::move(*value) : json::Value();
}

}  // namespace

json::Value openapi_document(const std::vector<std::string>& senders, const std::string& version) {
  auto document = parsed(R"yaml(
openapi: 3.1.0
info:
  title: Cadence webhook server
  summary: Signed pushes in, analyses out.
  description: >-
    Errors are an object with `error`, `code` and `message`; who accepts application/problem+json gets the members of
    RFC 9457 beside them. Paths match without case and with one trailing slash; HEAD is answered wherever GET is.
  license: {name: Apache-2.0, identifier: Apache-2.0}
tags:
- {name: deliveries, description: "What senders send; each proves itself with a secret."}
- {name: jobs, description: "What became of it."}
- {name: analyses, description: "Asked for by a program or a person."}
- {name: operations, description: "Whether the server is well."}
- {name: pages, description: "For people, in HTML."}
)yaml");
  document["info"]["version"] = version;
  document["paths"] = parsed(kPaths);
  document["components"] = parsed(kSchemas);
  auto& schemas = document["components"]["schemas"];
  for (const char* name : {"Result", "FlatResult"}) schemas[name]["properties"].update(schemas["Found"]["properties"]);
  schemas.erase("Found");
  auto& paths = document["paths"];
  const auto delivery = paths["/webhook"];
  for (const auto& sender : senders) {
    auto& path = paths["/webhooks/" + sender] = delivery;
    path["post"]["operationId"] = "receive_" + sender;
    path["post"]["summary"] = "Take a delivery of " + sender + ".";
  }
  return document;
}

}  // namespace cadence::api
