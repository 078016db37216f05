// What the fuzzers of parsers call: each takes any bytes, as a peer may send them, and aborts when a promise is broken.
#pragma once

#include <string_view>

namespace cadence::fuzz {

using Target = void (*)(std::string_view input);

// The first byte of some says how the rest is cut: whatever arrives in one piece means the same in two.
void http_request(std::string_view input);    // requests to our servers
void watch_stream(std::string_view input);    // what the API server sends on a watch
void api_documents(std::string_view input);   // a CadenceCluster, a Status
void yaml(std::string_view input);            // a kubeconfig, a configuration file
void lease(std::string_view input);           // the Lease that PostgreSQL's agents share, and their status
void resp(std::string_view input);            // replies of Redis
void redis_texts(std::string_view input);     // CLUSTER NODES, CLUSTER INFO, INFO, nodes.conf
void postgres_texts(std::string_view input);  // what PostgreSQL and its tools print, a line each
void proxy_state(std::string_view input);     // HAProxy's "show servers state"
void payload(std::string_view input);         // bodies of deliveries, in any encoding; what they mean: senders/

// By the name of its corpus folder; null when there is none.
Target target_named(std::string_view name);

}  // namespace cadence::fuzz
