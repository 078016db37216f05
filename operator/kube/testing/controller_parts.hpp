// What the simulated controllers read and write of documents. For controllers.cpp and workloads.cpp.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "json/value.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::testing::parts {

core::ObjectKey key_of(const json::Value& object);
std::string uid_of(const json::Value& object);
int number_at(const json::Value& object, std::initializer_list<std::string_view> path, int otherwise);
bool is_going(const json::Value& object);
bool is_ready(const json::Value& pod);
json::Value owner(const json::Value& object);  // a reference to it, as its controller

std::size_t number_of(const std::string& text);  // the same for the same text
// Of the object's own: two different ones may share it only in a world far larger than a test's.
std::string address_of(const json::Value& object, const std::string& prefix);
std::string hash_of(const json::Value& document);  // ten digits

std::set<std::string> claims_of(const json::Value& pod);
// Plural and name of the Secrets and ConfigMaps without which it does not start.
std::set<std::pair<std::string, std::string>> mounts_of(const json::Value& pod);
void set_running(json::Value& pod, bool is_ready);

}  // namespace cadence::kube::testing::parts
