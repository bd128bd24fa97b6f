#include "proxy/offline_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "proxy/offline_lines.hpp"

namespace curfew::proxy {
namespace {

namespace json = boost::json;

constexpr const char* file_name = "journal";
// Years of emergencies. What is larger is something else.
constexpr std::uint64_t largest_journal = 256ULL << 20;

std::string why() {
    return std::system_category().message(errno);
}

Error cannot(std::string_view what, const std::filesystem::path& path, const std::string& reason) {
    return {ErrorCode::unavailable,
            fmt::format("cannot {} {}: {}; see that curfewd can, and that there is room", what, path.string(),
                        reason)};
}

Result<void> flush_directory(const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return cannot("open", directory, why());
    const int flushed = ::fsync(descriptor);
    const std::string reason = why();
    ::close(descriptor);
    if (flushed != 0) return cannot("flush", directory, reason);
    return {};
}

Result<std::string> read_whole(const std::filesystem::path& file, int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return cannot("look at", file, why());
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > largest_journal)
        return Error{ErrorCode::internal, file.string() + " is no journal of offline grants"};
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count =
            ::pread(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return cannot("read", file, count < 0 ? why() : "it became shorter");
        done += static_cast<std::size_t>(count);
    }
    return text;
}

}  // namespace

std::string this_boot() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string text;
    std::getline(file, text);
    return text;
}

Duration age_of(const OfflineRecord& record, const std::string& boot, const Clock& clock) {
    const bool same_boot = !boot.empty() && record.boot == boot;
    const Duration age =
        same_boot ? clock.boot_now() - record.boot_at : Duration{clock.wall_now() - record.at};
    return std::max(age, Duration::zero());
}

Result<OfflineJournal> OfflineJournal::open(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", directory, why());
    const auto file = directory / file_name;
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return cannot("open", file, why());
    OfflineJournal journal{file, descriptor};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return Error{
            ErrorCode::conflict,
            file.string() + " is in use by another curfewd; give each its own offline_grants.directory"};
    }
    if (auto flushed = flush_directory(directory); !flushed) return flushed.error();
    if (auto read = journal.read_all(); !read) return read.error();
    return journal;
}

OfflineJournal::OfflineJournal(OfflineJournal&& other) noexcept
    : file_{std::move(other.file_)},
      descriptor_{std::exchange(other.descriptor_, -1)},
      size_{other.size_},
      broken_{other.broken_},
      records_{std::move(other.records_)},
      sessions_{std::move(other.sessions_)} {}

OfflineJournal::~OfflineJournal() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

// What stands behind the last newline was never acknowledged: a crash cut it short.
Result<void> OfflineJournal::read_all() {
    auto text = read_whole(file_, descriptor_);
    if (!text) return text.error();
    const auto last = text->rfind('\n');
    size_ = last == std::string::npos ? 0 : last + 1;
    std::size_t begin = 0;
    for (unsigned number = 1; begin < size_; ++number) {
        const auto end = text->find('\n', begin);
        try {
            apply(std::string_view{*text}.substr(begin, end - begin));
        } catch (const std::exception& failure) {
            return Error{
                ErrorCode::internal,
                fmt::format("line {} of {} cannot be read ({}); nobody but curfewd should write there. "
                            "Keep the file for whoever audits, and move it away",
                            number, file_.string(), failure.what())};
        }
        begin = end + 1;
    }
    if (size_ != text->size() && ::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0)
        return cannot("shorten", file_, why());
    return {};
}

void OfflineJournal::apply(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // clients call themselves what they like
    const json::value value = json::parse({text.data(), text.size()}, {}, options);
    const json::object& line = value.as_object();
    const std::string kind = read_text(line, "kind");
    if (kind == "taken") {
        records_.push_back(read_record(line));
    } else if (kind == "revoked" || kind == "entered") {
        const auto id = GrantId::parse(read_text(line, "grant"));
        OfflineRecord* record = id ? own(*id) : nullptr;
        if (record == nullptr) throw std::runtime_error{"it is about a grant that was never taken"};
        if (kind == "entered") record->entered = true;
        if (kind == "revoked") record->revoked = {read_text(line, "by"), read_text(line, "reason")};
    } else if (kind == "session") {
        sessions_.push_back(read_session(line));
    } else if (kind == "session_entered") {
        const std::string id = read_text(line, "id");
        std::erase_if(sessions_, [&](const auto& session) { return session.id.text() == id; });
    } else {
        throw std::runtime_error{"its kind is not known"};
    }
}

Result<void> OfflineJournal::append(const std::string& line) {
    if (broken_) return cannot("add to", file_, "half a line stands at its end");
    const std::string text = line + '\n';
    std::size_t done = 0;
    std::string reason;
    while (done < text.size()) {
        const auto count =
            ::pwrite(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(size_ + done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    if (done == text.size() && ::fdatasync(descriptor_) == 0) {
        size_ += text.size();
        return {};
    }
    reason = why();
    // A line that is only half there, or perhaps not on the disk, must not be found by the next start.
    broken_ = ::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0 || ::fdatasync(descriptor_) != 0;
    return cannot("add to", file_, reason);
}

Result<void> OfflineJournal::add(OfflineRecord record) {
    json::object line{{"kind", "taken"}};
    for (auto& member : line_of(record))
        line.insert(std::move(member));
    if (auto added = append(json::serialize(line)); !added) return added;
    records_.push_back(std::move(record));
    return {};
}

Result<void> OfflineJournal::add_revocation(const GrantId& grant, OfflineRecord::Revocation revocation) {
    const json::object line{
        {"kind", "revoked"}, {"grant", grant.text()}, {"by", revocation.by}, {"reason", revocation.reason}};
    if (auto added = append(json::serialize(line)); !added) return added;
    if (OfflineRecord* record = own(grant)) record->revoked = std::move(revocation);
    return {};
}

Result<void> OfflineJournal::add_entry(const GrantId& grant) {
    const json::object line{{"kind", "entered"}, {"grant", grant.text()}};
    if (auto added = append(json::serialize(line)); !added) return added;
    if (OfflineRecord* record = own(grant)) record->entered = true;
    return {};
}

Result<void> OfflineJournal::add_session(store::SessionRecord session) {
    json::object line{{"kind", "session"}};
    for (auto& member : line_of(session))
        line.insert(std::move(member));
    if (auto added = append(json::serialize(line)); !added) return added;
    sessions_.push_back(std::move(session));
    return {};
}

Result<void> OfflineJournal::add_session_entry(const SessionId& session) {
    const json::object line{{"kind", "session_entered"}, {"id", session.text()}};
    if (auto added = append(json::serialize(line)); !added) return added;
    std::erase_if(sessions_, [&](const auto& one) { return one.id == session; });
    return {};
}

const OfflineRecord* OfflineJournal::find_document(std::string_view id) const {
    const auto found = std::find_if(records_.begin(), records_.end(), [&](const OfflineRecord& record) {
        return record.acceptance.document.grant.id == id;
    });
    return found == records_.end() ? nullptr : &*found;
}

const OfflineRecord* OfflineJournal::find(const GrantId& grant) const {
    const auto found = std::find_if(records_.begin(), records_.end(), [&](const OfflineRecord& record) {
        return record.acceptance.grant == grant;
    });
    return found == records_.end() ? nullptr : &*found;
}

OfflineRecord* OfflineJournal::own(const GrantId& grant) {
    return const_cast<OfflineRecord*>(std::as_const(*this).find(grant));
}

}  // namespace curfew::proxy
