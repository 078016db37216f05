// Requests and answers of pages: where a page stands, its session cookie, its headers. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "net/server.hpp"

namespace cadence::api {

// From the place of a request back to the folder of the pages: "", "../", "../../"; "pages/" where the slash is
// missing.
std::string way_up(std::string_view target);
// What stands below that folder, query included: "jobs/ID?until=…".
std::string place_of(std::string_view target);
// Whether a text is such a place, and cannot lead anywhere else.
bool is_place(std::string_view text);
bool is_job_id(std::string_view text);

// Whether a form was sent by a page of this server: by what the browser says of it (Sec-Fetch-Site, else Origin).
bool comes_from_here(const net::RequestHead& head);

// Over TLS the cookie has the prefix that keeps other hosts from setting it (__Host-), and goes back over TLS only.
std::string session_in(const net::RequestHead& head);
std::string session_cookie(const net::RequestHead& head, std::string_view session, std::chrono::seconds lasts);

// With an ETag, and 304 without the page where the request of `asked` has it already.
net::Response page_response(int status, std::string html, const net::RequestHead* asked = nullptr);
// A page with a form: its address may be told to this server, or the browser would not say where the form came from.
net::Response form_response(int status, std::string html);
// A page that brings its own style and script, which it names by hash, and stands alone.
net::Response report_response(std::string html);
net::Response file_response(const net::RequestHead& head, const char* type, const std::string& content);
net::Response redirect(std::string where);

}  // namespace cadence::api
