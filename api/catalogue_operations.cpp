#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "api/json_values.hpp"
#include "api/object_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/problem.hpp"
#include "api/proxy_target.hpp"
#include "api/terms_views.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

// What holds for whoever asks, as it does when they make a request. The Unix socket makes nobody an
// administrator in that.
workflow::RulebookPtr as_it_holds_for(const Principal& who, workflow::RulebookPtr rulebook) {
    if (who.user.empty() || who.via == identity::Via::socket) return rulebook;
    return workflow::as_seen_by(person_of(who), std::move(rulebook));
}

struct Catalogue {
    RemoteWorkflow& workflow;
    RemoteNode& node;
    PublicPlaces places;
};

// Everything for administrators, what they may ask for for others.
Awaitable<Reply> list_catalogue(const Catalogue& catalogue, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    const Principal& who = call.who();
    auto asking = catalogue.workflow.rulebook();
    auto in_force = co_await std::move(asking);
    const auto rulebook = as_it_holds_for(who, std::move(in_force));
    auto looking = catalogue.node.status();
    const auto status = co_await std::move(looking);
    const auto people_host = host_towards(call.request, call.peer, catalogue.places.public_url);
    const auto& resources = rulebook->config().resources;
    const bool administrator = rulebook->directory().is_administrator(who.user);

    boost::json::array items;
    std::optional<std::string> next;
    std::string last;
    for (auto place = resources.upper_bound(page->after); place != resources.end(); ++place) {
        const config::Resource& resource = place->second;
        const auto terms_of = [&](policy::RequestType type) {
            return policy::terms_for(who.user, rulebook->target(resource.name), type, rulebook->rules(),
                                     rulebook->directory());
        };
        const auto terms = terms_of(policy::RequestType::jit);
        const auto command_terms = terms_of(policy::RequestType::command);
        if (!who.is_administrator && !terms.may_ask() && !command_terms.may_ask()) continue;
        if (items.size() == page->limit) {
            next = last;
            break;
        }
        const auto target = target_for(resource, rulebook->config(), status.listeners, people_host);
        items.emplace_back(catalogue_entry(resource, target, view(terms, administrator),
                                           view(command_terms, administrator)));
        last = resource.name;
    }
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

struct Question {
    std::string user;  // canonical
    std::string resource;
    policy::RequestType type = policy::RequestType::jit;
};

Result<Question> read_question(const Call& call, const workflow::Rulebook& rulebook) {
    Question question;
    const auto type = policy::parse_request_type(call.parameter("type").value_or("jit"));
    if (!type) return Error{ErrorCode::invalid, "'type' must be jit or command"};
    question.type = *type;
    question.resource = call.parameter("resource").value_or("");
    if (question.resource.empty()) {
        return Error{ErrorCode::invalid, "'resource' is missing: the name of what access is asked for"};
    }
    const auto user = call.parameter("user").value_or(call.who().user);
    if (user.empty()) {
        return Error{ErrorCode::invalid, "'user' is missing: you are no user of Curfew's yourself here"};
    }
    const auto& directory = rulebook.directory();
    if (!call.who().is_administrator && !directory.are_same_person(user, call.who().user)) {
        return Error{ErrorCode::forbidden,
                     "Only administrators may ask about others; leave 'user' out to ask about yourself"};
    }
    const auto canonical = directory.canonical(user);
    if (!canonical) {
        return Error{ErrorCode::not_found, fmt::format("There is no user '{}'", printable(user, 63))};
    }
    if (rulebook.config().find_resource(question.resource) == nullptr) {
        return Error{ErrorCode::not_found,
                     fmt::format("There is no resource '{}'", printable(question.resource, 63))};
    }
    question.user = *canonical;
    return question;
}

Awaitable<Reply> explain(const Catalogue& catalogue, Call call) {
    auto asking = catalogue.workflow.rulebook();
    auto rulebook = co_await std::move(asking);
    const auto question = read_question(call, *rulebook);
    if (!question) co_return problem(question.error());
    if (question->user == call.who().user) rulebook = as_it_holds_for(call.who(), std::move(rulebook));
    auto listing = catalogue.workflow.objects(config::ObjectKind::rule);
    const auto objects = co_await std::move(listing);
    std::map<std::string, const workflow::ObjectView*> by_name;
    for (const auto& object : objects)
        by_name[config::name_of(object.object).name] = &object;

    const auto explanation = policy::explain(question->user, rulebook->target(question->resource),
                                             question->type, rulebook->rules(), rulebook->directory());
    boost::json::array rules;
    for (const auto& line : explanation.lines) {
        // One that was removed a moment ago decides nothing any more.
        const auto found = by_name.find(line.rule->name);
        if (found == by_name.end()) continue;
        rules.emplace_back(
            boost::json::object{{"rule", view(*found->second)}, {"applies", to_string(line.applies)}});
    }
    const boost::json::object body{{"user", text_value(question->user)},
                                   {"resource", text_value(question->resource)},
                                   {"type", to_string(question->type)},
                                   {"administrator", rulebook->directory().is_administrator(question->user)},
                                   {"rules", std::move(rules)},
                                   {"terms", view(explanation.terms)}};
    co_return json_response(http::status::ok, body);
}

}  // namespace

void add_catalogue_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                              PublicPlaces places) {
    const Requirement see{Access::person, {Scope::read}};
    const auto catalogue = std::make_shared<const Catalogue>(Catalogue{workflow, node, std::move(places)});
    const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(const Catalogue&, Call)) {
        router.add(route,
                   [catalogue, operation](Call call) { return operation(*catalogue, std::move(call)); });
    };
    add({http::verb::get, "/catalogue", see, paged()}, list_catalogue);
    add({http::verb::get, "/explain", see, {"user", "resource", "type"}}, explain);
}

}  // namespace curfew::api
