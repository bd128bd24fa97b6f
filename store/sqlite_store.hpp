// The store in one SQLite file, for one node, whatever that is called: its name is the host's, and hosts are
// renamed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace curfew::store {

class CommitQueue;
class StoreLock;

struct SqliteOptions {
    // Told how long each operation took, from being asked to its answer. Called on the store's own thread.
    std::function<void(std::string_view operation, Duration took)> observer;
    // How long another process that holds the database is waited for.
    std::chrono::milliseconds busy_timeout{1000};
};

// What it promises, beyond Store: a thread of its own does all the work, so that no caller's thread ever
// waits for the disk; what waits together is committed together, so that five hundred sessions that end at
// the same instant cost a few flushes. It is away (`unavailable`) while another process holds the file, the
// disk is full or fails, or the file is not in its place any more; it is back by itself when that is over.
// What only reads works on while nothing can be written.
//
// An operation cannot be cancelled: once asked it is done and answered. The executor that awaits it must live
// until then; the store itself, until every operation has been asked.
class SqliteStore final : public Store {
public:
    // Opens the store at `path`; makes it, readable for its owner only, where there is none. Blocks the
    // caller. unavailable: the file or its directory is not usable, is in use by another curfewd, damaged, of
    // something else or of a newer version; the message says which. `clock` must live as long as the store.
    static Result<std::shared_ptr<SqliteStore>> open(const std::filesystem::path& path, const Clock& clock,
                                                     SqliteOptions options = {});

    // Finishes and answers what was asked, and closes the file.
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) override;
    Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, std::string by, std::string reason) override;
    Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration more, std::string by) override;
    Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) override;
    Awaitable<Result<GrantPage>> list_grants(GrantFilter filter, Page page) override;
    Awaitable<Result<GrantCountdown>> find_grant(GrantId id) override;
    Awaitable<Result<std::vector<GrantExtension>>> grant_extensions(GrantId id) override;
    Awaitable<Result<GrantCountdown>> set_grant_verifier(GrantId id, Secret verifier,
                                                         std::string by) override;

    Awaitable<Result<void>> session_started(SessionRecord session) override;
    Awaitable<Result<void>> session_ending(SessionId id, policy::EndCause cause) override;
    Awaitable<Result<void>> session_ended(SessionEnd end) override;
    Awaitable<Result<std::vector<SessionRecord>>> unfinished_sessions(std::string node) override;
    Awaitable<Result<SessionPage>> list_sessions(Page page) override;

    Awaitable<Result<RequestRecord>> add_request(std::optional<GrantId> extends, MakeRequest make) override;
    Awaitable<Result<ChangedRequest>> change_request(RequestId id, ChangeRequest change) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_request_and_others(
        RequestId id, ChangeRequest change, ReconsiderRequest others) override;
    Awaitable<Result<RevokedGrant>> revoke_grant_and_requests(GrantId id, std::string by, std::string reason,
                                                              ReconsiderRequest requests) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_open_requests(
        ReconsiderRequest reconsider) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_due_requests(ReconsiderRequest reconsider) override;
    Awaitable<Result<std::optional<BootInstant>>> next_due_request() override;
    Awaitable<Result<RequestRecord>> find_request(RequestId id) override;
    Awaitable<Result<std::optional<RequestRecord>>> find_request_of(GrantId grant) override;
    Awaitable<Result<RequestPage>> list_requests(RequestFilter filter, Page page) override;

    Awaitable<Result<std::vector<LiveObject>>> live_objects() override;
    Awaitable<Result<ObjectsChanged>> change_live_objects(std::vector<ObjectEdit> edits, std::string by,
                                                          JudgeObjects judge) override;

    Awaitable<Result<void>> set_password(std::string user, Secret hash, std::string by) override;
    Awaitable<Result<std::optional<Password>>> find_password(std::string user) override;
    Awaitable<Result<std::set<std::string>>> people_with_passwords() override;
    Awaitable<Result<Token>> add_token(NewToken token, std::string by) override;
    Awaitable<Result<std::optional<Token>>> use_token(SecretHash hash) override;
    Awaitable<Result<std::vector<Token>>> tokens(std::optional<std::string> user) override;
    Awaitable<Result<std::optional<Token>>> find_token(TokenId id) override;
    Awaitable<Result<Token>> revoke_token(TokenId id, std::string by) override;
    Awaitable<Result<SignIn>> add_sign_in(NewSignIn sign_in) override;
    Awaitable<Result<BegunSignIn>> add_sign_in_and_judge(NewSignIn sign_in, JudgeClaims judge) override;
    Awaitable<Result<std::vector<Claims>>> claims() override;
    Awaitable<Result<std::optional<Claims>>> find_claims(std::string user) override;
    Awaitable<Result<std::optional<SignIn>>> use_sign_in(SecretHash hash) override;
    Awaitable<Result<std::vector<SignIn>>> sign_ins(std::string user) override;
    Awaitable<Result<void>> end_sign_in(SecretHash hash) override;
    Awaitable<Result<std::size_t>> end_sign_ins_of(std::string user, std::string by) override;
    Awaitable<Result<OneTimeLink>> add_link(NewOneTimeLink link) override;
    Awaitable<Result<std::optional<OneTimeLink>>> find_link(SecretHash hash, std::string purpose) override;
    Awaitable<Result<OneTimeLink>> use_link(SecretHash hash, std::string purpose) override;
    Awaitable<Result<std::vector<std::string>>> forget_all_but(std::set<std::string> users,
                                                               std::string by) override;

    Awaitable<Result<std::optional<IdempotentAnswer>>> begin_idempotent(IdempotentRequest request) override;
    Awaitable<Result<void>> finish_idempotent(std::string actor, std::string key,
                                              IdempotentAnswer answer) override;
    Awaitable<Result<void>> abandon_idempotent(std::string actor, std::string key) override;

    Awaitable<Result<std::vector<Event>>> events_since(EventNumber after, std::size_t limit) override;
    Awaitable<Result<EventNumber>> last_event() override;
    void watch_events(EventWatcher watcher) override;

    Awaitable<Result<void>> check_health() override;
    Awaitable<Result<Secret>> installation_secret() override;

private:
    SqliteStore(std::unique_ptr<StoreLock> lock, std::unique_ptr<CommitQueue> queue);

    std::unique_ptr<StoreLock> lock_;  // given up after the file is closed
    std::unique_ptr<CommitQueue> queue_;
};

}  // namespace curfew::store
