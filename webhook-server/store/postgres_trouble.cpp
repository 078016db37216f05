#include "store/postgres_trouble.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace cadence::store {

namespace {

using queue::Trouble;

// Classes whose primary messages name objects, rights and states of the server. The others may quote values that a job
// holds.
constexpr std::array kTellable = {"08", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX"};

struct Phrase {
  const char* part;
  const char* code;
  const char* said;  // null: what the server said
};

// A session that is refused comes without its SQLSTATE, so the words must do.
constexpr std::array kRefusals = {
    Phrase{"password authentication failed", "28P01", nullptr},
    Phrase{"pg_hba.conf", "28000", nullptr},
    Phrase{"is not permitted to log in", "28000", nullptr},
    Phrase{"certificate authentication failed", "28000", nullptr},
    Phrase{"permission denied for database", "42501", nullptr},
    Phrase{"too many", "53300", nullptr},
    Phrase{"remaining connection slots", "53300", nullptr},
    Phrase{"starting up", "57P03", nullptr},
    Phrase{"shutting down", "57P03", nullptr},
    Phrase{"not yet accepting connections", "57P03", nullptr},
    Phrase{"in recovery mode", "57P03", nullptr},
    Phrase{"administrator command", "57P01", nullptr},
};

constexpr std::array kWithoutAServer = {
    Phrase{"session is read-only", "25006", "the server takes no writes"},
    Phrase{"Could not read a store address", "", "the file with the address of the database is empty or missing"},
    Phrase{"address is malformed", "", "the address of the database is malformed"},
    Phrase{"all connections are busy", "", "all connections of this webhook server are busy"},
    Phrase{"could not translate host name", "08001", "the host name of the database is not known"},
    Phrase{"Connection refused", "08001", "the connection was refused"},
    Phrase{"timeout expired", "08001", "no answer in time"},
    Phrase{"timed out", "08001", "no answer in time"},
    Phrase{"did not answer in time", "08001", "no answer in time"},
    Phrase{"certificate", "08001", "the certificate was not accepted"},
    Phrase{"SSL", "08001", "TLS failed"},
    Phrase{"server closed the connection", "08006", "the connection broke"},
    Phrase{"Connection reset", "08006", "the connection broke"},
    Phrase{"not connected", "08006", "the connection broke"},
};

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return std::string(base::trim(base::clipped(base::trim(out), queue::kLongestTrouble)));
}

// Without the severity, which has a word of its own in each language, and without the place in our statement.
std::string primary_of(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (const auto severity = text.find(":  "); severity < 20) text.remove_prefix(severity + 3);
  if (const auto place = text.rfind(" at character "); place != std::string_view::npos) text = text.substr(0, place);
  return printable(text);
}

std::string without_quoted(std::string_view text) {
  std::string out;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') out += is_quoted ? "\"" : "\"…";
    else if (!is_quoted) out += c;
    is_quoted = is_quoted != (c == '"');
  }
  return is_quoted ? out + "\"" : out;
}

std::optional<Phrase> find(const auto& phrases, std::string_view text) {
  const auto at = std::find_if(phrases.begin(), phrases.end(),
                               [&](const Phrase& phrase) { return text.find(phrase.part) != std::string_view::npos; });
  return at == phrases.end() ? std::nullopt : std::optional(*at);
}

Trouble refused_session(std::string_view said) {
  const bool is_missing = said.find("does not exist") != std::string_view::npos;
  const auto words = printable(without_quoted(primary_of(said)));
  if (const auto known = find(kRefusals, said)) return {known->code, words};
  if (is_missing) return {said.find("database \"") != std::string_view::npos ? "3D000" : "28000", words};
  return {"08004", words};
}

}  // namespace

Trouble trouble_of(const std::string& sqlstate, std::string_view text) {
  if (!sqlstate.empty()) {
    const bool is_tellable =
        std::any_of(kTellable.begin(), kTellable.end(), [&](const char* group) { return sqlstate.starts_with(group); });
    return {printable(sqlstate), is_tellable ? primary_of(text) : "a statement failed"};
  }
  for (const char* severity : {"FATAL:  ", "ERROR:  "}) {
    if (const auto at = text.find(severity); at != std::string_view::npos)
      return refused_session(text.substr(at, text.find('\n', at) - at));
  }
  const auto known = find(kWithoutAServer, text);
  return known ? Trouble{known->code, known->said} : Trouble{"08000", "no session could be opened"};
}

}  // namespace cadence::store
