#include "proxy/offline_lines.hpp"

#include <boost/json/array.hpp>
#include <stdexcept>
#include <utility>

#include "base/time_text.hpp"

namespace curfew::proxy {
namespace {

namespace json = boost::json;

[[noreturn]] void fail(std::string_view name) {
    throw std::runtime_error{"'" + std::string{name} + "' cannot be read"};
}

template <class T>
T required(std::optional<T> value, std::string_view name) {
    if (!value) fail(name);
    return std::move(*value);
}

WallInstant read_instant(const json::object& line, std::string_view name) {
    return required(parse_utc(read_text(line, name)), name);
}

std::int64_t read_number(const json::object& line, std::string_view name) {
    return line.at(name).as_int64();
}

}  // namespace

std::string read_text(const json::object& line, std::string_view name) {
    return std::string{line.at(name).as_string()};
}

json::object line_of(const OfflineRecord& record) {
    const policy::OfflineAcceptance& acceptance = record.acceptance;
    json::array signers;
    for (const std::string& signer : acceptance.signers)
        signers.emplace_back(signer);
    json::object line{{"document", policy::to_token(acceptance.document)},
                      {"user", acceptance.user},
                      {"signers", std::move(signers)},
                      {"grant", acceptance.grant.text()},
                      {"request", acceptance.request.text()},
                      {"submitted_by", record.submitted_by},
                      {"at", format_utc(record.at)},
                      {"boot", record.boot},
                      {"boot_ns", record.boot_at.time_since_epoch().count()}};
    // To be kept: it is no password, and the file is this user's alone.
    if (record.verifier) line["verifier"] = record.verifier->reveal();
    return line;
}

OfflineRecord read_record(const json::object& line) {
    OfflineRecord record;
    auto document = policy::parse_offline_document(read_text(line, "document"));
    if (!document) throw std::runtime_error{document.error().message};
    record.acceptance.document = std::move(*document);
    record.acceptance.user = read_text(line, "user");
    for (const json::value& signer : line.at("signers").as_array())
        record.acceptance.signers.emplace_back(signer.as_string());
    record.acceptance.grant = required(GrantId::parse(read_text(line, "grant")), "grant");
    record.acceptance.request = required(RequestId::parse(read_text(line, "request")), "request");
    record.submitted_by = read_text(line, "submitted_by");
    record.at = read_instant(line, "at");
    record.boot = read_text(line, "boot");
    record.boot_at = BootInstant{Duration{read_number(line, "boot_ns")}};
    if (line.contains("verifier")) record.verifier.emplace(read_text(line, "verifier"));
    return record;
}

json::object line_of(const store::SessionRecord& session) {
    return {{"id", session.id.text()},
            {"grant", session.grant.text()},
            {"user", session.user},
            {"resource", session.resource},
            {"database", session.database},
            {"node", session.node},
            {"client_address", session.client_address},
            {"application_name", session.application_name},
            {"backend_pid", session.backend.pid},
            {"backend_started", session.backend.started},
            {"started_at", format_utc(session.started_at)}};
}

store::SessionRecord read_session(const json::object& line) {
    store::SessionRecord session;
    session.id = required(SessionId::parse(read_text(line, "id")), "id");
    session.grant = required(GrantId::parse(read_text(line, "grant")), "grant");
    session.user = read_text(line, "user");
    session.resource = read_text(line, "resource");
    session.database = read_text(line, "database");
    session.node = read_text(line, "node");
    session.client_address = read_text(line, "client_address");
    session.application_name = read_text(line, "application_name");
    session.backend.pid = static_cast<std::int32_t>(read_number(line, "backend_pid"));
    session.backend.started = read_text(line, "backend_started");
    session.started_at = read_instant(line, "started_at");
    return session;
}

}  // namespace curfew::proxy
