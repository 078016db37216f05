#include <algorithm>

#include "base/quantity.hpp"
#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {
namespace {

// The server's answer to a delivery may take as long as its wait for the database, so the time-out behind it is longer.
constexpr std::int64_t kMarginOverHold = 4000;
// An event stream says something at least every 15 s, however little a user lets other servers be silent.
constexpr std::int64_t kSilenceOfStreams = 45000;
constexpr std::int64_t kFewestDeliveries = 200;  // per second of one address, whatever the limit of other requests

std::int64_t milliseconds_of(const std::string& duration, std::int64_t fallback) {
  const auto parsed = base::parse_duration(duration);
  return parsed ? parsed->count() : fallback;
}

std::string time_of(std::int64_t milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s" : std::to_string(milliseconds) + "ms";
}

std::string global_section(const api::LoadBalancerSpec& balancer) {
  return "global\n"
         "    log stdout format raw local0 info\n"
         "    maxconn " +
         std::to_string(balancer.max_connections) +
         "\n"
         "    hard-stop-after 25s\n"
         "    close-spread-time 5s\n"
         // A request is tried again on another server only while it fits one buffer; pushes are tens of KiB.
         "    tune.bufsize 65536\n"
         "    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n"
         "    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners\n"
         "    stats timeout 30s\n\n";
}

std::int64_t silence_of_servers(const api::CadenceClusterSpec& spec) {
  const auto hold = milliseconds_of(spec.webhook.ingest.ack_deadline, 8000);
  return std::max(milliseconds_of(spec.load_balancer.timeouts.server, 50000), hold + kMarginOverHold);
}

std::string defaults_section(const api::CadenceClusterSpec& spec) {
  const auto& timeouts = spec.load_balancer.timeouts;
  return "defaults\n"
         "    mode http\n"
         "    log global\n"
         "    option httplog\n"
         "    option dontlognull\n"
         "    option redispatch 1\n"
         "    retries 3\n"
         // Safe for a POST because deliveries are idempotent. Not 503: that means "no database", and would only wait
         // again.
         "    retry-on conn-failure empty-response\n"
         "    timeout connect " +
         time_of(milliseconds_of(timeouts.connect, 5000)) +
         "\n"
         "    timeout client " +
         time_of(milliseconds_of(timeouts.client, 50000)) +
         "\n"
         "    timeout server " +
         time_of(silence_of_servers(spec)) +
         "\n"
         "    timeout http-request 8s\n"
         "    timeout http-keep-alive 10s\n"
         "    timeout queue 3s\n\n";
}

std::string rate_limit_rules(const api::RateLimit& limit) {
  if (limit.requests_per_second <= 0 && limit.connections_per_source <= 0) return "";
  const std::string too_many =
      "    http-request return status 429 content-type text/plain string \"Too many requests: try again in a "
      "second.\\n\" hdr Retry-After 1 if ";
  // An IPv6 sender owns a whole /64.
  std::string out =
      "    stick-table type ipv6 size 100k expire 60s store conn_cur,http_req_rate(1s),gpc0_rate(1s)\n"
      "    tcp-request connection track-sc0 src,ipmask(32,64)\n";
  if (limit.connections_per_source > 0)
    out += too_many + "{ sc_conn_cur(0) gt " + std::to_string(limit.connections_per_source) + " }\n";
  if (limit.requests_per_second > 0) {
    // A sender has few addresses for all its users and sends in bursts, so deliveries count apart: they do not use up
    // what their sender may read, nor the other way round.
    const auto deliveries = std::max<std::int64_t>(kFewestDeliveries, std::int64_t{10} * limit.requests_per_second);
    out +=
        "    acl is_delivery path -m beg -i /webhooks/\n"
        "    acl is_delivery path -i /webhook /webhook/\n"
        "    http-request sc-inc-gpc0(0) unless is_delivery\n";
    out += too_many + "{ sc_gpc0_rate(0) gt " + std::to_string(limit.requests_per_second) + " } !is_delivery\n";
    out += too_many + "{ sc_http_req_rate(0) gt " + std::to_string(deliveries) + " } is_delivery\n";
  }
  return out;
}

// What every delivery passes, whichever port it came through.
std::string delivery_rules(const api::CadenceClusterSpec& spec, const char* scheme) {
  std::string out = rate_limit_rules(spec.load_balancer.rate_limit);
  // The same request id in our log and the server's; where a sender stands is what the connection says, not what a
  // header claims.
  out +=
      "    unique-id-format %[uuid()]\n"
      "    http-request set-header X-Request-ID %[unique-id]\n"
      "    http-request del-header X-Forwarded-For\n"
      "    http-request del-header X-Forwarded-Host\n"
      "    http-request del-header X-Real-IP\n"
      "    http-request del-header Forwarded\n"
      "    http-request set-header X-Forwarded-Proto " +
      std::string(scheme) +
      "\n"
      "    option forwardfor\n";
  out += "    http-request deny deny_status 404 if { path,url_dec -i -m beg /metrics /livez /debug /admin }\n";
  // A path with a second slash or an escape in it is none that a webhook server knows.
  if (spec.webhook.api.access == "Internal")
    out += "    http-request deny deny_status 404 if { path,url_dec -i -m reg ^/+(jobs|api|pages|ready)(/|$) }\n";
  // Who asks before sending is told here. Who sends at once gets a webhook server's 413, which comes before the body is
  // read and reads on for a while: HAProxy would drop the rest, and the reset that follows takes the answer along
  // (HTTP/1.1) or in its place (HTTP/2: CANCEL).
  const auto limit = std::to_string(spec.webhook.ingest.max_body_bytes);
  const auto too_large = "{ req.hdr_val(content-length) gt " + limit + " }";
  out +=
      "    http-request return status 413 content-type application/json string '{\"error\":\"payload too "
      "large\",\"code\":\"too_large\",\"message\":\"the limit is " +
      limit + " bytes\"}' if { req.hdr(expect) -m found } " + too_large + "\n";
  // Slow senders wait here, not on a webhook server.
  out += "    http-request wait-for-body time 8s unless " + too_large + "\n";
  return out + "    default_backend webhooks\n\n";
}

std::string frontend_sections(const api::CadenceClusterSpec& spec) {
  std::string out = "frontend http\n    bind *:" + std::to_string(kHttpPort) + "\n";
  if (spec.load_balancer.redirect_http) {
    out +=
        "    http-request deny deny_status 400 unless { req.hdr(host) -m found }\n"
        "    http-request redirect code 301 location https://%[req.hdr(host),regsub(:[0-9]+$,)]%[capture.req.uri]\n\n";
  } else {
    out += delivery_rules(spec, "http");
  }
  out +=
      "frontend https\n"
      "    bind *:" +
      std::to_string(kHttpsPort) +
      " ssl crt /run/haproxy/tls.pem alpn h2,http/1.1\n"
      "    http-response set-header Strict-Transport-Security max-age=31536000\n";
  return out + delivery_rules(spec, "https");
}

std::string backend_section(const Context& context) {
  const auto& spec = context.spec();
  const auto& check = spec.load_balancer.health_check;
  std::string out = "backend webhooks\n    balance ";
  out += spec.load_balancer.algorithm == "LeastConnections" ? "leastconn\n" : "roundrobin\n";
  out +=
      "    http-reuse aggressive\n"
      "    option httpchk\n"
      "    http-check send meth GET uri " +
      check.path + " ver HTTP/1.1 hdr Host " + context.names().webhook() + "." + context.space() +
      ".svc\n"
      "    http-check expect status 200\n";
  if (silence_of_servers(spec) < kSilenceOfStreams)
    out +=
        "    http-request set-timeout server " + time_of(kSilenceOfStreams) + " if { path -i -m beg /api/stream/ }\n";
  // Not on-marked-down shutdown-sessions: a server that drains fails its check on purpose and still finishes what it
  // has begun.
  out += "    default-server check inter " + time_of(milliseconds_of(check.interval, 2000)) + " fastinter 500ms fall " +
         std::to_string(check.fall) + " rise " + std::to_string(check.rise) + "\n";
  // The agent looks for these very lines when it writes the file that HAProxy reads.
  for (int slot = 1; slot <= haproxy_slots(spec); ++slot)
    out += "    server s" + std::to_string(slot) + " 127.0.0.1:1 check disabled\n";
  return out + "\n";
}

// The kubelet's questions are answered here even where the statistics are switched off.
std::string stats_section(const api::CadenceClusterSpec& spec) {
  const auto& stats = spec.load_balancer.stats;
  std::string out = "frontend stats\n    bind *:" + std::to_string(stats.port) +
                    "\n    http-request set-log-level silent\n    monitor-uri /livez\n";
  // Nothing is sent here before there is somebody to pass it on to; a cluster scaled to zero is the exception.
  if (max_webhook_replicas(spec) > 0)
    out +=
        "    http-request return status 503 content-type text/plain string \"No webhook server is up.\\n\" if { path "
        "/readyz } { nbsrv(webhooks) lt 1 }\n";
  out += "    http-request return status 200 content-type text/plain string \"ok\\n\" if { path /readyz }\n";
  if (stats.enabled) {
    out +=
        "    http-request use-service prometheus-exporter if { path /metrics }\n"
        "    stats enable\n"
        "    stats uri /stats\n"
        "    stats refresh 10s\n"
        "    stats hide-version\n";
  }
  return out;
}

}  // namespace

int haproxy_slots(const api::CadenceClusterSpec& spec) {
  // Small clusters share one number, so that scaling them never needs a reload.
  int slots = 16;
  while (slots < 2 * max_webhook_replicas(spec)) slots *= 2;
  return slots;
}

std::string haproxy_configuration(const Context& context) {
  const auto& spec = context.spec();
  return "# Written by cadence-operator from spec.loadBalancer; edits are overwritten.\n" +
         global_section(spec.load_balancer) + defaults_section(spec) + frontend_sections(spec) +
         backend_section(context) + stats_section(spec);
}

kube::types::ConfigMap build_lb_config(const Context& context) {
  kube::types::ConfigMap out;
  out.metadata = child_metadata(context, context.names().lb(), kLoadBalancer);
  out.data["haproxy.cfg"] = haproxy_configuration(context);
  return out;
}

}  // namespace cadence::resources
