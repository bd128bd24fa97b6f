// What work on another thread has to say to a session that may be over by then, and its thread with it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <utility>

#include "proxy/event.hpp"

namespace curfew::proxy {

// Held by both sides. What is awaited with run_on() keeps the thread that awaits it busy until it is there;
// by this a session can be left, and its thread ended, while the other thread is still at work.
class WayBack : public std::enable_shared_from_this<WayBack> {
public:
    // `wake`: notified on `home`'s thread after each note.
    WayBack(boost::asio::any_io_executor home, std::shared_ptr<Event> wake)
        : home_{std::move(home)}, wake_{std::move(wake)} {}

    // Any thread. Has `note()` called on home's thread. False: it is closed, and nothing will be called. Once
    // true, it is called also if it is closed meanwhile: so a note may hold nothing that goes with a session.
    template <class Note>
    bool bring(Note note) {
        const std::lock_guard lock{mutex_};
        if (!open_) return false;
        boost::asio::post(home_, [self = shared_from_this(), note = std::move(note)]() mutable {
            note();
            if (self->wake_) self->wake_->notify();
        });
        return true;
    }

    // Home's thread.
    void close() {
        wake_.reset();
        const std::lock_guard lock{mutex_};
        open_ = false;
    }

private:
    const boost::asio::any_io_executor home_;
    std::shared_ptr<Event> wake_;  // home's
    std::mutex mutex_;
    bool open_ = true;
};

}  // namespace curfew::proxy
