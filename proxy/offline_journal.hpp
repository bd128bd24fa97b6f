// What a node did on the word of approvers while no store answered: kept in a file, each line durable before
// anything follows from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "policy/offline_request.hpp"
#include "store/sessions.hpp"

namespace curfew::proxy {

// A document that was taken, and what became of it.
struct OfflineRecord {
    struct Revocation {
        std::string by;
        std::string reason;
    };

    policy::OfflineAcceptance acceptance;
    std::string submitted_by;
    WallInstant at;
    std::string boot;                // which boot of the machine `boot_at` belongs to
    BootInstant boot_at;             // when it was taken
    std::optional<Secret> verifier;  // of the grant's own password
    std::optional<Revocation> revoked;
    bool entered = false;  // in the store
};

// Which boot of this machine this is; the same until it is restarted.
std::string this_boot();

// How long ago it was taken, at `clock`'s now: by the boot clock where that goes so far back, else by the
// wall clock; never below zero.
Duration age_of(const OfflineRecord& record, const std::string& boot, const Clock& clock);

// A file of JSON lines that only grows; nothing in it is ever forgotten, so that no document is good twice.
// One process at a time. Not thread-safe. Everything that adds to it returns once that is on the disk, or
// `unavailable`: then it did not happen.
class OfflineJournal {
public:
    // In this directory, which is made if it is not there. conflict: another process has it; internal: it is
    // not what this wrote.
    static Result<OfflineJournal> open(const std::filesystem::path& directory);
    OfflineJournal(OfflineJournal&& other) noexcept;
    OfflineJournal& operator=(OfflineJournal&&) = delete;
    ~OfflineJournal();

    Result<void> add(OfflineRecord record);
    Result<void> add_revocation(const GrantId& grant, OfflineRecord::Revocation revocation);
    Result<void> add_entry(const GrantId& grant);
    Result<void> add_session(store::SessionRecord session);
    Result<void> add_session_entry(const SessionId& session);

    const std::vector<OfflineRecord>& records() const noexcept { return records_; }
    // Sessions that the store does not have yet.
    const std::vector<store::SessionRecord>& sessions() const noexcept { return sessions_; }
    // nullptr: no such document was ever taken.
    const OfflineRecord* find_document(std::string_view id) const;
    const OfflineRecord* find(const GrantId& grant) const;

private:
    OfflineJournal(std::filesystem::path file, int descriptor)
        : file_{std::move(file)}, descriptor_{descriptor} {}

    Result<void> read_all();
    // Takes one line's word for it. Throws what boost::json throws where it is not understood.
    void apply(std::string_view line);
    Result<void> append(const std::string& line);
    OfflineRecord* own(const GrantId& grant);

    std::filesystem::path file_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;  // of what is whole
    bool broken_ = false;     // half a line stands at its end and cannot be taken back
    std::vector<OfflineRecord> records_;
    std::vector<store::SessionRecord> sessions_;
};

}  // namespace curfew::proxy
