#include "contract.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <memory>
#include <optional>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "api/openapi_document.hpp"
#include "api/operations.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;

// Follows `$ref` to where it leads.
const json::value& resolved(const json::value& value) {
    const auto* reference = value.is_object() ? value.as_object().if_contains("$ref") : nullptr;
    if (reference == nullptr) return value;
    std::string pointer{reference->as_string()};
    return resolved(contract().at_pointer(pointer.substr(1)));
}

std::string upper(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    return result;
}

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> segments;
    while (true) {
        const auto slash = path.find('/');
        segments.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

// How many segments of `path` are those of `pattern` word for word; nullopt: it has another form.
std::optional<std::size_t> matches(const std::string& pattern, const std::string& path) {
    const auto wanted = segments_of(pattern);
    const auto found = segments_of(path);
    if (wanted.size() != found.size()) return std::nullopt;
    std::size_t same = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == found[i]) {
            ++same;
        } else if (!wanted[i].starts_with('{') || found[i].empty()) {
            return std::nullopt;
        }
    }
    return same;
}

const Documented* find_documented(std::string_view method, std::string_view target) {
    if (!target.starts_with(api::api_prefix)) return nullptr;
    const std::string path{target.substr(api::api_prefix.size(), target.find('?') - api::api_prefix.size())};
    const Documented* best = nullptr;
    std::size_t most = 0;
    for (const auto& operation : documented()) {
        const auto same = matches(operation.path, path);
        if (!same || operation.method != (method == "HEAD" ? "GET" : method)) continue;
        if (best == nullptr || *same > most) best = &operation;
        most = std::max(most, *same);
    }
    return best;
}

std::string wrong_by(const json::value& schema, const json::value& value) {
    // The schema with what it refers to, as a document of its own.
    const json::value document =
        json::object{{"allOf", json::array{schema}}, {"components", contract().at("components")}};
    valijson::Schema compiled;
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::BoostJsonAdapter{document}, compiled);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(compiled, valijson::adapters::BoostJsonAdapter{value}, &results)) return {};
    std::string wrong;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const auto& step : error.context)
            wrong += step;
        wrong += ": " + error.description + "\n";
    }
    return wrong.empty() ? "it is not valid" : wrong;
}

// Each line is a value by itself.
std::string wrong_lines(const json::value& schema, std::string_view lines) {
    std::string wrong;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        wrong += wrong_by(schema, json::parse(line));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
    return wrong;
}

std::string media_type(const HttpReply& reply) {
    const auto found = reply.headers.find("content-type");
    return found == reply.headers.end() ? "" : found->second.substr(0, found->second.find(';'));
}

}  // namespace

const json::value& contract() {
    static const json::value document = json::parse(api::openapi_json());
    return document;
}

std::string Documented::access() const {
    return std::string{operation.at("x-access").as_string()};
}

std::vector<std::string> Documented::scopes() const {
    const auto* scope = operation.as_object().if_contains("x-scope");
    if (scope == nullptr) return {};
    std::vector<std::string> scopes;
    if (scope->is_string()) {
        scopes.emplace_back(scope->as_string());
    } else {
        for (const auto& one : scope->as_array())
            scopes.emplace_back(one.as_string());
    }
    std::erase(scopes, "none");
    return scopes;
}

std::vector<std::string> Documented::parameters_in(std::string_view place) const {
    std::vector<std::string> names;
    for (const auto& parameter : parameters) {
        if (parameter.at("in").as_string() == place) names.emplace_back(parameter.at("name").as_string());
    }
    return names;
}

const std::vector<Documented>& documented() {
    static const std::vector<Documented> operations = [] {
        std::vector<Documented> all;
        for (const auto& [path, item] : contract().at("paths").as_object()) {
            for (const auto& [method, operation] : item.as_object()) {
                if (method == "parameters") continue;
                Documented one{upper(method), std::string{path}, operation, {}};
                for (const json::value& holder : {item, operation}) {
                    const auto* parameters = holder.as_object().if_contains("parameters");
                    if (parameters == nullptr) continue;
                    for (const auto& parameter : parameters->as_array())
                        one.parameters.push_back(resolved(parameter));
                }
                all.push_back(std::move(one));
            }
        }
        return all;
    }();
    return operations;
}

std::string wrong_by_contract(std::string_view method, std::string_view target, const HttpReply& reply) {
    const json::value problem{{"$ref", "#/components/schemas/Problem"}};
    const Documented* operation = find_documented(method, target);
    if (operation == nullptr || reply.status == 405) {
        if (reply.status < 400) return reply.status == 204 ? "" : "it is not in the document";
        if (reply.body.empty() && method == "HEAD") return {};
        return media_type(reply) == "application/problem+json" ? wrong_by(problem, reply.json())
                                                               : "it is no problem document";
    }
    const auto& responses = operation->operation.at("responses").as_object();
    const auto* found = responses.if_contains(std::to_string(reply.status));
    if (found == nullptr && reply.status >= 400) found = responses.if_contains("default");
    if (found == nullptr) return operation->name() + " has no answer " + std::to_string(reply.status);
    const auto& response = resolved(*found).as_object();
    const auto* content = response.if_contains("content");
    if (content == nullptr) return reply.body.empty() ? "" : "it is to have no body";
    const auto* media = content->as_object().if_contains(media_type(reply));
    if (media == nullptr) return "its type '" + media_type(reply) + "' is not among those of the document";
    if (method == "HEAD" || !media_type(reply).ends_with("json")) return {};
    if (media_type(reply) == "application/x-ndjson") return wrong_lines(media->at("schema"), reply.body);
    return wrong_by(media->at("schema"), reply.json());
}

void expect_as_documented(std::string_view method, std::string_view target, const HttpReply& reply) {
    const auto wrong = wrong_by_contract(method, target, reply);
    if (!wrong.empty()) {
        ADD_FAILURE() << method << " " << target << " answered " << reply.status << " " << reply.body
                      << "which is not as openapi.yaml says: " << wrong;
    }
}

std::string wrong_by_schema(std::string_view schema, const json::value& value) {
    return wrong_by(json::value{{"$ref", "#/components/schemas/" + std::string{schema}}}, value);
}

}  // namespace curfew::test
