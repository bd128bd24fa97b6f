// A store in an SQL database: every operation is a piece of work for the thread of one of its connections.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/sql/commit_queue.hpp"
#include "store/store.hpp"

namespace curfew::store {

// What it promises, beyond Store: threads of its own do all the work, so that no caller's thread ever waits
// for the database; what waits together is committed together, so that five hundred sessions that end at the
// same instant cost a few commits. It is away (`unavailable`) while the database is, and back by itself.
//
// An operation cannot be cancelled: once asked it is done and answered. The executor that awaits it must live
// until then; the store itself, until every operation has been asked.
class SqlStore : public Store {
public:
    Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) override;
    Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, Actor by, std::string reason) override;
    Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration more, Actor by) override;
    Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) override;
    Awaitable<Result<GrantNews>> grant_news(std::optional<ChainHead> since) override;
    Awaitable<Result<GrantPage>> list_grants(GrantFilter filter, Page page) override;
    Awaitable<Result<GrantCountdown>> find_grant(GrantId id) override;
    Awaitable<Result<std::vector<GrantCountdown>>> find_grants(std::vector<GrantId> ids) override;
    Awaitable<Result<std::vector<GrantExtension>>> grant_extensions(GrantId id) override;
    Awaitable<Result<GrantCountdown>> set_grant_verifier(GrantId id, Secret verifier, Actor by) override;

    Awaitable<Result<void>> session_started(SessionRecord session) override;
    Awaitable<Result<void>> session_ending(SessionId id, policy::EndCause cause) override;
    Awaitable<Result<void>> session_ended(SessionEnd end) override;
    Awaitable<Result<std::vector<SessionRecord>>> unfinished_sessions(std::string node) override;
    Awaitable<Result<SessionPage>> list_sessions(SessionFilter filter, Page page) override;
    Awaitable<Result<std::vector<LiveSession>>> live_sessions() override;
    Awaitable<Result<SessionRecord>> find_session(SessionId id) override;
    Awaitable<Result<SessionRecord>> ask_to_end_session(SessionId id, Actor by) override;
    Awaitable<Result<std::vector<SessionId>>> sessions_without_receipt(std::string node,
                                                                       Duration others_after,
                                                                       std::size_t limit) override;
    Awaitable<Result<std::size_t>> issue_receipts(std::vector<SessionId> sessions,
                                                  WriteReceipt write) override;
    Awaitable<Result<Receipt>> find_receipt(SessionId session) override;
    Awaitable<Result<Timeline>> timeline(TimelineWanted wanted) override;
    Awaitable<Result<AccessReviewPage>> access_review(AccessReviewWanted wanted, Page page) override;
    Awaitable<Result<std::vector<Backend>>> unfinished_backends(std::vector<std::int32_t> pids) override;

    Awaitable<Result<NodeStanding>> node_lives(NodeReport report,
                                               std::optional<std::string> dead_instance) override;
    Awaitable<Result<void>> node_leaves(std::string name, std::string instance) override;
    Awaitable<Result<std::vector<NodeRecord>>> nodes() override;
    Awaitable<Result<FleetCount>> count_fleet() override;
    Awaitable<Result<std::vector<SessionRecord>>> claim_orphans(std::string by,
                                                                std::vector<std::string> resources,
                                                                Duration at_most) override;

    Awaitable<Result<RequestRecord>> add_request(std::optional<GrantId> extends, MakeRequest make) override;
    Awaitable<Result<ChangedRequest>> change_request(RequestId id, ChangeRequest change) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_request_and_others(
        RequestId id, ChangeRequest change, ReconsiderRequest others) override;
    Awaitable<Result<RevokedGrant>> revoke_grant_and_requests(GrantId id, Actor by, std::string reason,
                                                              ReconsiderRequest requests) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_open_requests(
        ReconsiderRequest reconsider) override;
    Awaitable<Result<std::vector<ChangedRequest>>> change_due_requests(ReconsiderRequest reconsider) override;
    Awaitable<Result<std::optional<BootInstant>>> next_due_request() override;
    Awaitable<Result<WaitingRequests>> count_waiting_requests() override;
    Awaitable<Result<void>> set_command_result(RequestId id, policy::CommandResult result) override;
    Awaitable<Result<RequestRecord>> find_request(RequestId id) override;
    Awaitable<Result<std::optional<RequestRecord>>> find_request_of(GrantId grant) override;
    Awaitable<Result<RequestPage>> list_requests(RequestFilter filter, Page page) override;

    Awaitable<Result<std::vector<LiveObject>>> live_objects() override;
    Awaitable<Result<ObjectsChanged>> change_live_objects(std::vector<ObjectEdit> edits, Actor by,
                                                          JudgeObjects judge) override;

    Awaitable<Result<void>> set_password(std::string user, Secret hash, Actor by) override;
    Awaitable<Result<std::optional<Password>>> find_password(std::string user) override;
    Awaitable<Result<std::set<std::string>>> people_with_passwords() override;
    Awaitable<Result<Token>> add_token(NewToken token, Actor by) override;
    Awaitable<Result<std::optional<Token>>> use_token(SecretHash hash) override;
    Awaitable<Result<std::vector<Token>>> tokens(std::optional<std::string> user) override;
    Awaitable<Result<std::optional<Token>>> find_token(TokenId id) override;
    Awaitable<Result<Token>> revoke_token(TokenId id, Actor by) override;
    Awaitable<Result<SignIn>> add_sign_in(NewSignIn sign_in) override;
    Awaitable<Result<BegunSignIn>> add_sign_in_and_judge(NewSignIn sign_in, JudgeClaims judge) override;
    Awaitable<Result<std::vector<Claims>>> claims() override;
    Awaitable<Result<std::optional<Claims>>> find_claims(std::string user) override;
    Awaitable<Result<std::optional<SignIn>>> use_sign_in(SecretHash hash) override;
    Awaitable<Result<std::vector<SignIn>>> sign_ins(std::string user) override;
    Awaitable<Result<void>> end_sign_in(SecretHash hash) override;
    Awaitable<Result<std::size_t>> end_sign_ins_of(std::string user, Actor by) override;
    Awaitable<Result<OneTimeLink>> add_link(NewOneTimeLink link) override;
    Awaitable<Result<std::optional<OneTimeLink>>> find_link(SecretHash hash, std::string purpose) override;
    Awaitable<Result<OneTimeLink>> use_link(SecretHash hash, std::string purpose) override;
    Awaitable<Result<std::vector<std::string>>> forget_all_but(std::set<std::string> users,
                                                               Actor by) override;

    Awaitable<Result<std::optional<IdempotentAnswer>>> begin_idempotent(IdempotentRequest request) override;
    Awaitable<Result<void>> finish_idempotent(std::string actor, std::string key,
                                              IdempotentAnswer answer) override;
    Awaitable<Result<void>> abandon_idempotent(std::string actor, std::string key) override;
    Awaitable<Result<bool>> remember_once(std::string key, Duration lifetime) override;

    Awaitable<Result<ChainHead>> place_of_notifier(std::string notifier) override;
    Awaitable<Result<std::size_t>> take_in_events(std::string notifier, ChainHead from, ChainHead to,
                                                  DeliveryChanges changes) override;
    Awaitable<Result<std::vector<ClaimedDelivery>>> claim_deliveries(std::string notifier, std::string node,
                                                                     Duration lease,
                                                                     std::size_t most) override;
    Awaitable<Result<Delivery>> finish_delivery(DeliveryClaim claim, DeliveryOutcome outcome) override;
    Awaitable<Result<std::optional<BootInstant>>> next_delivery_due(std::string notifier) override;
    Awaitable<Result<std::optional<std::string>>> receipt_of(std::string notifier, std::string recipient,
                                                             std::string subject) override;
    Awaitable<Result<std::vector<std::string>>> recipients_of(std::string notifier,
                                                              std::string subject) override;
    Awaitable<Result<DeliveryPage>> list_deliveries(DeliveryFilter filter, Page page) override;
    Awaitable<Result<Delivery>> find_delivery(DeliveryId id) override;
    Awaitable<Result<Delivery>> retry_delivery(DeliveryId id, Actor by) override;
    Awaitable<Result<std::vector<DeliveryCount>>> count_deliveries() override;
    Awaitable<Result<std::size_t>> remove_old_deliveries(Duration age,
                                                         std::optional<std::string> notifier) override;
    using DeliveryStore::remove_old_deliveries;

    Awaitable<Result<ChatAccount>> link_chat_account(std::string team, std::string account, std::string user,
                                                     Actor by) override;
    Awaitable<Result<ChatAccount>> unlink_chat_account(std::string team, std::string account,
                                                       Actor by) override;
    Awaitable<Result<std::optional<ChatAccount>>> find_chat_account(std::string team,
                                                                    std::string account) override;
    Awaitable<Result<std::vector<ChatAccount>>> chat_accounts(std::optional<std::string> user) override;
    Awaitable<Result<void>> subscribe_chat_account(ChatSubscription subscription) override;
    Awaitable<Result<std::size_t>> unsubscribe_chat_account(ChatSubscription subscription) override;
    Awaitable<Result<std::vector<ChatSubscription>>> chat_subscriptions(std::string team,
                                                                        std::string account) override;
    Awaitable<Result<std::vector<ChatAccount>>> chat_subscribers(std::string notifier,
                                                                 std::string resource) override;

    Awaitable<Result<EventNumber>> add_event(NewEvent event) override;
    Awaitable<Result<std::vector<Event>>> events_since(EventNumber after, std::size_t limit) override;
    Awaitable<Result<EventNumber>> last_event() override;
    Awaitable<Result<EventsRead>> events_after(ChainHead after, std::size_t limit) override;
    Awaitable<Result<ChainHead>> head_of_events() override;
    Awaitable<Result<EventPage>> list_events(EventFilter filter, Page page) override;
    WatchNumber watch_events(EventWatcher watcher) override;
    void stop_watching(WatchNumber watch) override;

    Awaitable<Result<void>> check_health() override;
    Awaitable<Result<Secret>> installation_secret() override;

protected:
    // `writer` writes; what only reads is spread over `readers`, or done by the writer where there are none.
    explicit SqlStore(std::unique_ptr<CommitQueue> writer,
                      std::vector<std::unique_ptr<CommitQueue>> readers = {});
    ~SqlStore() override;

    // As node_lives(). Where no other process can use this store, all that is known of others is past.
    enum class Others { possible, impossible };
    Awaitable<Result<NodeStanding>> announce_node(NodeReport report, std::optional<std::string> dead_instance,
                                                  Others others);

    CommitQueue& writer() noexcept { return *writer_; }
    CommitQueue& reader() noexcept;

private:
    std::unique_ptr<CommitQueue> writer_;
    std::vector<std::unique_ptr<CommitQueue>> readers_;
    std::atomic<std::size_t> next_reader_{0};
};

}  // namespace curfew::store
