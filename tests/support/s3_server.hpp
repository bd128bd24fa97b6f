// S3-compatible storage on a port of this machine: one bucket, and signatures checked as the real one checks
// them (AWS Signature Version 4).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/timing.hpp"

namespace curfew::test {

// A request as it came, headers by their names in small letters.
struct S3Request {
    std::string method;
    std::string path;   // as in the request, encoded
    std::string query;  // the same, without its `?`
    std::map<std::string, std::string> headers;
    std::string body;
};

// What is known of whoever may come.
struct S3Owner {
    std::string access_key_id = "AKIAIOSFODNN7EXAMPLE";
    std::string secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    std::string region = "eu-central-1";
};

// Why the storage refuses the request, by the code that Amazon gives; empty: it is well signed. `now`: the
// storage's clock. `host`: where it listens.
std::string wrong_signature(const S3Request& request, const S3Owner& owner, const std::string& host,
                            std::chrono::system_clock::time_point now);

class S3Server {
public:
    static constexpr const char* bucket = "recordings";

    S3Server();
    ~S3Server();
    S3Server(const S3Server&) = delete;
    S3Server& operator=(const S3Server&) = delete;

    S3Owner owner;  // before anybody comes

    std::string endpoint() const;  // `http://127.0.0.1:PORT`

    std::map<std::string, std::string> objects() const;  // by key
    void put(const std::string& key, const std::string& bytes);
    void erase(const std::string& key);
    // `PUT /recordings/…`, of all that came, with the status that was answered: `200 PUT /recordings/x`.
    std::vector<std::string> requests() const;
    // Codes of what was refused, in order.
    std::vector<std::string> refusals() const;
    // Waits until it is true of the objects, as they change with every request. Throws if it does not become
    // so.
    void await(const std::string& what, const std::function<bool(const S3Server&)>& condition) const;
    // From within `condition`.
    const std::map<std::string, std::string>& objects_now() const { return objects_; }
    const std::vector<std::string>& requests_now() const { return requests_; }

    // The next request that is one of this method (any, if empty) is answered so: it is not carried out.
    void answer_next(const std::string& method, unsigned status, const std::string& code);
    // Each one is, until status is 0.
    void answer_all(unsigned status, const std::string& code);
    // The next answer to a GET breaks off before its end.
    void cut_next_answer();
    void list_at_most(std::size_t objects);  // in one answer
    void step_clock(std::chrono::seconds by);

private:
    struct Impl;
    struct Refusal {
        std::string method;
        unsigned status = 0;
        std::string code;
    };

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::string, std::string> objects_;
    std::vector<std::string> requests_;
    std::vector<std::string> refusals_;
    std::deque<Refusal> next_;
    Refusal all_;
    bool cut_next_ = false;
    std::size_t list_at_most_ = 1000;
    std::chrono::seconds clock_step_{0};
    std::unique_ptr<Impl> impl_;
};

}  // namespace curfew::test
