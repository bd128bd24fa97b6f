#include "recording/entry_json.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <variant>

#include "base/base64.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace curfew::recording {
namespace {

enum class ByteClass : unsigned char { plain, escaped, beyond_ascii };

constexpr std::array<ByteClass, 256> classify_bytes() {
    std::array<ByteClass, 256> classes{};
    for (std::size_t byte = 0; byte < classes.size(); ++byte) {
        if (byte >= 0x80)
            classes[byte] = ByteClass::beyond_ascii;
        else if (byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\')
            classes[byte] = ByteClass::escaped;
    }
    return classes;
}
constexpr std::array<ByteClass, 256> byte_classes = classify_bytes();

ByteClass class_of(char byte) {
    return byte_classes[static_cast<unsigned char>(byte)];
}

bool is_text(std::string_view bytes) {
    for (const char byte : bytes) {
        if (class_of(byte) == ByteClass::beyond_ascii) return is_utf8(bytes);
    }
    return true;
}

void append_escaped(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[static_cast<unsigned char>(byte) >> 4U];
            out += digits[static_cast<unsigned char>(byte) & 15U];
    }
}

// In quotes. `text` is UTF-8.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (class_of(text[at]) != ByteClass::escaped) continue;
        out.append(text, plain_from, at - plain_from);
        append_escaped(out, text[at]);
        plain_from = at + 1;
    }
    out.append(text, plain_from);
    out += '"';
}

void append_number(std::string& out, std::integral auto number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

// The members of one line, those with their usual value left out.
class Members {
public:
    explicit Members(std::string& out) : out_{out} {}

    void text(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        if (is_text(text)) {
            begin(name);
            append_quoted(out_, text);
            return;
        }
        begin(name, "_base64");
        append_base64(text);
    }
    void word(std::string_view name, std::string_view word) {
        begin(name);
        append_quoted(out_, word);
    }
    void number(std::string_view name, std::integral auto number) {
        if (number == 0) return;
        begin(name);
        append_number(out_, number);
    }
    void took(Offset took) { number("took", took.count()); }
    // Of bytes that may have been cut.
    void size(std::uint64_t size, std::string_view kept) {
        if (size == kept.size()) return;
        begin("size");
        append_number(out_, size);
    }
    void flag(std::string_view name, bool holds) {
        if (!holds) return;
        begin(name);
        out_ += "true";
    }
    void instant(std::string_view name, WallInstant instant) { word(name, format_utc(instant)); }
    template <class List, class Append>
    void list(std::string_view name, const List& list, Append append) {
        if (list.empty()) return;
        begin(name);
        out_ += '[';
        bool first = true;
        for (const auto& item : list) {
            if (!first) out_ += ',';
            first = false;
            append(item);
        }
        out_ += ']';
    }
    void values(std::string_view name, const std::vector<Value>& values) {
        list(name, values, [this](const Value& value) { append_value(value); });
    }
    void names(std::string_view name, const std::vector<std::string>& names) {
        list(name, names, [this](const std::string& text) { append_text_item(text, text.size()); });
    }
    void numbers(std::string_view name, const std::vector<std::uint32_t>& numbers) {
        list(name, numbers, [this](std::uint32_t number) { append_number(out_, number); });
    }
    void map(std::string_view name, const std::map<std::string, std::string>& map) {
        pairs(name, map, true);
        pairs(name, map, false);
    }

private:
    void begin(std::string_view name, std::string_view suffix = {}) {
        out_ += ",\"";
        out_ += name;
        out_ += suffix;
        out_ += "\":";
    }
    void append_base64(std::string_view bytes) {
        out_ += '"';
        out_ += encode_base64(bytes);
        out_ += '"';
    }
    void append_size(std::uint64_t size, std::size_t kept) {
        if (size == kept) return;
        out_ += ",\"size\":";
        append_number(out_, size);
    }
    void append_text_item(std::string_view text, std::uint64_t size) {
        const bool whole = size == text.size();
        if (whole && is_text(text)) return append_quoted(out_, text);
        if (is_text(text)) {
            out_ += "{\"text\":";
            append_quoted(out_, text);
        } else {
            out_ += "{\"text_base64\":";
            append_base64(text);
        }
        append_size(size, text.size());
        out_ += '}';
    }
    void append_value(const Value& value) {
        switch (value.form) {
            case Value::Form::null:
                out_ += "null";
                return;
            case Value::Form::text:
                append_text_item(value.bytes, value.size);
                return;
            case Value::Form::binary:
                out_ += "{\"binary\":";
                append_base64(value.bytes);
                append_size(value.size, value.bytes.size());
                out_ += '}';
                return;
            case Value::Form::redacted:
                out_ += "{\"redacted\":true";
                append_size(value.size, 0);
                out_ += '}';
                return;
        }
    }
    // Those pairs whose both sides are text, or those of which one is not.
    void pairs(std::string_view name, const std::map<std::string, std::string>& map, bool as_text) {
        bool any = false;
        for (const auto& [key, value] : map) {
            if ((is_text(key) && is_text(value)) != as_text) continue;
            if (!any) begin(name, as_text ? "" : "_base64");
            out_ += any ? ',' : '{';
            any = true;
            append_either(key, as_text);
            out_ += ':';
            append_either(value, as_text);
        }
        if (any) out_ += '}';
    }
    void append_either(std::string_view bytes, bool as_text) {
        if (as_text)
            append_quoted(out_, bytes);
        else
            append_base64(bytes);
    }

    std::string& out_;
};

std::string_view word_of(entry::CopyStarted::Direction direction) {
    using Direction = entry::CopyStarted::Direction;
    switch (direction) {
        case Direction::in:
            return "in";
        case Direction::out:
            return "out";
        case Direction::both:
            return "both";
    }
    return "in";
}

// A function for each kind.
struct AppendMembers {
    Members& members;

    void operator()(const entry::Started& it) const {
        members.text("session", it.session.text());
        members.text("grant", it.grant.text());
        members.text("user", it.user);
        members.text("resource", it.resource);
        members.text("database", it.database);
        members.text("node", it.node);
        members.text("client_address", it.client_address);
        members.map("parameters", it.parameters);
        members.text("login_role", it.login_role);
        members.number("backend_pid", it.backend_pid);
        members.flag("tls", it.tls);
        members.flag("replication", it.replication);
        members.instant("time", it.at);
        members.word("mode", policy::to_string(it.mode));
    }
    void operator()(const entry::Query& it) const {
        members.text("sql", it.sql);
        members.size(it.size, it.sql);
        members.flag("redacted", it.redacted);
    }
    void operator()(const entry::Parse& it) const {
        members.text("statement", it.statement);
        members.text("sql", it.sql);
        members.size(it.size, it.sql);
        members.flag("redacted", it.redacted);
        members.numbers("parameter_types", it.parameter_types);
    }
    void operator()(const entry::Bind& it) const {
        members.text("portal", it.portal);
        members.text("statement", it.statement);
        members.values("parameters", it.parameters);
    }
    void operator()(const entry::Execute& it) const {
        members.text("portal", it.portal);
        members.text("statement", it.statement);
        members.number("max_rows", it.max_rows);
    }
    void operator()(const entry::FunctionCall& it) const {
        members.number("function", it.function);
        members.values("arguments", it.arguments);
    }
    void operator()(const entry::CancelAsked&) const {}
    void operator()(const entry::Columns& it) const { members.names("names", it.names); }
    void operator()(const entry::Row& it) const { members.values("values", it.values); }
    void operator()(const entry::CopyStarted& it) const { members.word("direction", word_of(it.direction)); }
    void operator()(const entry::CopyEnded& it) const {
        members.word("direction", word_of(it.direction));
        members.number("bytes", it.bytes);
        members.number("messages", it.messages);
        members.text("failed", it.failed);
    }
    void operator()(const entry::Completed& it) const {
        members.text("tag", it.tag);
        members.flag("suspended", it.suspended);
        members.number("rows", it.rows);
        members.number("row_bytes", it.row_bytes);
        members.number("rows_kept", it.rows_kept);
        members.took(it.took);
    }
    void operator()(const entry::Failed& it) const {
        members.text("severity", it.severity);
        members.text("sqlstate", it.sqlstate);
        members.text("message", it.message);
        members.text("detail", it.detail);
        members.text("hint", it.hint);
        members.took(it.took);
    }
    void operator()(const entry::Notice& it) const {
        members.text("severity", it.severity);
        members.text("sqlstate", it.sqlstate);
        members.text("message", it.message);
        members.flag("by_curfew", it.by_curfew);
    }
    void operator()(const entry::Notified& it) const {
        members.text("channel", it.channel);
        members.text("payload", it.payload);
    }
    void operator()(const entry::ParameterChanged& it) const {
        members.text("name", it.name);
        members.text("value", it.value);
    }
    void operator()(const entry::Ready& it) const { members.text("status", {&it.status, 1}); }
    void operator()(const entry::Gap& it) const {
        members.text("what", it.what);
        members.number("bytes", it.bytes);
    }
    void operator()(const entry::Ended& it) const {
        members.word("cause", policy::to_string(it.cause));
        members.text("why", it.why);
        members.text("last_statement", it.last_statement);
        members.word("outcome", policy::to_string(it.outcome));
        members.instant("time", it.at);
        members.number("bytes_from_client", it.bytes_from_client);
        members.number("bytes_to_client", it.bytes_to_client);
    }
};

}  // namespace

std::string_view kind_of(const entry::Content& content) {
    return entry_kinds.at(content.index());
}

void append_json(std::string& out, const Entry& entry) {
    out += "{\"at\":";
    append_number(out, entry.at.count());
    out += ",\"kind\":\"";
    out += kind_of(entry.content);
    out += '"';
    Members members{out};
    std::visit(AppendMembers{members}, entry.content);
    out += '}';
}

std::string to_json(const Entry& entry) {
    std::string line;
    append_json(line, entry);
    return line;
}

}  // namespace curfew::recording
