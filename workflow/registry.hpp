// Users, groups, resources and rules: declared in the file, or made live while curfewd runs. Owns the
// rulebook that follows from both.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "config/load.hpp"
#include "config/objects.hpp"
#include "proxy/async_mutex.hpp"
#include "store/store.hpp"
#include "workflow/changed_requests.hpp"
#include "workflow/enforcement.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::workflow {

// One object as it stands.
struct ObjectView {
    config::Object object;
    bool declared = false;      // in the file: cannot be changed here
    std::uint64_t version = 0;  // of one that is live, for the next change
    std::string changed_by;
    std::optional<WallInstant> changed_at;
};

// not_found: there is none. What a change is answered that names one.
Error no_such_object(const config::ObjectName& name);
// conflict: the file declares it, and it can be changed nowhere else.
Error declared_object(const config::ObjectName& name);

// Belongs to the control thread, and is awaited there. Changes come one after the other.
class Registry {
public:
    // What is declared, read anew; or all that is wrong with it.
    using ReadDeclared = std::function<config::DeclaredResult()>;

    // All outlive it. `read` may be empty: what is declared never changes then.
    Registry(boost::asio::any_io_executor control, store::Store& store, Enforcement& enforcement,
             config::Declared declared, ReadDeclared read);

    // The configuration to start with: declared and live. Before anything else, once. The error lists every
    // problem.
    Awaitable<Result<config::Config>> begin();
    // Ends what does not stand under it: whatever was taken out of the file while curfewd was down. Who is no
    // user any more loses everything that they signed in with. After the node has started.
    Awaitable<Result<void>> catch_up();

    // Reads what another node changed: live objects, and what is claimed of people. What that ended, ended
    // there.
    Awaitable<Result<void>> refresh();

    RulebookPtr rulebook() const noexcept { return rulebook_; }

    // By name.
    std::vector<ObjectView> list(config::ObjectKind kind) const;
    std::optional<ObjectView> find(const config::ObjectName& name) const;

    // Makes the object of a JSON document, or changes it; what it takes from somebody ends in the same act.
    // `expected`: the version that it must have, 0 for none yet; absent: any. invalid: every problem of the
    // document. conflict: it is declared in the file, or there is one where none was expected. outdated: it
    // has another version. not_found: there is none that has the version.
    Awaitable<Result<ObjectView>> put(config::ObjectName name, std::string document,
                                      std::optional<std::uint64_t> expected, Actor by);
    // The same, but only for changing it. not_found: there is none.
    Awaitable<Result<ObjectView>> replace(config::ObjectName name, std::string document,
                                          std::optional<std::uint64_t> expected, Actor by);
    // The same for removing it. What still names it names nothing then; grants of a user and on a resource
    // are revoked, and a user loses everything that they signed in with.
    Awaitable<Result<void>> remove(config::ObjectName name, std::optional<std::uint64_t> expected, Actor by);

    // Keeps a sign-in at the sign-in provider, as store::PeopleStore::add_sign_in does. What stood on a group
    // that the provider claims of them no more has ended when it returns: in the same transaction, and its
    // sessions have been told. forbidden: is no user (any more).
    Awaitable<Result<store::SignIn>> keep_sign_in(store::NewSignIn sign_in);

    // Reads what is declared again. The error lists every problem; nothing has changed then.
    Awaitable<Result<void>> reload();

    // Called with the requests that a change has ended. One at a time; an empty function: none.
    void when_requests_changed(std::function<void(const ChangedRequests&)> call) {
        requests_changed_ = std::move(call);
    }
    // Called with each rulebook that holds from then on, that of begin() included. One at a time.
    void when_rulebook_changed(std::function<void(const RulebookPtr&)> call) {
        rulebook_changed_ = std::move(call);
    }

private:
    void hold_to(RulebookPtr rulebook);
    Awaitable<Result<ObjectView>> write(store::ObjectEdit edit, Actor by);
    Awaitable<Result<void>> change(std::vector<store::ObjectEdit> edits, Actor by);
    Awaitable<void> enforce(std::vector<store::ChangedRequest> requests,
                            std::vector<store::GrantCountdown> grants);
    Awaitable<void> end_lost_grants();
    Awaitable<Result<void>> forget_strangers();
    ObjectView view(config::Object object) const;
    Result<void> may_make(const config::ObjectName& name) const;
    Result<void> may_change(const config::ObjectName& name, std::optional<std::uint64_t> expected) const;

    store::Store& store_;
    Enforcement& enforcement_;
    std::shared_ptr<const config::Declared> declared_;
    ReadDeclared read_;
    proxy::AsyncMutex changing_;
    RulebookPtr rulebook_;
    std::vector<store::LiveObject> live_;
    std::function<void(const ChangedRequests&)> requests_changed_;
    std::function<void(const RulebookPtr&)> rulebook_changed_;
};

}  // namespace curfew::workflow
