#include "policy/ungoverned_backends.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace curfew::policy {
namespace {

// The sessions on record, for one look-up a backend.
class Recorded {
public:
    explicit Recorded(const std::vector<BackendKey>& backends) {
        for (const BackendKey& backend : backends) {
            if (backend.started.empty()) {
                pids_.insert(backend.pid);
            } else {
                keys_.insert(backend);
            }
        }
    }
    bool has(const BackendKey& key) const { return keys_.contains(key) || pids_.contains(key.pid); }

private:
    std::set<BackendKey> keys_;
    std::set<std::int32_t> pids_;  // of those whose start was never learnt: any with that pid may be theirs
};

}  // namespace

bool UngovernedBackends::is_believed(const BackendKey& key, BootInstant now) const {
    const auto found = governed_.find(key);
    return found != governed_.end() && now - found->second < believed_for;
}

std::vector<SeenBackend> UngovernedBackends::to_look_for(const std::vector<SeenBackend>& seen,
                                                         BootInstant now) const {
    std::vector<SeenBackend> unknown;
    std::copy_if(seen.begin(), seen.end(), std::back_inserter(unknown),
                 [&](const SeenBackend& backend) { return !is_believed(backend.key, now); });
    return unknown;
}

UngovernedBackends::Change UngovernedBackends::compare(const std::vector<SeenBackend>& seen,
                                                       const std::vector<BackendKey>& recorded,
                                                       BootInstant now, Duration settling) {
    const Recorded sessions{recorded};
    std::map<BackendKey, BootInstant> governed;
    std::map<BackendKey, Suspect> suspects;
    Change change;
    for (const SeenBackend& backend : seen) {
        if (is_believed(backend.key, now)) {
            governed.emplace(backend.key, governed_.at(backend.key));
            continue;
        }
        if (sessions.has(backend.key)) {
            governed.emplace(backend.key, now);
            continue;
        }
        const auto before = suspects_.find(backend.key);
        Suspect suspect{backend, now, false};
        if (before != suspects_.end()) {
            suspect.first_seen = before->second.first_seen;
            suspect.certain = now - suspect.first_seen >= settling;
            if (suspect.certain && !before->second.certain) change.appeared.push_back(backend);
        }
        suspects.emplace(backend.key, std::move(suspect));
    }
    for (const auto& [key, suspect] : suspects_) {
        if (suspect.certain && !suspects.contains(key)) change.gone.push_back(suspect.backend);
    }
    governed_ = std::move(governed);
    suspects_ = std::move(suspects);
    certain_ = static_cast<std::size_t>(std::count_if(
        suspects_.begin(), suspects_.end(), [](const auto& suspect) { return suspect.second.certain; }));
    return change;
}

std::vector<SeenBackend> UngovernedBackends::ungoverned() const {
    std::vector<SeenBackend> certain;
    for (const auto& [key, suspect] : suspects_) {
        if (suspect.certain) certain.push_back(suspect.backend);
    }
    return certain;
}

}  // namespace curfew::policy
