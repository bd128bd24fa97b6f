#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "api/object_input.hpp"
#include "api/object_views.hpp"
#include "api/operations.hpp"
#include "api/paging.hpp"
#include "api/preconditions.hpp"
#include "api/problem.hpp"
#include "api/remote_workflow.hpp"
#include "base/percent_encoding.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

using config::ObjectKind;
using config::ObjectName;

constexpr std::array kinds{ObjectKind::user, ObjectKind::group, ObjectKind::resource, ObjectKind::rule};

// What all of them are asked of.
struct Objects {
    RemoteWorkflow& workflow;
    store::PeopleStore& people;
    ObjectKind kind;

    std::string event(std::string_view done) const {
        return fmt::format("admin.{}_{}", config::to_string(kind), done);
    }
    std::string doing(std::string_view what) const {
        return fmt::format("{} {}", what, config::to_string(kind));
    }
};

Awaitable<Result<AboutUsers>> about_users(Objects objects) {
    AboutUsers about;
    if (objects.kind != ObjectKind::user) co_return about;
    auto asking = objects.people.people_with_passwords();
    auto people = co_await std::move(asking);
    if (!people) co_return people.error();
    about.with_passwords = std::move(*people);
    auto looking = objects.workflow.rulebook();
    about.rulebook = co_await std::move(looking);
    co_return about;
}

Awaitable<Reply> answer(Objects objects, http::status status, workflow::ObjectView stands) {
    auto asking = about_users(objects);
    const auto about = co_await std::move(asking);
    if (!about) co_return problem(about.error());
    auto response = json_response(status, view(stands, *about));
    // What is declared has no version: the file is changed as a whole.
    if (!stands.declared) response.set(http::field::etag, etag_of(stands.version));
    co_return response;
}

Awaitable<Reply> list_objects(Objects objects, Call call) {
    const auto page = read_page(call);
    if (!page) co_return problem(page.error());
    auto asking = objects.workflow.objects(objects.kind);
    auto stands = co_await std::move(asking);
    std::erase_if(stands, [&](const workflow::ObjectView& one) {
        return config::name_of(one.object).name <= page->after;
    });
    std::sort(stands.begin(), stands.end(), [](const auto& a, const auto& b) {
        return config::name_of(a.object).name < config::name_of(b.object).name;
    });
    std::optional<std::string> next;
    if (stands.size() > page->limit) {
        stands.resize(page->limit);
        next = config::name_of(stands.back().object).name;
    }
    auto learning = about_users(objects);
    const auto about = co_await std::move(learning);
    if (!about) co_return problem(about.error());
    boost::json::array items;
    for (const auto& one : stands)
        items.emplace_back(view(one, *about));
    co_return json_response(http::status::ok, list_document(std::move(items), next));
}

Awaitable<Reply> show_object(Objects objects, Call call) {
    const ObjectName name{objects.kind, call.id};
    auto asking = objects.workflow.find_object(name);
    auto stands = co_await std::move(asking);
    if (!stands) co_return problem(workflow::no_such_object(name));
    auto answering = answer(objects, http::status::ok, std::move(*stands));
    Reply reply = co_await std::move(answering);
    co_return reply;
}

Awaitable<Reply> create_object(Objects objects, Call call) {
    auto wanted = read_named_settings(call.request);
    if (!wanted) co_return refused(objects.doing("create"), call.actor(), "", wanted.error());
    const ObjectName name{objects.kind, std::move(wanted->name)};
    auto making = objects.workflow.put_object(name, std::move(wanted->settings), 0, call.recorded());
    auto made = co_await std::move(making);
    if (!made) co_return refused(objects.doing("create"), call.actor(), name.name, made.error());
    log_done(objects.event("created"), call.actor(), name.name);
    auto answering = answer(objects, http::status::created, std::move(*made));
    Reply reply = co_await std::move(answering);
    if (auto* response = std::get_if<Response>(&reply)) {
        response->set(
            http::field::location,
            fmt::format("{}/{}/{}", api_prefix, config::section_of(name.kind), encode_segment(name.name)));
    }
    co_return reply;
}

// What the object must be for it to be changed; nullopt: whatever it is. Else the answer.
using Precondition = std::variant<std::optional<std::uint64_t>, Response>;

// That it is there, and can be changed at all, comes before which version the asker has seen: what is
// declared has none.
Awaitable<Precondition> precondition(Objects objects, std::string_view what, const Call& call) {
    const ObjectName name{objects.kind, call.id};
    auto asking = objects.workflow.find_object(name);
    const auto stands = co_await std::move(asking);
    if (!stands)
        co_return refused(objects.doing(what), call.actor(), call.id, workflow::no_such_object(name));
    if (stands->declared)
        co_return refused(objects.doing(what), call.actor(), call.id, workflow::declared_object(name));
    co_return expected_version(call.request);
}

Awaitable<Reply> replace_object(Objects objects, Call call) {
    auto asking = precondition(objects, "change", call);
    auto expected = co_await std::move(asking);
    if (auto* refusal = std::get_if<Response>(&expected)) co_return std::move(*refusal);
    auto settings = read_settings(call.request);
    if (!settings) co_return refused(objects.doing("change"), call.actor(), call.id, settings.error());
    const ObjectName name{objects.kind, call.id};
    const auto version = std::get<std::optional<std::uint64_t>>(expected);
    auto changing = objects.workflow.replace_object(name, std::move(*settings), version, call.recorded());
    auto changed = co_await std::move(changing);
    if (!changed) co_return refused(objects.doing("change"), call.actor(), call.id, changed.error());
    log_done(objects.event("changed"), call.actor(), call.id);
    auto answering = answer(objects, http::status::ok, std::move(*changed));
    Reply reply = co_await std::move(answering);
    co_return reply;
}

Awaitable<Reply> remove_object(Objects objects, Call call) {
    auto asking = precondition(objects, "remove", call);
    auto expected = co_await std::move(asking);
    if (auto* refusal = std::get_if<Response>(&expected)) co_return std::move(*refusal);
    const ObjectName name{objects.kind, call.id};
    const auto version = std::get<std::optional<std::uint64_t>>(expected);
    auto removing = objects.workflow.remove_object(name, version, call.recorded());
    const auto removed = co_await std::move(removing);
    if (!removed) co_return refused(objects.doing("remove"), call.actor(), call.id, removed.error());
    log_done(objects.event("removed"), call.actor(), call.id);
    co_return no_content();
}

}  // namespace

void add_object_operations(Router& router, RemoteWorkflow& workflow, store::PeopleStore& people) {
    const Requirement see{Access::administrator, {Scope::read}};
    const Requirement administer{Access::administrator, {Scope::admin}};
    for (const ObjectKind kind : kinds) {
        const Objects objects{workflow, people, kind};
        const auto add = [&](const Route& route, Awaitable<Reply> (*operation)(Objects, Call)) {
            router.add(route,
                       [objects, operation](Call call) { return operation(objects, std::move(call)); });
        };
        const auto list = fmt::format("/{}", config::section_of(kind));
        const auto one = list + "/{name}";
        add({http::verb::get, list, see, paged()}, list_objects);
        add({http::verb::post, list, administer, {}, true}, create_object);
        add({http::verb::get, one, see}, show_object);
        add({http::verb::put, one, administer, {}, false, true}, replace_object);
        add({http::verb::delete_, one, administer, {}, false, true}, remove_object);
    }
}

}  // namespace curfew::api
