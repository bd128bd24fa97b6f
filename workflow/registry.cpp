#include "workflow/registry.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "config/merge.hpp"
#include "workflow/carry_out.hpp"
#include "workflow/command_grants.hpp"
#include "workflow/decisions.hpp"

namespace curfew::workflow {
namespace {

config::ObjectName name_of(const store::LiveObject& object) {
    return {static_cast<config::ObjectKind>(object.kind), object.name};
}

store::ObjectKind kind_in_store(config::ObjectKind kind) {
    return static_cast<store::ObjectKind>(kind);
}
static_assert(static_cast<int>(config::ObjectKind::user) == static_cast<int>(store::ObjectKind::user));
static_assert(static_cast<int>(config::ObjectKind::group) == static_cast<int>(store::ObjectKind::group));
static_assert(static_cast<int>(config::ObjectKind::resource) ==
              static_cast<int>(store::ObjectKind::resource));
static_assert(static_cast<int>(config::ObjectKind::rule) == static_cast<int>(store::ObjectKind::rule));

// Problems of `sent`, the object that somebody sends the document of, are told by its members.
Error all_of(const std::vector<config::Problem>& problems,
             const std::optional<config::ObjectName>& sent = std::nullopt) {
    Error error{ErrorCode::invalid, ""};
    const std::string file = sent ? config::live_file(*sent) : "";
    for (const config::Problem& problem : problems) {
        const auto text = config::to_string(problem);
        error.message += (error.message.empty() ? "" : "\n") + text;
        if (!sent) continue;
        const bool is_of_another = problem.file != file;
        error.problems.push_back({is_of_another ? "" : problem.key, is_of_another ? text : problem.message});
    }
    return error;
}

// The object that these edits put first; nullopt: they take something away.
std::optional<config::ObjectName> sent_by(const std::vector<store::ObjectEdit>& edits) {
    if (edits.empty() || !edits.front().document) return std::nullopt;
    return config::ObjectName{static_cast<config::ObjectKind>(edits.front().kind), edits.front().name};
}

// Declared and live together, and what is claimed of their people.
Result<RulebookPtr> merged(const config::Declared& declared, const std::vector<store::LiveObject>& live,
                           ClaimedGroups claimed,
                           const std::optional<config::ObjectName>& sent = std::nullopt) {
    std::vector<config::LiveObject> objects;
    objects.reserve(live.size());
    for (const store::LiveObject& object : live)
        objects.push_back({name_of(object), object.document});
    config::LoadResult loaded = config::merge(declared, objects);
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&loaded))
        return all_of(*problems, sent);
    auto whole = std::make_shared<const config::Config>(std::move(std::get<config::Config>(loaded)));
    return std::make_shared<const Rulebook>(std::move(whole), std::move(claimed));
}

// What is wrong with the objects that these edits put.
std::optional<Error> problems_of(const std::vector<store::ObjectEdit>& edits, const Rulebook& rulebook) {
    std::vector<config::Problem> problems;
    for (const store::ObjectEdit& edit : edits) {
        if (!edit.document) continue;
        const config::ObjectName name{static_cast<config::ObjectKind>(edit.kind), edit.name};
        const auto object = config::find_object(rulebook.config(), name);
        if (!object) continue;
        std::vector<config::Problem> some = config::check_object(*object, rulebook.config());
        std::move(some.begin(), some.end(), std::back_inserter(problems));
    }
    if (problems.empty()) return std::nullopt;
    return all_of(problems, sent_by(edits));
}

// What is live, with these objects in place of whatever the edits are about.
std::vector<store::LiveObject> edited(std::vector<store::LiveObject> live,
                                      const std::vector<store::ObjectEdit>& edits,
                                      std::vector<store::LiveObject> put) {
    for (const store::ObjectEdit& edit : edits) {
        std::erase_if(live, [&edit](const store::LiveObject& object) {
            return object.kind == edit.kind && object.name == edit.name;
        });
    }
    std::move(put.begin(), put.end(), std::back_inserter(live));
    std::sort(live.begin(), live.end(), [](const store::LiveObject& a, const store::LiveObject& b) {
        return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
    });
    return live;
}

// The objects that the edits would put.
std::vector<store::LiveObject> wanted_by(const std::vector<store::ObjectEdit>& edits) {
    std::vector<store::LiveObject> wanted;
    for (const store::ObjectEdit& edit : edits) {
        if (!edit.document) continue;
        store::LiveObject object;
        object.kind = edit.kind;
        object.name = edit.name;
        object.document = *edit.document;
        wanted.push_back(std::move(object));
    }
    return wanted;
}

// What is valid and perhaps not meant; what was said of the configuration before is not said again.
void log_remarks(const config::Config& config, const config::Config* before) {
    for (const config::Problem& remark : config.remarks) {
        const bool known = before != nullptr && std::find(before->remarks.begin(), before->remarks.end(),
                                                          remark) != before->remarks.end();
        if (!known) log::warning("config.remark", {{"remark", config::to_string(remark)}});
    }
}

}  // namespace

Error no_such_object(const config::ObjectName& name) {
    return {ErrorCode::not_found, "there is no " + config::to_string(name)};
}

Error declared_object(const config::ObjectName& name) {
    return {ErrorCode::conflict,
            config::to_string(name) + " is declared in the configuration file: change it there, and reload"};
}

Registry::Registry(boost::asio::any_io_executor control, store::Store& store, Enforcement& enforcement,
                   config::Declared declared, ReadDeclared read)
    : store_{store},
      enforcement_{enforcement},
      declared_{std::make_shared<const config::Declared>(std::move(declared))},
      read_{std::move(read)},
      changing_{std::move(control)} {}

void Registry::hold_to(RulebookPtr rulebook) {
    rulebook_ = std::move(rulebook);
    if (rulebook_changed_) rulebook_changed_(rulebook_);
}

Awaitable<Result<config::Config>> Registry::begin() {
    auto live = co_await store_.live_objects();
    if (!live) co_return live.error();
    const auto claims = co_await store_.claims();
    if (!claims) co_return claims.error();
    auto rulebook = merged(*declared_, *live, claimed_groups(*claims));
    if (!rulebook) co_return rulebook.error();
    live_ = std::move(*live);
    hold_to(std::move(*rulebook));
    log_remarks(rulebook_->config(), nullptr);
    co_return rulebook_->config();
}

Awaitable<void> Registry::enforce(std::vector<store::ChangedRequest> requests,
                                  std::vector<store::GrantCountdown> grants) {
    const ChangedRequests which = changed_by(requests);
    co_await carry_out(enforcement_, std::move(requests), std::move(grants));
    if (requests_changed_ && !which->empty()) requests_changed_(which);
}

// Where the store does not take it, whoever connected by such a grant runs nothing under it all the same:
// each command is judged by the rulebook that holds.
Awaitable<void> Registry::end_lost_grants() {
    const auto ended = co_await end_lost_command_grants(store_, enforcement_, rulebook_);
    if (!ended) log::error("grants.not_reconsidered", {{"error", ended.error().message}});
}

Awaitable<Result<void>> Registry::catch_up() {
    store::ReconsiderRequest how = to_reconsider(rulebook_);
    auto ended = co_await store_.change_open_requests(std::move(how));
    if (!ended) co_return ended.error();
    co_await enforce(std::move(*ended), {});
    auto grants = co_await end_lost_command_grants(store_, enforcement_, rulebook_);
    if (!grants) co_return grants;
    co_return co_await forget_strangers();
}

Awaitable<Result<void>> Registry::refresh() {
    const auto hold = co_await changing_.hold();
    auto live = co_await store_.live_objects();
    if (!live) co_return live.error();
    const auto claims = co_await store_.claims();
    if (!claims) co_return claims.error();
    ClaimedGroups claimed = claimed_groups(*claims);
    if (*live == live_ && claimed == rulebook_->claimed()) co_return Result<void>{};
    auto next = merged(*declared_, *live, std::move(claimed));
    if (!next) co_return next.error();
    if (*live != live_) {
        config::Config wanted = (*next)->config();
        auto used = co_await enforcement_.use(std::move(wanted));
        if (!used) co_return used.error();
        log_remarks((*next)->config(), &rulebook_->config());
    }
    live_ = std::move(*live);
    hold_to(std::move(*next));
    // What this node gave by the rules before, after the other one had looked.
    co_await end_lost_grants();
    co_return Result<void>{};
}

// Whoever comes by the name of one of them later is somebody else.
Awaitable<Result<void>> Registry::forget_strangers() {
    std::set<std::string> users;
    for (const auto& entry : rulebook_->config().users)
        users.insert(entry.first);
    auto forgotten = co_await store_.forget_all_but(std::move(users), "curfewd");
    if (!forgotten) co_return forgotten.error();
    for (const std::string& name : *forgotten)
        log::info("person.forgotten", {{"user", name}});
    co_return Result<void>{};
}

ObjectView Registry::view(config::Object object) const {
    ObjectView view;
    const config::ObjectName name = config::name_of(object);
    view.object = std::move(object);
    const auto found = std::find_if(live_.begin(), live_.end(),
                                    [&name](const store::LiveObject& live) { return name_of(live) == name; });
    view.declared = found == live_.end();
    if (view.declared) return view;
    view.version = found->version;
    view.changed_by = found->changed_by;
    view.changed_at = found->changed_at;
    return view;
}

std::vector<ObjectView> Registry::list(config::ObjectKind kind) const {
    const config::Config& config = rulebook_->config();
    std::vector<config::ObjectName> names;
    switch (kind) {
        case config::ObjectKind::user:
            for (const auto& [name, user] : config.users)
                names.push_back({kind, name});
            break;
        case config::ObjectKind::group:
            for (const auto& [name, members] : config.groups)
                names.push_back({kind, name});
            break;
        case config::ObjectKind::resource:
            for (const auto& [name, resource] : config.resources)
                names.push_back({kind, name});
            break;
        case config::ObjectKind::rule:
            for (const policy::Rule& rule : config.rules)
                names.push_back({kind, rule.name});
            break;
    }
    std::vector<ObjectView> views;
    views.reserve(names.size());
    for (const config::ObjectName& name : names) {
        if (auto one = find(name)) views.push_back(std::move(*one));
    }
    return views;
}

std::optional<ObjectView> Registry::find(const config::ObjectName& name) const {
    auto object = config::find_object(rulebook_->config(), name);
    if (!object) return std::nullopt;
    return view(std::move(*object));
}

Result<void> Registry::may_make(const config::ObjectName& name) const {
    const auto stands = find(name);
    if (!stands) return {};
    if (stands->declared) return declared_object(name);
    return Error{ErrorCode::conflict,
                 config::to_string(name) + " exists already; change that one, or remove it first"};
}

// Asked before the node is told anything: what it ends for a change that is refused then stays ended.
Result<void> Registry::may_change(const config::ObjectName& name,
                                  std::optional<std::uint64_t> expected) const {
    const auto stands = find(name);
    if (!stands) return no_such_object(name);
    if (stands->declared) return declared_object(name);
    if (!expected || *expected == stands->version) return {};
    return Error{ErrorCode::outdated, config::to_string(name) +
                                          " was changed since it was read; read it again and repeat the "
                                          "change"};
}

Awaitable<Result<ObjectView>> Registry::put(config::ObjectName name, std::string document,
                                            std::optional<std::uint64_t> expected, Actor by) {
    const auto hold = co_await changing_.hold();
    Result<void> may;
    if (expected == 0U) {
        may = may_make(name);
    } else if (expected || find(name)) {
        may = may_change(name, expected);
    }
    if (!may) co_return may.error();
    store::ObjectEdit edit{kind_in_store(name.kind), std::move(name.name), std::move(document), expected};
    co_return co_await write(std::move(edit), std::move(by));
}

Awaitable<Result<ObjectView>> Registry::replace(config::ObjectName name, std::string document,
                                                std::optional<std::uint64_t> expected, Actor by) {
    const auto hold = co_await changing_.hold();
    if (auto may = may_change(name, expected); !may) co_return may.error();
    store::ObjectEdit edit{kind_in_store(name.kind), std::move(name.name), std::move(document), expected};
    co_return co_await write(std::move(edit), std::move(by));
}

Awaitable<Result<ObjectView>> Registry::write(store::ObjectEdit edit, Actor by) {
    const config::ObjectName name{static_cast<config::ObjectKind>(edit.kind), edit.name};
    std::vector<store::ObjectEdit> edits;
    edits.push_back(std::move(edit));
    auto changed = co_await change(std::move(edits), std::move(by));
    if (!changed) co_return changed.error();
    auto stands = find(name);
    if (!stands)
        co_return Error{ErrorCode::internal, config::to_string(name) + " was written and is not there"};
    co_return std::move(*stands);
}

Awaitable<Result<void>> Registry::remove(config::ObjectName name, std::optional<std::uint64_t> expected,
                                         Actor by) {
    const auto hold = co_await changing_.hold();
    if (auto may = may_change(name, expected); !may) co_return may.error();
    std::vector<store::ObjectEdit> edits;
    edits.push_back({kind_in_store(name.kind), name.name, std::nullopt, expected});
    if (name.kind == config::ObjectKind::user) {
        for (const config::Group& group : config::groups_without(rulebook_->config(), name.name)) {
            edits.push_back({store::ObjectKind::group, group.name,
                             boost::json::serialize(config::to_json(config::Object{group})), std::nullopt});
        }
    }
    co_return co_await change(std::move(edits), std::move(by));
}

// The node runs under what will be before it is written: what it cannot run under is not written, and what is
// taken away is gone by the time that it is.
Awaitable<Result<void>> Registry::change(std::vector<store::ObjectEdit> edits, Actor by) {
    auto next =
        merged(*declared_, edited(live_, edits, wanted_by(edits)), rulebook_->claimed(), sent_by(edits));
    if (!next) co_return next.error();
    if (auto problems = problems_of(edits, **next)) co_return std::move(*problems);
    config::Config wanted = (*next)->config();
    auto used = co_await enforcement_.use(std::move(wanted));
    if (!used) co_return used.error();

    store::JudgeObjects judge =
        [declared = declared_, claimed = rulebook_->claimed(),
         edits](const std::vector<store::LiveObject>& live) -> Result<store::ReconsiderRequest> {
        auto rulebook = merged(*declared, live, claimed, sent_by(edits));
        if (!rulebook) return rulebook.error();
        if (auto problems = problems_of(edits, **rulebook)) return std::move(*problems);
        return to_reconsider(std::move(*rulebook));
    };
    auto changed = co_await store_.change_live_objects(edits, std::move(by), std::move(judge));
    if (!changed) {
        config::Config as_before = rulebook_->config();
        auto back = co_await enforcement_.use(std::move(as_before));
        if (!back) log::error("config.not_restored", {{"error", back.error().message}});
        co_return changed.error();
    }
    live_ = edited(std::move(live_), edits, std::move(changed->objects));
    log_remarks((*next)->config(), &rulebook_->config());
    hold_to(std::move(*next));
    co_await enforce(std::move(changed->requests), std::move(changed->grants));
    co_await end_lost_grants();
    co_return Result<void>{};
}

Awaitable<Result<store::SignIn>> Registry::keep_sign_in(store::NewSignIn sign_in) {
    const auto hold = co_await changing_.hold();
    if (rulebook_->config().find_user(sign_in.user) == nullptr)
        co_return Error{ErrorCode::forbidden, "this user does not exist any more"};
    store::JudgeClaims judge = [rulebook = rulebook_](const std::vector<store::Claims>& claims) {
        return to_reconsider(rulebook->with(claimed_groups(claims)));
    };
    auto begun = co_await store_.add_sign_in_and_judge(std::move(sign_in), std::move(judge));
    if (!begun) co_return begun.error();
    if (begun->claims) hold_to(rulebook_->with(claimed_groups(*begun->claims)));
    co_await enforce(std::move(begun->requests), {});
    if (begun->claims) co_await end_lost_grants();
    co_return std::move(begun->sign_in);
}

Awaitable<Result<void>> Registry::reload() {
    if (!read_)
        co_return Error{ErrorCode::conflict,
                        "this curfewd runs without a configuration file: nothing to reload"};
    const auto hold = co_await changing_.hold();
    config::DeclaredResult read = read_();
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&read)) co_return all_of(*problems);
    auto declared = std::make_shared<const config::Declared>(std::move(std::get<config::Declared>(read)));
    auto next = merged(*declared, live_, rulebook_->claimed());
    if (!next) co_return next.error();
    config::Config wanted = (*next)->config();
    auto used = co_await enforcement_.use(std::move(wanted));
    if (!used) co_return used.error();
    declared_ = std::move(declared);
    log_remarks((*next)->config(), &rulebook_->config());
    hold_to(std::move(*next));
    co_return co_await catch_up();
}

}  // namespace curfew::workflow
