// The log: one structured line an event, to standard error.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace curfew::log {

enum class Level { debug, info, warning, error };
enum class Format {
    json,   // one JSON object a line, for the journal and machines
    human,  // `14:05:00 INFO session.admitted user=alice …`, coloured on a terminal
};

std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view text);

using Value = std::variant<std::string_view, std::int64_t, double, bool>;

// One fact of an event. Text from outside may be passed as it came: it is escaped when written.
struct Field {
    Field(std::string_view name_, std::string_view value_) : name{name_}, value{value_} {}
    Field(std::string_view name_, const std::string& value_) : name{name_}, value{std::string_view{value_}} {}
    Field(std::string_view name_, const char* value_) : name{name_}, value{std::string_view{value_}} {}
    Field(std::string_view name_, bool value_) : name{name_}, value{value_} {}
    Field(std::string_view name_, double value_) : name{name_}, value{value_} {}
    template <std::integral T>
    requires(!std::same_as<T, bool>) Field(std::string_view name_, T value_)
        : name{name_}, value{static_cast<std::int64_t>(value_)} {}

    std::string_view name;
    Value value;
};

// Sets form and least level for the whole process. Thread-safe; until called: human on a terminal, JSON
// elsewhere, from info up.
void configure(std::optional<Format> format, Level least);

// Writes one line: time (UTC), level, event name (`noun.verb`, e.g. `session.ended`), fields in the order
// given. Thread-safe. Never throws: a log line that cannot be written is lost.
void write(Level level, std::string_view event, std::initializer_list<Field> fields) noexcept;

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) noexcept {
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) noexcept {
    write(Level::info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) noexcept {
    write(Level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) noexcept {
    write(Level::error, event, fields);
}

// The line that `write` would produce, without its newline; for tests.
std::string render(Format format, bool color, std::string_view time_utc, Level level, std::string_view event,
                   std::initializer_list<Field> fields);

}  // namespace curfew::log
