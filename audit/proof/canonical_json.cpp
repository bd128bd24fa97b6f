#include "audit/proof/canonical_json.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <vector>

namespace curfew::audit {
namespace {

namespace json = boost::json;

void write_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default: {
                const auto byte = static_cast<unsigned char>(c);
                if (byte >= 0x20) {
                    out += c;
                } else {
                    out += "\\u00";
                    out += digits[byte >> 4U];
                    out += digits[byte & 0xFU];
                }
            }
        }
    }
    out += '"';
}

void write_value(std::string& out, const json::value& value);

void write_object(std::string& out, const json::object& object) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object)
        members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* member : members) {
        if (out.back() != '{') out += ',';
        write_string(out, member->key());
        out += ':';
        write_value(out, member->value());
    }
    out += '}';
}

void write_array(std::string& out, const json::array& array) {
    out += '[';
    bool first = true;
    for (const json::value& element : array) {
        if (!first) out += ',';
        first = false;
        write_value(out, element);
    }
    out += ']';
}

void write_value(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            out += "null";
            break;
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            break;
        case json::kind::int64:
            out += std::to_string(value.get_int64());
            break;
        case json::kind::uint64:
            out += std::to_string(value.get_uint64());
            break;
        case json::kind::double_:
            break;  // there is none
        case json::kind::string:
            write_string(out, value.get_string());
            break;
        case json::kind::array:
            write_array(out, value.get_array());
            break;
        case json::kind::object:
            write_object(out, value.get_object());
            break;
    }
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Of a value and all in it. `odd` becomes true where there is a fraction, or a name that is not of ASCII.
std::size_t count_members(const json::value& value, bool& odd) {
    std::size_t count = 0;
    if (value.is_double()) odd = true;
    if (const auto* array = value.if_array()) {
        for (const json::value& element : *array)
            count += count_members(element, odd);
    } else if (const auto* object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            if (!is_ascii(name)) odd = true;
            count += 1 + count_members(member, odd);
        }
    }
    return count;
}

// In text that is JSON, each member has a colon behind its name, and no other colon stands outside of
// strings.
std::size_t count_members_written(std::string_view text) {
    std::size_t count = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') in_string = !in_string;
        if (in_string && text[i] == '\\') ++i;
        if (!in_string && text[i] == ':') ++count;
    }
    return count;
}

Error is_not(std::string_view what, std::string_view why) {
    return {ErrorCode::invalid, std::string{what}.append(" ").append(why)};
}

}  // namespace

std::string canonical_json(const json::value& value) {
    std::string out;
    write_value(out, value);
    return out;
}

Result<json::object> parse_signed_json(std::string_view text, std::size_t longest, std::string_view what) {
    if (text.size() > longest) return is_not(what, "is longer than " + std::to_string(longest) + " bytes");
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error) return is_not(what, "is not JSON: " + error.message());
    auto* object = value.if_object();
    if (object == nullptr) return is_not(what, "is JSON, but no object");
    bool odd = false;
    const std::size_t members = count_members(value, odd);
    if (odd) return is_not(what, "has a number with a fraction, or a name that is not of ASCII");
    if (members != count_members_written(text)) return is_not(what, "has the same member twice");
    return std::move(*object);
}

}  // namespace curfew::audit
