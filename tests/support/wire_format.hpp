// PostgreSQL's messages as bytes, written independently of Curfew's own encoders.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::test::wire {

inline constexpr std::uint32_t protocol_3_0 = 196608;
inline constexpr std::uint32_t protocol_3_2 = 196610;

std::string int16(std::uint16_t value);
std::string int32(std::uint32_t value);
std::string cstring(std::string_view text);  // with its terminating zero
std::uint32_t read_int32(std::string_view bytes);

// A packet of the start-up kind: a length word that counts itself, then `body`.
std::string packet(std::string_view body);
// A message: type, length word, body.
std::string message(char type, std::string_view body = {});

using Parameters = std::vector<std::pair<std::string, std::string>>;
std::string startup(const Parameters& parameters, std::uint32_t version = protocol_3_0);
std::string ssl_request();
std::string gssenc_request();
std::string cancel_request(std::uint32_t process_id, std::string_view key);

std::string password(std::string_view text);
std::string sasl_initial_response(std::string_view mechanism, std::string_view data);
std::string query(std::string_view sql);
std::string parse(std::string_view statement, std::string_view sql);
std::string bind(std::string_view portal, std::string_view statement,
                 const std::vector<std::string>& parameters = {});
std::string describe_portal(std::string_view portal);
std::string execute(std::string_view portal, std::uint32_t limit = 0);
std::string sync();
std::string flush();
std::string copy_data(std::string_view bytes);
std::string copy_done();
std::string terminate();

// SQL whose result has no end to speak of and begins at once (a function in FROM alone would be materialised
// first): rows of one column with `size` times `x`.
std::string endless_rows(std::size_t size);
std::string endless_copy(std::size_t size);  // the same by COPY

// A message as received.
struct Message {
    char type = 0;
    std::string body;
};

// The fields of an ErrorResponse or NoticeResponse by their letter.
std::map<char, std::string> report_fields(const Message& report);
// The columns of a DataRow; nullopt for NULL.
std::vector<std::optional<std::string>> row(const Message& data_row);

}  // namespace curfew::test::wire
