// A TLS client whose records pass through the test's hands.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "loop.hpp"
#include "support/file_descriptor.hpp"

namespace curfew::test {

class HandClient {
public:
    HandClient(SSL_CTX* context, FileDescriptor socket);

    // Runs the loop, on which the other side accepts.
    void shake_hands(Loop& loop);
    // `text` as records, not sent yet.
    std::string encrypt(std::string_view text);
    void send(std::string_view bytes);
    // What has come, decrypted; "" if nothing has.
    std::string receive();
    // Whether close_notify has come.
    bool heard_goodbye();
    // Ends without close_notify; can still receive.
    void end_without_goodbye();

private:
    std::string outgoing();
    void take_incoming();

    FileDescriptor socket_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

}  // namespace curfew::test
