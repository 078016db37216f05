#include "ingest/providers/all.hpp"

#include <algorithm>

#include "ingest/providers/azure_devops.hpp"
#include "ingest/providers/bitbucket.hpp"
#include "ingest/providers/gitea.hpp"
#include "ingest/providers/github.hpp"
#include "ingest/providers/gitlab.hpp"
#include "ingest/providers/standard.hpp"
#include "net/http.hpp"

namespace cadence::ingest {

const std::vector<const Provider*>& all_providers() {
  static const std::vector<const Provider*> all = {&forgejo(), &gitea(),     &gogs(),
                                                   &gitlab(),  &bitbucket(), &bitbucket_server(),
                                                   &github(),  &standard(),  &azure_devops()};
  return all;
}

bool is_marked(const Provider& provider, const net::RequestHead& head) {
  return std::any_of(provider.marks.begin(), provider.marks.end(),
                     [&](auto mark) { return !net::find_header(head.headers, mark).empty(); });
}

}  // namespace cadence::ingest
