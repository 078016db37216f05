// The loop beside a real HAProxy: what HAProxy cannot use of one kind must not hold up the rest, nor its next start.
#include "agent/proxy/follower.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "folder.hpp"
#include "net/pki.hpp"
#include "ports.hpp"

namespace cadence::agent::proxy {
namespace {

const base::Wall kNow = base::system_clock().wall();

net::KeyPair make_pair(const std::string& name) {
  return *net::issue_certificate(*net::make_ca("ca", std::chrono::hours(1), kNow),
                                 {.common_name = name, .dns_names = {name}, .ip_addresses = {}}, kNow);
}

class FollowerTest : public testing::Test {
 protected:
  FollowerTest() : port_(test::free_port()), haproxy_(folder_) {
    std::filesystem::create_directory(folder_ + "/tls");
    mount(make_pair("first"));
    std::ofstream(folder_ + "/mounted.cfg") << configuration();
  }
  ~FollowerTest() override { stop(); }

  std::string configuration() const {
    return "global\n  stats socket " + folder_ +
           "/admin.sock mode 600 level admin\n"
           "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"
           "frontend https\n  bind 127.0.0.1:" +
           std::to_string(port_) + " ssl crt " + folder_ +
           "/tls.pem\n"
           "backend webhooks\n  server s1 127.0.0.1:1 check disabled\n  server s2 127.0.0.1:1 check disabled\n";
  }
  void mount(const net::KeyPair& pair) const {
    std::ofstream(folder_ + "/tls/tls.crt") << pair.certificate_pem;
    std::ofstream(folder_ + "/tls/tls.key") << pair.key_pem;
  }
  void start() {
    std::filesystem::remove(folder_ + "/admin.sock");
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::execlp("haproxy", "haproxy", "-db", "-q", "-f", (folder_ + "/haproxy.cfg").c_str(), nullptr);
    ::_exit(127);
  }
  void stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  bool answers() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!haproxy_.slots()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the pause between two looks
    }
    return true;
  }
  // Of the certificate that a client is shown.
  std::string subject() const {
    const auto out = folder_ + "/subject";
    const auto command = "openssl s_client -connect 127.0.0.1:" + std::to_string(port_) +
                         " </dev/null 2>/dev/null | openssl x509 -noout -subject >" + out + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) return "";
    return read_file(out) ? *read_file(out) : "";
  }
  Follower make_follower() {
    return Follower(haproxy_, {folder_ + "/mounted.cfg", folder_ + "/tls", [this] { return std::optional(endpoints_); },
                               [](auto, auto) {}});
  }

  int port_;
  test::Folder place_;
  std::string folder_ = place_.path();
  HaProxy haproxy_;
  std::vector<Endpoint> endpoints_;
  pid_t pid_ = 0;
};

TEST_F(FollowerTest, APairThatDoesNotFitChangesNothingElse) {
  ASSERT_TRUE(haproxy_.prepare(configuration(), *read_pair(folder_ + "/tls")));
  start();
  ASSERT_TRUE(answers());
  auto follower = make_follower();
  ASSERT_TRUE(follower.step());
  const auto second = make_pair("second");
  mount({second.certificate_pem, make_pair("other").key_pem});
  endpoints_ = {{"10.0.0.1", 8000}};
  for (int turn = 0; turn < 2; ++turn) {
    const auto done = follower.step();
    EXPECT_FALSE(done) << "said as long as it is so";
  }
  EXPECT_EQ(haproxy_.slots()->front().address, "10.0.0.1") << "servers are followed all the same";
  EXPECT_NE(subject().find("first"), std::string::npos) << subject();
  mount(second);
  EXPECT_TRUE(follower.step());
  EXPECT_NE(subject().find("second"), std::string::npos) << subject();
}

TEST_F(FollowerTest, AHaproxyThatCannotStartFindsTheGoodPairAsSoonAsItIsMounted) {
  ASSERT_TRUE(haproxy_.prepare(configuration(), *read_pair(folder_ + "/tls")));
  std::ofstream(folder_ + "/tls.pem") << "garbage";  // what an agent before this one let through
  start();
  int status = 0;
  ASSERT_EQ(::waitpid(pid_, &status, 0), pid_);
  ASSERT_NE(status, 0) << "it shall not start with that";
  pid_ = 0;
  auto follower = make_follower();
  mount({"garbage", "garbage"});
  EXPECT_FALSE(follower.step());
  EXPECT_EQ(haproxy_.file("tls.pem"), "garbage") << "nothing that is no better";
  mount(make_pair("second"));
  endpoints_ = {{"10.0.0.2", 8000}};
  EXPECT_FALSE(follower.step()) << "it does not answer yet";
  start();
  ASSERT_TRUE(answers());
  EXPECT_TRUE(follower.step());
  EXPECT_NE(subject().find("second"), std::string::npos) << subject();
  EXPECT_EQ(haproxy_.slots()->front().address, "10.0.0.2");
}

TEST_F(FollowerTest, WhatIsPreparedMustStart) {
  const auto pair = *read_pair(folder_ + "/tls");
  EXPECT_FALSE(haproxy_.prepare(configuration(), {pair.certificate_pem, make_pair("x").key_pem}));
  EXPECT_FALSE(haproxy_.prepare("nonsense\n", pair));
  EXPECT_EQ(haproxy_.file("haproxy.cfg"), "") << "nothing for a start that cannot be";
  EXPECT_TRUE(haproxy_.prepare(configuration(), pair));
}

}  // namespace
}  // namespace cadence::agent::proxy
