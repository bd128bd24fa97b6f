#include "protocol/postgres/sasl_messages.hpp"

#include <algorithm>
#include <cstdint>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {
namespace {

constexpr std::size_t longest_mechanism_name = 20;
constexpr std::uint32_t no_data = 0xFFFFFFFFU;  // -1

bool is_mechanism_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_mechanism_name &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

// Takes a name and its terminating zero off the front of `rest`.
std::optional<std::string_view> take_mechanism(std::string_view& rest) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos || !is_mechanism_name(rest.substr(0, end))) return std::nullopt;
    const auto name = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return name;
}

}  // namespace

std::optional<std::vector<std::string_view>> parse_sasl_mechanisms(std::string_view list) {
    constexpr std::string_view end_of_list{"\0", 1};
    std::vector<std::string_view> mechanisms;
    while (list != end_of_list) {
        const auto name = take_mechanism(list);
        if (!name || mechanisms.size() == most_sasl_mechanisms) return std::nullopt;
        mechanisms.push_back(*name);
    }
    if (mechanisms.empty()) return std::nullopt;
    return mechanisms;
}

std::optional<SaslInitialResponse> parse_sasl_initial_response(std::string_view body) {
    const auto mechanism = take_mechanism(body);
    if (!mechanism || body.size() < 4) return std::nullopt;
    const std::uint32_t length = read_u32(body.data());
    body.remove_prefix(4);
    if (length == no_data) {
        if (!body.empty()) return std::nullopt;
        return SaslInitialResponse{*mechanism, std::nullopt};
    }
    if (length != body.size()) return std::nullopt;
    return SaslInitialResponse{*mechanism, body};
}

}  // namespace curfew::postgres
