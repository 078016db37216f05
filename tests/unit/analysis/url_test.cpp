// Which URLs, branches and addresses are refused before or at the moment of connecting.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/guard/url.hpp"

namespace cadence::analysis::source {
namespace {

TEST(RepositoryUrl, AcceptsTheFourSchemes) {
  for (const char* url :
       {"https://git.example/a/b.git", "HTTP://Git.Example:8080/a", "git://host/a", "ssh://git@host:22/a.git",
        "https://user:pass@host/a", "https://[2001:4860::1]:443/a", "https://xn--bcher-kva.example/a"}) {
    EXPECT_TRUE(parse_repository_url(url, false).is_ok()) << url;
  }
  EXPECT_EQ(parse_repository_url("HTTP://u:p@Git.Example:8080/a", false)->host, "git.example");
  EXPECT_EQ(parse_repository_url("https://[::1]:443/a", false)->host, "::1");
}

TEST(RepositoryUrl, RefusesEverythingElse) {
  const std::string urls[] = {"",
                              "ftp://host/a",
                              "ext::sh -c touch% /tmp/x",
                              "gopher://host/a",
                              "javascript://host/a",
                              "git@host:a/b.git",
                              "host:a",
                              "https:///a",
                              "https://",
                              "https://-oProxyCommand=x/a",
                              "ssh://-oProxyCommand=x/a",
                              "https://host:0/a",
                              "https://host:99999/a",
                              "https://host:port/a",
                              "https://ho st/a",
                              "https://host/a\nb",
                              std::string("https://host/a\0b", 16),
                              "https://host/\x7f",
                              "https://host/" + std::string(2048, 'a')};
  for (const std::string& url : urls) {
    const auto parsed = parse_repository_url(url, true);
    ASSERT_FALSE(parsed.is_ok()) << url;
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::Invalid) << url;
  }
}

TEST(RepositoryUrl, LocalOnesOnlyWhenAllowed) {
  for (const char* url : {"file:///srv/a.git", "FILE:///srv/a.git", "file:/srv/a", "/srv/a.git", "../a", "a"}) {
    EXPECT_EQ(parse_repository_url(url, false).error().kind, base::ErrorKind::Forbidden) << url;
    EXPECT_TRUE(parse_repository_url(url, true)->is_local) << url;
  }
}

TEST(RepositoryUrl, IsPrintedWithoutSecrets) {
  EXPECT_EQ(printable_url("https://user:secret@host/a.git?token=secret#x"), "https://host/a.git");
  EXPECT_EQ(printable_url("https://user:sec@ret@host/a.git"), "https://host/a.git");
  EXPECT_EQ(printable_url("https://user:sec/ret@host/a.git"), "https://host/a.git");
  EXPECT_EQ(printable_url("https://host/a\r\nb"), "https://host/a??b");
  EXPECT_EQ(printable_url("/srv/" + std::string(300, 'a')).size(), 203U);
  EXPECT_EQ(
      parse_repository_url("ftp://me:secret@host/a", false).error().message,
      "The repository URL \"ftp://host/a\" was refused: only https, http, git and ssh are supported. Use an https URL");
}

TEST(Branch, FollowsTheRulesOfGit) {
  for (const char* name : {"", "main", "feature/x-1", "v1.0", "a@b", "\xc3\xa9t\xc3\xa9"})
    EXPECT_TRUE(check_branch(name).is_ok()) << name;
  for (const std::string& name :
       {std::string("-x"),     std::string("a..b"), std::string("a b"),  std::string("a:b"),    std::string("a~1"),
        std::string("a^"),     std::string("a?"),   std::string("a*"),   std::string("[a"),     std::string("a\\b"),
        std::string("/a"),     std::string("a/"),   std::string("a//b"), std::string("a.lock"), std::string("x/.a"),
        std::string("a."),     std::string("@"),    std::string("a@{b"), std::string("a\nb"),   std::string(256, 'a'),
        std::string("a\0b", 3)}) {
    EXPECT_FALSE(check_branch(name).is_ok()) << name;
  }
}

TEST(HostList, NamesAndWildcards) {
  const std::vector<std::string> hosts = {"Git.Internal", "*.corp.example"};
  EXPECT_TRUE(is_listed_host(hosts, "git.internal"));
  EXPECT_TRUE(is_listed_host(hosts, "a.b.CORP.example"));
  EXPECT_FALSE(is_listed_host(hosts, "corp.example"));
  EXPECT_FALSE(is_listed_host(hosts, "evilcorp.example"));
  EXPECT_FALSE(is_listed_host(hosts, "x.git.internal"));
}

bool is_public(const char* text) {
  Address address;
  sockaddr_in in{};
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
    address.family = AF_INET;
    std::memcpy(&address.storage, &in, sizeof in);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &in6.sin6_addr), 1) << text;
    address.family = AF_INET6;
    std::memcpy(&address.storage, &in6, sizeof in6);
  }
  return is_public_address(address);
}

TEST(Addresses, OnlyGlobalOnesArePublic) {
  for (const char* text : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1",
                           "192.167.0.1", "198.17.0.1", "223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111",
                           "2002:808:808::1", "64:ff9b::808:808", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "127.0.0.1",
                           "127.255.255.254",
                           "10.0.0.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "100.127.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "198.18.0.1",
                           "198.51.100.1",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fec0::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::10.0.0.1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "2002:a00:1::1",
                           "2002:7f00:1::",
                           "4000::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(Addresses, ResolvesOtherSpellingsToTheSameAddress) {
  for (const char* host : {"127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"}) {
    const auto addresses = resolve(host, "80");
    ASSERT_TRUE(addresses.is_ok()) << host;
    for (const Address& address : *addresses)
      EXPECT_FALSE(is_public_address(address)) << host << " " << printable_address(address);
  }
  EXPECT_EQ(resolve("host.invalid", "80").is_ok(), false);
}

TEST(WithoutCredentials, TakesAwayTheNameAndThePasswordAlone) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://bot:p@ss@mill.example:8443/a@b?c@d#e", "https://mill.example:8443/a@b?c@d#e"},
      {"https://mill.example/@mira", "https://mill.example/@mira"},
      {"https://bot:a/b@mill.example/x.git", "https://mill.example/x.git"},
      {"https://mill.example:8443/a@b", "https://mill.example:8443/a@b"},
      {"https://[::1]:8443/a@b", "https://[::1]:8443/a@b"},
      {"ssh://git@mill.example/a.git", "ssh://mill.example/a.git"},
      {"me:hush@mill.example/a", "mill.example/a"},
      {"mill.example?to=a@b", "mill.example?to=a@b"},
      {"/srv/a@b", "/srv/a@b"},
      {"", ""}};
  for (const auto& [url, shown] : rows) EXPECT_EQ(without_credentials(url), shown) << url;
}

}  // namespace
}  // namespace cadence::analysis::source
