// The APIs that statuses are told to, each as its provider documents it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "feedback/forge.hpp"
#include "json/value.hpp"

namespace cadence::feedback {

const Forge& github();            // POST /repos/OWNER/NAME/statuses/SHA
const Forge& gitlab();            // POST /projects/ID/statuses/SHA
const Forge& gitea();             // POST /repos/OWNER/NAME/statuses/SHA
const Forge& forgejo();           // the same
const Forge& bitbucket();         // POST /repositories/WORKSPACE/NAME/commit/SHA/statuses/build
const Forge& bitbucket_server();  // POST /projects/KEY/repos/NAME/commits/SHA/builds

// The body of a status as GitHub documents it and Gitea took it over; beyond that length a description is refused.
json::Value status_body(const Status& status, std::size_t longest_description);

// Check runs are for GitHub Apps alone. They tell what statuses cannot: that something is worth a look and no reason to
// refuse the commit (conclusion neutral). A run that is known by its id is changed, else a new one is made.
net::Request say_check_run(const Status& status, const std::string& id);
// All runs of ours on that commit, and of those the one of a job: it was made by somebody who could not note its id.
net::Request ask_for_check_runs(const Status& status);
std::string check_run_of(const json::Value& answer, const std::string& job_id);  // empty: none

// What opens a repository to a GitHub App (github_app.hpp).
net::Request ask_for_installation(std::string_view full_name);
net::Request ask_for_token(std::int64_t installation, std::string_view full_name);
net::Header bearer(const std::string& token);

// Requests with the headers that GitHub wants to see.
net::Request ask_github(std::string target);
net::Request post_to_github(std::string target, std::string body);

}  // namespace cadence::feedback
