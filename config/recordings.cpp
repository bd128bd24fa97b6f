#include "config/recordings.hpp"

#include <tuple>

namespace curfew::config {

std::string_view to_string(OnRecordingFailure choice) {
    return choice == OnRecordingFailure::end ? "end" : "continue";
}

bool is_same(const S3Settings& one, const S3Settings& other) {
    const auto facts = [](const S3Settings& settings) {
        return std::tie(settings.endpoint, settings.region, settings.bucket, settings.prefix,
                        settings.access_key_id, settings.root_certificate_file, settings.keep_local,
                        settings.part_bytes, settings.part_interval, settings.max_delay);
    };
    // To be compared with each other.
    return facts(one) == facts(other) &&
           equal_constant_time(one.secret_access_key.reveal(), other.secret_access_key.reveal());
}

}  // namespace curfew::config
