#include "api/json_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/beast/core/string.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_subject = 80;  // `group:` and a name, and some to spare
constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_duration = 40;

bool is_json(const Request& request) {
    const auto type = request[http::field::content_type];
    return type.empty() || boost::beast::iequals(type.substr(0, type.find(';')), "application/json");
}

}  // namespace

Result<ObjectReader> ObjectReader::parse(const Request& request) {
    if (request.body().empty()) return ObjectReader{json::object{}};
    if (!is_json(request)) return Error{ErrorCode::invalid, "The body must be application/json"};
    json::parse_options options;
    options.max_depth = 4;
    json::error_code error;
    const auto document = json::parse(request.body(), error, {}, options);
    if (error) return Error{ErrorCode::invalid, "The body is not JSON: " + error.message()};
    if (!document.is_object()) return Error{ErrorCode::invalid, "The body must be a JSON object"};
    return ObjectReader{document.get_object()};
}

void ObjectReader::add_problem(std::string_view member, std::string sentence) {
    problems_.push_back({sentence, {std::string{member}, sentence}});
}

void ObjectReader::add_refusal(std::string_view member, const std::string& why) {
    problems_.push_back({fmt::format("'{}': {}", member, why), {std::string{member}, why}});
}

const json::value* ObjectReader::find(std::string_view name) {
    asked_for_.emplace(name);
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string ObjectReader::optional_text(std::string_view name, std::size_t longest) {
    const json::value* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        add_problem(name, fmt::format("'{}' must be text", name));
        return {};
    }
    if (value->get_string().size() > longest) {
        add_problem(name, fmt::format("'{}' is longer than {} bytes", name, longest));
        return {};
    }
    return std::string{value->get_string()};
}

std::string ObjectReader::required_text(std::string_view name, std::size_t longest) {
    const auto problems_before = problems_.size();
    auto text = optional_text(name, longest);
    if (text.empty() && problems_.size() == problems_before) {
        add_problem(name, fmt::format("'{}' is missing", name));
    }
    return text;
}

Duration ObjectReader::required_duration(std::string_view name) {
    if (find(name) == nullptr) {
        add_problem(name, fmt::format("'{}' is missing: a duration such as 30m, 2h or 1h30m", name));
        return Duration::zero();
    }
    return optional_duration(name);
}

Duration ObjectReader::optional_duration(std::string_view name) {
    if (find(name) == nullptr) return Duration::zero();
    const auto problems_before = problems_.size();
    const auto text = optional_text(name, longest_duration);
    if (problems_.size() > problems_before) return Duration::zero();
    const auto duration = parse_duration(text);
    if (!duration) {
        add_refusal(name, duration.error().message);
        return Duration::zero();
    }
    return *duration;
}

bool ObjectReader::optional_flag(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) {
        add_problem(name, fmt::format("'{}' must be true or false", name));
        return false;
    }
    return value->get_bool();
}

std::optional<ObjectReader> ObjectReader::optional_object(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
        add_problem(name, fmt::format("'{}' must be an object", name));
        return std::nullopt;
    }
    return ObjectReader{value->get_object()};
}

void ObjectReader::take_problems(std::string_view name, const ObjectReader& within) {
    const auto error = within.error();
    if (!error) return;
    for (const MemberProblem& one : error->problems) {
        const auto member = fmt::format("{}.{}", name, one.member);
        problems_.push_back({fmt::format("in '{}': {}", name, one.detail), {member, one.detail}});
    }
}

std::vector<std::string> ObjectReader::required_texts(std::string_view name) {
    const json::value* value = find(name);
    std::vector<std::string> texts;
    if (value != nullptr && value->is_array()) {
        for (const json::value& item : value->get_array()) {
            if (item.is_string()) texts.emplace_back(item.get_string());
        }
    }
    if (texts.empty() || texts.size() != value->get_array().size()) {
        texts.clear();
        add_problem(name, fmt::format("'{}' must be a list of texts, with one at least", name));
    }
    return texts;
}

std::optional<Error> ObjectReader::error() const {
    auto problems = problems_;
    for (const auto& member : object_) {
        const std::string_view name{member.key().data(), member.key().size()};
        if (asked_for_.contains(name)) continue;
        const auto shown = printable(name, 40);
        auto sentence = fmt::format("'{}' is not known here; known: {}", shown, fmt::join(asked_for_, ", "));
        problems.push_back({sentence, {shown, sentence}});
    }
    if (problems.empty()) return std::nullopt;
    Error error{ErrorCode::invalid, ""};
    for (auto& problem : problems) {
        error.message += (error.message.empty() ? "" : "; ") + problem.sentence;
        error.problems.push_back(std::move(problem.where));
    }
    return error;
}

Result<store::NewGrant> read_new_grant(const Request& request, std::string given_by) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    store::NewGrant grant;
    const auto subject_text = reader->required_text("subject", longest_subject);
    if (!subject_text.empty()) {
        auto subject = policy::parse_subject(subject_text);
        if (subject) {
            grant.subject = std::move(*subject);
        } else {
            reader->add_refusal("subject", subject.error().message);
        }
    }
    grant.resource = reader->required_text("resource", longest_name);
    grant.length = reader->required_duration("for");
    grant.starts_in = reader->optional_duration("starts_in");
    grant.reason = reader->optional_text("reason", longest_reason);
    grant.allow_replication = reader->optional_flag("replication");
    grant.given_by = std::move(given_by);
    if (auto error = reader->error()) return *error;
    return grant;
}

Result<Duration> read_extension(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    const Duration by = reader->required_duration("by");
    if (auto error = reader->error()) return *error;
    return by;
}

Result<std::string> read_revocation_reason(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    auto reason = reader->optional_text("reason", longest_reason);
    if (auto error = reader->error()) return *error;
    return reason;
}

Result<void> read_nothing(const Request& request) {
    const auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    if (reader->error()) return Error{ErrorCode::invalid, "This takes no fields; send {} or nothing"};
    return {};
}

}  // namespace curfew::api
