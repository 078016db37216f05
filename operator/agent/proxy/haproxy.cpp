#include "agent/proxy/haproxy.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/text.hpp"
#include "files/files.hpp"
#include "net/transport.hpp"

extern char** environ;

namespace cadence::agent::proxy {
namespace {

constexpr std::chrono::seconds kSocketDeadline{5};

base::Error problem(const std::string& what, const std::string& detail) {
  return {base::ErrorKind::Transient, what + ": " + detail};
}

}  // namespace

std::string join_pem(const std::string& certificate, const std::string& key) {
  std::string out;
  for (const auto* part : {&certificate, &key}) {
    for (const auto& line : base::split(*part, '\n')) {
      if (!base::trim(line).empty()) out += std::string(base::trim(line)) + "\n";
    }
  }
  return out;
}

base::Result<std::string> read_file(const std::string& path) {
  auto text = files::read(path);
  if (text && text->empty()) return base::Error{base::ErrorKind::NotFound, "Could not read " + path + ": it is empty"};
  return text;
}

base::Result<net::KeyPair> read_pair(const std::string& folder) {
  auto certificate = read_file(folder + "/tls.crt");
  if (!certificate) return certificate.error();
  auto key = read_file(folder + "/tls.key");
  if (!key) return key.error();
  return net::KeyPair{*certificate, *key};
}

// The run folder is memory.
base::Result<void> HaProxy::write(const std::string& name, const std::string& content) const {
  return files::replace(run_ + "/" + name, content, {.is_durable = false});
}

base::Result<void> HaProxy::prepare(const std::string& configuration, const net::KeyPair& pair) {
  if (auto fits = net::check_server_pair(pair); !fits) return fits;
  const auto before = file("tls.pem");
  // The configuration names the file, so it is there when the configuration is checked.
  if (auto done = write("tls.pem", join_pem(pair.certificate_pem, pair.key_pem)); !done) return done;
  if (auto done = check(configuration); !done) {
    if (!before.empty()) static_cast<void>(write("tls.pem", before));
    return done;
  }
  return write("haproxy.cfg", configuration);
}

std::string HaProxy::file(const std::string& name) const {
  const auto found = read_file(run_ + "/" + name);
  return found ? *found : "";
}

base::Result<std::string> HaProxy::ask(const std::string& command) const {
  return net::ask_unix_socket(run_ + "/admin.sock", command + "\n", kSocketDeadline);
}

base::Result<std::vector<Slot>> HaProxy::slots() const {
  auto answer = ask(std::string("show servers state ") + kBackend);
  if (!answer) return answer.error();
  auto slots = parse_servers_state(*answer, kBackend);
  if (slots.empty())
    return problem("HAProxy told no servers of backend " + std::string(kBackend), answer->substr(0, 200));
  return slots;
}

base::Result<void> HaProxy::send(const std::vector<std::string>& commands) const {
  for (const auto& command : commands) {
    auto answer = ask(command);
    if (!answer) return answer.error();
    // "set server … addr" answers with a sentence that says what changed; refusals of the runtime API name their cause.
    const auto text = base::to_lower(base::trim(*answer));
    for (const char* refusal :
         {"no such", "invalid", "unknown", "can't", "cannot", "require", "error", "permission denied"}) {
      if (text.find(refusal) != std::string::npos)
        return problem("HAProxy refused \"" + command + "\"", std::string(base::trim(*answer)));
    }
  }
  return {};
}

base::Result<void> HaProxy::renew_certificate(const std::string& pem) {
  const auto path = run_ + "/tls.pem";
  auto loaded = ask("set ssl cert " + path + " <<\n" + pem);
  if (!loaded) return loaded.error();
  auto committed = ask("commit ssl cert " + path);
  if (!committed) return committed.error();
  if (committed->find("Success") == std::string::npos) {
    static_cast<void>(ask("abort ssl cert " + path));
    return problem("HAProxy refused the new certificate",
                   std::string(base::trim(*loaded)) + " " + std::string(base::trim(*committed)));
  }
  return write("tls.pem", pem);
}

base::Result<void> HaProxy::check(const std::string& configuration) const {
  if (auto written = write("candidate.cfg", configuration); !written) return written;
  const auto candidate = run_ + "/candidate.cfg";
  const char* arguments[] = {"haproxy", "-c", "-q", "-f", candidate.c_str(), nullptr};
  pid_t child = 0;
  if (const int failed = posix_spawnp(&child, "haproxy", nullptr, nullptr, const_cast<char**>(arguments), environ);
      failed != 0) {
    return problem("Could not start haproxy -c", std::strerror(failed));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return base::Error{base::ErrorKind::Invalid,
                       "HAProxy refused the new configuration: it goes on with the last good one, see the lines above"};
  }
  return {};
}

base::Result<void> HaProxy::reload(const std::string& configuration, const std::vector<Slot>& slots) {
  const auto filled = fill_configuration(configuration, slots);
  if (auto good = check(filled); !good) return good;
  if (auto written = write("haproxy.cfg", filled); !written) return written;
  auto answer = net::ask_unix_socket(run_ + "/master.sock", "reload\n", kSocketDeadline);
  if (!answer) return answer.error();
  return {};
}

base::Result<void> HaProxy::remember(const std::string& configuration, const std::vector<Slot>& slots) const {
  return write("haproxy.cfg", fill_configuration(configuration, slots));
}

}  // namespace cadence::agent::proxy
