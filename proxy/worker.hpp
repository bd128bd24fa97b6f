// One thread of the data path: its sessions, its deadlines, its share of the listeners.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "policy/admission.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/buffer_pool.hpp"
#include "proxy/clients_first.hpp"
#include "proxy/control.hpp"
#include "proxy/node_context.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/script_door.hpp"
#include "proxy/stream.hpp"
#include "proxy/tape.hpp"
#include "recording/ring.hpp"

namespace curfew::proxy {

class Session;

// What decides who may come in and who may stay. Immutable; shared by the threads and replaced as a whole.
struct Truth {
    std::shared_ptr<const Setup> setup;
    std::shared_ptr<const policy::Grants> grants;
    // Resources that an earlier run of this node left backends on which are not known to be gone yet.
    std::shared_ptr<const std::set<std::string, std::less<>>> closed;
};

// All functions belong to the worker's own thread (run_on its executor), but for those that say otherwise.
class Worker {
public:
    // Starts the thread. `number` is its place in NodeContext::workers.
    Worker(unsigned number, NodeContext& node);
    // Ends the thread, once it has nothing more to do: listeners closed and sessions over.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Thread-safe.
    boost::asio::any_io_executor executor() noexcept { return context_.get_executor(); }
    // Thread-safe: the earliest deadline of a session here; nullopt if there is none.
    std::optional<BootInstant> next_deadline() const noexcept;

    // What is true from now on. Sessions that it takes the right from end at once, `since`: when the right
    // ended. Sessions whose grant was extended go on for longer.
    void apply(Truth truth, BootInstant since);
    // The store was heard: revocations are known until now, and sessions may live until `stale_at`.
    void heard(BootInstant stale_at);
    // The store does not answer: ends the sessions of resources that are not to go on without it.
    void store_away();
    // Nobody new from here on.
    void stop_admitting() { admitting_ = false; }
    // Ends every session.
    void end_all(policy::EndCause cause, BootInstant since);
    // Gives up on backends whose end cannot be established.
    void abandon_all();
    // False if there is no such session here.
    bool kill(const SessionId& id);
    std::vector<SessionView> views() const;
    std::size_t session_count() const noexcept { return sessions_.size(); }
    // This session is to be recorded, and cannot be any more.
    void recording_failed(const SessionId& id);
    // Sends the cancel request on if its key is that of a session here; returns when PostgreSQL has dealt
    // with it. True if it was.
    Awaitable<bool> cancel(postgres::CancelRequest request);

    // Accepts on a duplicate of the descriptor, for the listener of this name.
    void listen(std::string listener, int family, int descriptor);
    void stop_listening(const std::string& listener);
    // Begins a session of the node's own on a connected socket, which it owns from here on.
    void let_in(const ScriptEntry& script, int descriptor);

    // For the sessions here.
    NodeContext& node() noexcept { return node_; }
    unsigned number() const noexcept { return number_; }
    const Clock& clock() const noexcept { return node_.clock; }
    BootTimer& timer() noexcept { return timer_; }
    BufferPool& buffers() noexcept { return buffers_; }
    ClientsFirst& clients_first() noexcept { return clients_first_; }
    // nullptr where no session can be recorded.
    recording::Ring* ring() noexcept { return ring_; }
    RoomQueue& waiting_for_room() noexcept { return waiting_for_room_; }
    const std::shared_ptr<const Setup>& setup() const noexcept { return truth_.setup; }
    const policy::Grants& grants() const noexcept { return *truth_.grants; }
    bool is_closed(std::string_view resource) const { return truth_.closed->contains(resource); }
    bool admitting() const noexcept { return admitting_; }
    // Whether the store was heard lately enough to let anybody in.
    bool is_current() const noexcept { return clock().boot_now() < stale_at_; }
    void deadline_added(BootInstant deadline);
    void deadline_removed(BootInstant deadline);
    void key_added(std::int32_t process_id, Session* session) { keys_[process_id] = session; }
    bool key_taken(std::int32_t process_id) const { return keys_.contains(process_id); }
    void key_removed(std::int32_t process_id) { keys_.erase(process_id); }

private:
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

    static Awaitable<void> accept_all(Worker& worker, std::string listener,
                                      std::shared_ptr<Acceptor> acceptor);
    void admit_connection(const std::string& listener, Stream::Socket socket);
    void begin_session(const std::string& listener, Stream::Socket socket, std::optional<ScriptEntry> script);
    static Awaitable<void> run_session(std::shared_ptr<Session> session);
    void watch_staleness();
    void run() noexcept;
    void publish_next_deadline() noexcept;

    const unsigned number_;
    NodeContext& node_;
    // Without locks around its sockets and timers: nobody but this thread touches any.
    boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    BootTimer timer_;
    BufferPool buffers_;
    ClientsFirst clients_first_;
    recording::Ring* ring_ = nullptr;
    RoomQueue waiting_for_room_;

    Truth truth_;
    bool admitting_ = true;
    BootInstant stale_at_{};
    DeadlineQueue::Token staleness_ = 0;

    std::unordered_map<SessionId, std::shared_ptr<Session>> sessions_;
    std::unordered_map<std::int32_t, Session*> keys_;
    std::multiset<BootInstant> deadlines_;
    std::atomic<BootInstant::rep> next_deadline_;
    std::multimap<std::string, std::shared_ptr<Acceptor>> acceptors_;

    std::thread thread_;  // last: runs with everything above in place
};

}  // namespace curfew::proxy
