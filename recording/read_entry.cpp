// An Entry out of its line of JSON.
#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "recording/entry_json.hpp"

namespace curfew::recording {
namespace {

namespace json = boost::json;

// Deeper than any entry, for what later versions may add.
constexpr std::size_t deepest_entry = 16;

// Some 36,000 years: whatever is read can be counted with.
constexpr std::int64_t latest_offset = std::int64_t{1} << 60U;

std::string_view text_view(const json::string& text) {
    return {text.data(), text.size()};
}

// The members of a line or of an object in it. What is wrong is noted, and reading goes on with the usual
// value.
class ReadMembers {
public:
    ReadMembers(const json::object& object, std::string& problem) : object_{object}, problem_{problem} {}

    std::string text(std::string_view name) const {
        if (const json::value* found = find(name)) {
            if (found->is_string()) return std::string{text_view(found->get_string())};
            note(name, "is no text");
            return {};
        }
        const std::string encoded_name = std::string{name} + "_base64";
        if (const json::value* found = find(encoded_name)) return decoded(*found, encoded_name);
        return {};
    }
    template <std::integral Number>
    Number number(std::string_view name, Number usual = 0) const {
        const json::value* found = find(name);
        return found == nullptr ? usual : number_of<Number>(*found, name);
    }
    bool flag(std::string_view name) const {
        const json::value* found = find(name);
        if (found == nullptr) return false;
        if (!found->is_bool()) note(name, "is neither true nor false");
        return found->is_bool() && found->get_bool();
    }
    Offset offset(std::string_view name) const {
        const auto microseconds = number<std::int64_t>(name);
        const bool can_be = microseconds >= -latest_offset && microseconds <= latest_offset;
        if (!can_be) note(name, "is out of all bounds");
        return Offset{can_be ? microseconds : 0};
    }
    WallInstant instant(std::string_view name) const {
        const std::string written = text(name);
        if (written.empty()) return {};
        const auto parsed = parse_utc(written);
        if (!parsed) note(name, "is no time");
        return parsed.value_or(WallInstant{});
    }
    template <class Identifier>
    Identifier id(std::string_view name) const {
        const std::string written = text(name);
        if (written.empty()) return {};
        const auto parsed = Identifier::parse(written);
        if (!parsed) note(name, "is no identifier");
        return parsed.value_or(Identifier{});
    }
    template <class Item, class Read>
    std::vector<Item> list(std::string_view name, Read read) const {
        std::vector<Item> items;
        const json::value* found = find(name);
        if (found == nullptr) return items;
        if (!found->is_array()) {
            note(name, "is no list");
            return items;
        }
        items.reserve(found->get_array().size());
        for (const json::value& item : found->get_array())
            items.push_back(read(item));
        return items;
    }
    std::vector<Value> values(std::string_view name) const {
        return list<Value>(name, [&](const json::value& item) { return value_of(item, name); });
    }
    std::vector<std::string> names(std::string_view name) const {
        return list<std::string>(name, [&](const json::value& item) { return value_of(item, name).bytes; });
    }
    std::vector<std::uint32_t> numbers(std::string_view name) const {
        return list<std::uint32_t>(
            name, [&](const json::value& item) { return number_of<std::uint32_t>(item, name); });
    }
    std::map<std::string, std::string> map(std::string_view name) const {
        std::map<std::string, std::string> map;
        each_pair(name, [&](std::string_view key, const json::value& value) {
            if (!value.is_string()) return note(name, "has a value that is no text");
            map.emplace(key, text_view(value.get_string()));
        });
        const std::string encoded_name = std::string{name} + "_base64";
        each_pair(encoded_name, [&](std::string_view key, const json::value& value) {
            auto name_of_it = decode_base64(key);
            if (!name_of_it) return note(encoded_name, "has a name that is no base64");
            map.emplace(std::move(*name_of_it), decoded(value, encoded_name));
        });
        return map;
    }
    const json::value* find(std::string_view name) const {
        return object_.if_contains({name.data(), name.size()});
    }
    void note(std::string_view name, std::string_view what) const {
        if (problem_.empty()) problem_ = fmt::format("its '{}' {}", name, what);
    }

private:
    template <class See>
    void each_pair(std::string_view name, See see) const {
        const json::value* found = find(name);
        if (found == nullptr) return;
        if (!found->is_object()) return note(name, "is no object");
        for (const auto& pair : found->get_object())
            see(std::string_view{pair.key().data(), pair.key().size()}, pair.value());
    }
    template <std::integral Number>
    Number number_of(const json::value& value, std::string_view name) const {
        json::error_code error;
        const Number number = value.is_number() ? value.to_number<Number>(error) : Number{};
        if (error || !value.is_number()) {
            note(name, "is no whole number, or too large a one");
            return {};
        }
        return number;
    }
    std::string decoded(const json::value& value, std::string_view name) const {
        auto bytes = value.is_string() ? decode_base64(text_view(value.get_string())) : std::nullopt;
        if (!bytes) note(name, "is no base64");
        return std::move(bytes).value_or(std::string{});
    }
    Value value_of(const json::value& item, std::string_view name) const {
        if (item.is_null()) return {};
        if (item.is_string()) {
            const std::string_view text = text_view(item.get_string());
            return {Value::Form::text, std::string{text}, text.size()};
        }
        if (!item.is_object()) {
            note(name, "has something that is no value");
            return {};
        }
        const ReadMembers members{item.get_object(), problem_};
        Value value;
        if (members.flag("redacted")) {
            value.form = Value::Form::redacted;
        } else if (const json::value* binary = members.find("binary")) {
            value.form = Value::Form::binary;
            value.bytes = decoded(*binary, "binary");
        } else {
            value.form = Value::Form::text;
            value.bytes = members.text("text");
        }
        value.size = members.number<std::uint64_t>("size", value.bytes.size());
        return value;
    }

    const json::object& object_;
    std::string& problem_;
};

entry::CopyStarted::Direction direction_of(const ReadMembers& members) {
    using Direction = entry::CopyStarted::Direction;
    const std::string word = members.text("direction");
    if (word == "out") return Direction::out;
    if (word == "both") return Direction::both;
    if (word != "in") members.note("direction", "is neither in, out nor both");
    return Direction::in;
}

entry::Content read_started(const ReadMembers& members) {
    entry::Started it;
    it.session = members.id<SessionId>("session");
    it.grant = members.id<GrantId>("grant");
    it.user = members.text("user");
    it.resource = members.text("resource");
    it.database = members.text("database");
    it.node = members.text("node");
    it.client_address = members.text("client_address");
    it.parameters = members.map("parameters");
    it.login_role = members.text("login_role");
    it.backend_pid = members.number<std::int32_t>("backend_pid");
    it.tls = members.flag("tls");
    it.replication = members.flag("replication");
    it.at = members.instant("time");
    it.mode = policy::parse_recording_mode(members.text("mode")).value_or(policy::RecordingMode::statements);
    return it;
}

entry::Content read_query(const ReadMembers& members) {
    entry::Query it;
    it.sql = members.text("sql");
    it.size = members.number<std::uint64_t>("size", it.sql.size());
    it.redacted = members.flag("redacted");
    return it;
}

entry::Content read_parse(const ReadMembers& members) {
    entry::Parse it;
    it.statement = members.text("statement");
    it.sql = members.text("sql");
    it.size = members.number<std::uint64_t>("size", it.sql.size());
    it.redacted = members.flag("redacted");
    it.parameter_types = members.numbers("parameter_types");
    return it;
}

entry::Content read_bind(const ReadMembers& members) {
    return entry::Bind{members.text("portal"), members.text("statement"), members.values("parameters")};
}

entry::Content read_execute(const ReadMembers& members) {
    return entry::Execute{members.text("portal"), members.text("statement"),
                          members.number<std::uint32_t>("max_rows")};
}

entry::Content read_function_call(const ReadMembers& members) {
    return entry::FunctionCall{members.number<std::uint32_t>("function"), members.values("arguments")};
}

entry::Content read_cancel_asked(const ReadMembers&) {
    return entry::CancelAsked{};
}

entry::Content read_columns(const ReadMembers& members) {
    return entry::Columns{members.names("names")};
}

entry::Content read_row(const ReadMembers& members) {
    return entry::Row{members.values("values")};
}

entry::Content read_copy_started(const ReadMembers& members) {
    return entry::CopyStarted{direction_of(members)};
}

entry::Content read_copy_ended(const ReadMembers& members) {
    return entry::CopyEnded{direction_of(members), members.number<std::uint64_t>("bytes"),
                            members.number<std::uint64_t>("messages"), members.text("failed")};
}

entry::Content read_completed(const ReadMembers& members) {
    entry::Completed it;
    it.tag = members.text("tag");
    it.suspended = members.flag("suspended");
    it.rows = members.number<std::uint64_t>("rows");
    it.row_bytes = members.number<std::uint64_t>("row_bytes");
    it.rows_kept = members.number<std::uint64_t>("rows_kept");
    it.took = members.offset("took");
    return it;
}

entry::Content read_failed(const ReadMembers& members) {
    return entry::Failed{members.text("severity"), members.text("sqlstate"), members.text("message"),
                         members.text("detail"),   members.text("hint"),     members.offset("took")};
}

entry::Content read_notice(const ReadMembers& members) {
    return entry::Notice{members.text("severity"), members.text("sqlstate"), members.text("message"),
                         members.flag("by_curfew")};
}

entry::Content read_notified(const ReadMembers& members) {
    return entry::Notified{members.text("channel"), members.text("payload")};
}

entry::Content read_parameter_changed(const ReadMembers& members) {
    return entry::ParameterChanged{members.text("name"), members.text("value")};
}

entry::Content read_ready(const ReadMembers& members) {
    const std::string status = members.text("status");
    if (status.size() != 1) members.note("status", "is not one letter");
    return entry::Ready{status.empty() ? 'I' : status.front()};
}

entry::Content read_gap(const ReadMembers& members) {
    return entry::Gap{members.text("what"), members.number<std::uint64_t>("bytes")};
}

// Words of a later Curfew do not keep the end from being one.
entry::Content read_ended(const ReadMembers& members) {
    entry::Ended it;
    const std::string cause = members.text("cause");
    it.cause = policy::parse_end_cause(cause).value_or(policy::EndCause::failed);
    it.why = members.text("why");
    if (it.why.empty() && !policy::parse_end_cause(cause))
        it.why = fmt::format("for a cause that is not known here: {}", printable(cause, 40));
    it.last_statement = members.text("last_statement");
    it.outcome = policy::parse_transaction_outcome(members.text("outcome"))
                     .value_or(policy::TransactionOutcome::unknown);
    it.at = members.instant("time");
    it.bytes_from_client = members.number<std::uint64_t>("bytes_from_client");
    it.bytes_to_client = members.number<std::uint64_t>("bytes_to_client");
    return it;
}

using ReadContent = entry::Content (*)(const ReadMembers&);
// In the order of entry::Content; their words are those that kind_of gives.
constexpr std::array readers{ReadContent{&read_started},      ReadContent{&read_query},
                             ReadContent{&read_parse},        ReadContent{&read_bind},
                             ReadContent{&read_execute},      ReadContent{&read_function_call},
                             ReadContent{&read_cancel_asked}, ReadContent{&read_columns},
                             ReadContent{&read_row},          ReadContent{&read_copy_started},
                             ReadContent{&read_copy_ended},   ReadContent{&read_completed},
                             ReadContent{&read_failed},       ReadContent{&read_notice},
                             ReadContent{&read_notified},     ReadContent{&read_parameter_changed},
                             ReadContent{&read_ready},        ReadContent{&read_gap},
                             ReadContent{&read_ended}};
static_assert(readers.size() == std::variant_size_v<entry::Content>);

entry::Content read_content(const ReadMembers& members, std::string_view line) {
    const std::string kind = members.text("kind");
    if (kind.empty()) members.note("kind", "is missing");
    for (std::size_t index = 0; index < readers.size(); ++index) {
        if (entry_kinds.at(index) == kind) return readers.at(index)(members);
    }
    return entry::Gap{"an entry of a kind that is not known here: " + printable(kind, 40), line.size()};
}

}  // namespace

Result<Entry> read_entry(std::string_view line) {
    std::array<unsigned char, 4096> memory;
    json::monotonic_resource resource{memory.data(), memory.size()};
    json::error_code error;
    json::parse_options options;
    options.max_depth = deepest_entry;
    const json::value value = json::parse({line.data(), line.size()}, error, &resource, options);
    if (error || !value.is_object())
        return Error{ErrorCode::invalid, "A line of the recording is no entry: it is no JSON object"};
    std::string problem;
    const ReadMembers members{value.get_object(), problem};
    Entry entry;
    if (members.find("at") == nullptr) members.note("at", "is missing");
    entry.at = members.offset("at");
    entry.content = read_content(members, line);
    if (!problem.empty())
        return Error{ErrorCode::invalid, fmt::format("A line of the recording is no entry: {}", problem)};
    return entry;
}

}  // namespace curfew::recording
