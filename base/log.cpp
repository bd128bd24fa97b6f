#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::log {
namespace {

struct Settings {
    std::atomic<Format> format;
    std::atomic<Level> least;
    bool color;
};

Settings& settings() {
    static const bool terminal = ::isatty(STDERR_FILENO) == 1;
    static Settings instance{terminal ? Format::human : Format::json, Level::info, terminal};
    return instance;
}

// spdlog owns the descriptor and the lock; the form of a line is ours.
spdlog::logger& sink() {
    static const auto logger = [] {
        auto made =
            std::make_shared<spdlog::logger>("curfew", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *logger;
}

std::string json_value(const Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        // printable() first: JSON strings must be valid UTF-8, and what a client sends need not be.
        return boost::json::serialize(boost::json::string{printable(*text, 4000)});
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
    if (const auto* number = std::get_if<double>(&value)) {
        return std::isfinite(*number) ? fmt::format("{:.6g}", *number) : "null";  // JSON has no infinity
    }
    return std::get<bool>(value) ? "true" : "false";
}

std::string human_value(const Value& value) {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text == nullptr) return json_value(value);
    const bool plain = !text->empty() && text->find_first_of(" \"=\\") == std::string_view::npos &&
                       printable(*text, 4000) == *text;
    return plain ? std::string{*text} : json_value(value);
}

std::string_view color_of(Level level) {
    switch (level) {
        case Level::debug:
            return "\033[2m";
        case Level::info:
            return "\033[32m";
        case Level::warning:
            return "\033[33m";
        case Level::error:
            return "\033[31m";
    }
    return "";
}

}  // namespace

std::string_view to_string(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

std::optional<Level> parse_level(std::string_view text) {
    for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
        if (to_string(level) == text) return level;
    }
    return std::nullopt;
}

void configure(std::optional<Format> format, Level least) {
    if (format) settings().format = *format;
    settings().least = least;
}

std::string render(Format format, bool color, std::string_view time_utc, Level level, std::string_view event,
                   std::initializer_list<Field> fields) {
    if (format == Format::json) {
        auto line = fmt::format(R"({{"time":"{}","level":"{}","event":{})", time_utc, to_string(level),
                                json_value(event));
        for (const Field& field : fields) {
            line += fmt::format(",{}:{}", json_value(field.name), json_value(field.value));
        }
        return line + "}";
    }
    auto line = fmt::format("{} {}{:<7}{} {}", time_utc, color ? color_of(level) : "", to_string(level),
                            color ? "\033[0m" : "", event);
    for (const Field& field : fields) {
        line += fmt::format(" {}{}={}{}", color ? "\033[2m" : "", field.name, color ? "\033[0m" : "",
                            human_value(field.value));
    }
    return line;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) noexcept {
    try {
        if (level < settings().least.load()) return;
        const auto format = settings().format.load();
        const auto line = render(format, settings().color && format == Format::human,
                                 format_utc(SystemClock{}.wall_now()), level, event, fields);
        sink().log(spdlog::level::info, "{}", line);
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is nowhere left to complain to
    }
}

}  // namespace curfew::log
