// Recordings in S3-compatible storage, against one that checks signatures as the real one does.
#include "recording/s3_storage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "metrics/metrics.hpp"
#include "recording/local_storage.hpp"
#include "support/s3_server.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using curfew::test::S3Server;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t part_size = 1000;

RecordingKey new_key() {
    using namespace std::chrono;
    return {SessionId::generate(), sys_days{2026y / 11 / 29}};
}

std::string bytes(std::size_t length, char first = 'a') {
    std::string text(length, '\0');
    for (std::size_t i = 0; i < length; ++i)
        text[i] = static_cast<char>(first + static_cast<char>(i % 23));
    return text;
}

class S3Recordings : public testing::Test {
protected:
    S3Recordings() {
        setup.settings.endpoint = server.endpoint();
        setup.settings.region = server.owner.region;
        setup.settings.bucket = S3Server::bucket;
        setup.settings.prefix = "curfew/prod/";
        setup.settings.access_key_id = server.owner.access_key_id;
        setup.settings.secret_access_key = Secret{server.owner.secret_access_key};
        setup.uploads.part_bytes = part_size;
        setup.uploads.part_interval = 1h;
        setup.uploads.first_retry = 5ms;
        setup.uploads.longest_retry = 20ms;
    }

    void open() {
        auto local = LocalStorage::open((directory / "recordings").string(), clock);
        ASSERT_TRUE(local) << local.error().message;
        auto opened = S3Storage::open(std::move(*local), setup, clock, metrics.recording());
        ASSERT_TRUE(opened) << opened.error().message;
        storage = std::move(*opened);
    }
    // A recording of these bytes that is over.
    RecordingKey record(const std::string& content) {
        RecordingKey key = new_key();
        auto file = storage->create(key).value();
        EXPECT_TRUE(file->append(content));
        EXPECT_TRUE(file->close());
        return key;
    }
    std::string object(const RecordingKey& key, unsigned number) const {
        return setup.settings.prefix + part_key(key, number);
    }
    void await_objects(std::size_t count) {
        server.await(std::to_string(count) + " objects",
                     [&](const S3Server& at) { return at.objects_now().size() == count; });
    }
    // Until what is over is uploaded and gone from the directory.
    void await_empty_directory() {
        EXPECT_TRUE(curfew::test::eventually([&] { return files_here() == 0; }));
    }
    // Not through `storage`, which would ask the server as well.
    std::size_t files_here() const {
        const auto local = LocalStorage::open((directory / "recordings").string(), clock).value();
        return local->list().value().size();
    }
    std::string all_of(RecordingSource& source, std::size_t step = 777) {
        std::string content;
        std::string buffer(step, '\0');
        for (;;) {
            const auto more = source.read(content.size(), buffer);
            EXPECT_TRUE(more) << more.error().message;
            if (!more || *more == 0) return content;
            content.append(buffer, 0, *more);
        }
    }
    std::vector<std::string> requests(const std::string& beginning) const {
        std::vector<std::string> found;
        for (const auto& request : server.requests()) {
            if (request.starts_with(beginning)) found.push_back(request);
        }
        return found;
    }

    S3Server server;
    const SystemClock clock;
    metrics::Metrics metrics{"1", "1"};
    curfew::test::TemporaryDirectory directory;
    S3Storage::Setup setup;
    std::unique_ptr<S3Storage> storage;
};

TEST_F(S3Recordings, AreUploadedInPartsWhileTheyAreWritten) {
    open();
    const RecordingKey key = new_key();
    auto file = storage->create(key).value();
    const std::string content = bytes(2500);
    ASSERT_TRUE(file->append(content.substr(0, 600)));
    ASSERT_TRUE(file->append(content.substr(600)));
    await_objects(2);
    EXPECT_EQ(server.objects().at(object(key, 1)), content.substr(0, 1000));
    EXPECT_EQ(server.objects().at(object(key, 2)), content.substr(1000, 1000));
    ASSERT_TRUE(file->close());
    await_objects(3);
    EXPECT_EQ(server.objects().at(object(key, 3)), content.substr(2000));
    await_empty_directory();
    EXPECT_THAT(server.refusals(), IsEmpty());
}

TEST_F(S3Recordings, AreUploadedAsFarAsTheyGoAfterAWhile) {
    setup.uploads.part_interval = 10ms;
    open();
    const RecordingKey key = new_key();
    auto file = storage->create(key).value();
    ASSERT_TRUE(file->append("a statement"));
    await_objects(1);
    EXPECT_EQ(server.objects().at(object(key, 1)), "a statement");
    EXPECT_TRUE(storage->open(key).value()->live());
}

TEST_F(S3Recordings, AreReadFromTheirParts) {
    open();
    const std::string content = bytes(4321);
    const RecordingKey key = record(content);
    await_objects(5);
    await_empty_directory();
    auto source = storage->open(key).value();
    EXPECT_EQ(all_of(*source), content);
    EXPECT_FALSE(source->live());
    std::string middle(10, '\0');
    EXPECT_EQ(source->read(1995, middle).value(), 5U) << "to the end of a part";
    EXPECT_EQ(middle.substr(0, 5), content.substr(1995, 5));
    EXPECT_EQ(source->read(content.size(), middle).value(), 0U);
    RecordingKey day_after = key;
    day_after.began += 24h;
    EXPECT_EQ(all_of(*storage->open(day_after).value()), content) << "known only about";
    EXPECT_EQ(storage->open(new_key()).error().code, ErrorCode::not_found);
}

TEST_F(S3Recordings, StayInTheDirectoryTooWhereTheyAreToBeKept) {
    setup.uploads.keep_local = true;
    open();
    const RecordingKey key = record(bytes(1500));
    await_objects(2);
    EXPECT_EQ(files_here(), 1U);
    storage.reset();
    open();
    server.await("a look at what is there", [](const S3Server& at) {
        return std::count(at.requests_now().begin(), at.requests_now().end(), "200 GET /recordings") >= 2;
    });
    EXPECT_EQ(all_of(*storage->open(key).value()), bytes(1500));
    EXPECT_THAT(requests("200 PUT"), SizeIs(2)) << "what is there is not uploaded once more";
}

TEST_F(S3Recordings, AreTriedAgainForAsLongAsItTakes) {
    server.answer_next("PUT", 503, "SlowDown");
    server.answer_next("PUT", 500, "InternalError");
    server.answer_next("PUT", 503, "SlowDown");
    open();
    const RecordingKey key = record("what was done");
    await_objects(1);
    EXPECT_EQ(server.objects().at(object(key, 1)), "what was done");
    EXPECT_THAT(requests("503 PUT"), SizeIs(2));
    await_empty_directory();
    EXPECT_THAT(metrics.expose({}), HasSubstr("curfew_recording_uploads_total{outcome=\"failed\"} 3"));
}

TEST_F(S3Recordings, GoOnWhereTheRunBeforeEnded) {
    open();
    const std::string content = bytes(2200);
    const RecordingKey key = new_key();
    {
        auto file = storage->create(key).value();
        ASSERT_TRUE(file->append(content.substr(0, 1000)));
        await_objects(1);
        server.answer_all(503, "SlowDown");
        ASSERT_TRUE(file->append(content.substr(1000)));
    }
    storage.reset();
    EXPECT_EQ(files_here(), 1U);
    server.answer_all(0, "");
    open();
    await_empty_directory();
    EXPECT_EQ(all_of(*storage->open(key).value()), content);
    EXPECT_THAT(requests("200 PUT /recordings/" + object(key, 1)), SizeIs(1)) << "it was there already";
}

TEST_F(S3Recordings, StayHereUntilEveryPartIsThere) {
    open();
    const std::string content = bytes(3500);
    const RecordingKey key = new_key();
    auto file = storage->create(key).value();
    ASSERT_TRUE(file->append(content));
    await_objects(3);
    server.erase(object(key, 2));
    ASSERT_TRUE(file->close());
    await_empty_directory();
    EXPECT_EQ(all_of(*storage->open(key).value()), content);
    EXPECT_THAT(server.objects(), SizeIs(4));
}

TEST_F(S3Recordings, AreNotPutOverAnotherOne) {
    open();
    const RecordingKey key = new_key();
    server.put(object(key, 1), bytes(5000));
    auto file = storage->create(key).value();
    ASSERT_TRUE(file->append("short"));
    file.reset();
    storage.reset();
    open();
    server.await("a look at what is there", [](const S3Server& at) {
        const auto& seen = at.requests_now();
        return std::find(seen.begin(), seen.end(), "200 GET /recordings") != seen.end();
    });
    EXPECT_EQ(record("the next one").session.text().size(), 10U);
    server.await("the next one", [](const S3Server& at) {
        return std::any_of(at.objects_now().begin(), at.objects_now().end(),
                           [](const auto& object) { return object.second == "the next one"; });
    });
    EXPECT_TRUE(curfew::test::eventually([&] { return files_here() == 1; })) << "nobody removes it";
}

TEST_F(S3Recordings, AreRefusedWhileThoseBeforeAreTooLate) {
    setup.settings.max_delay = 30ms;
    open();
    server.answer_all(503, "SlowDown");
    const RecordingKey key = new_key();
    auto live = storage->create(key).value();
    ASSERT_TRUE(live->append(bytes(1200)));
    Result<std::unique_ptr<RecordingFile>> refused = Error{};
    EXPECT_TRUE(curfew::test::eventually([&] {
        refused = storage->create(new_key());
        return !refused;
    }));
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("recordings.s3.max_delay"));
    EXPECT_FALSE(live->append("more")) << "so that its session ends";
    EXPECT_TRUE(live->append("more")) << "and how it ended can be written";
    ASSERT_TRUE(live->close());
    server.answer_all(0, "");
    EXPECT_TRUE(curfew::test::eventually([&] { return storage->create(new_key()).has_value(); }));
    server.await("all of it", [&](const S3Server& at) { return at.objects_now().contains(object(key, 2)); });
    EXPECT_EQ(server.objects().at(object(key, 2)), bytes(1200).substr(1000) + "more");
}

TEST_F(S3Recordings, WaitInTheDirectoryWhereSessionsAreToGoOn) {
    setup.settings.max_delay = 1ms;
    setup.refuses_while_late = false;
    open();
    server.answer_all(503, "SlowDown");
    const RecordingKey key = record(bytes(1200));
    server.await("a second attempt", [](const S3Server& at) { return at.requests_now().size() >= 2; });
    EXPECT_TRUE(storage->create(new_key()));
    server.answer_all(0, "");
    server.await("all of it", [&](const S3Server& at) { return at.objects_now().contains(object(key, 2)); });
}

TEST_F(S3Recordings, AreListedFromHereAndFromThere) {
    server.list_at_most(2);
    open();
    const RecordingKey there = record(bytes(3100));
    await_objects(4);
    await_empty_directory();
    server.put("curfew/prod/readme.txt", "no recording");
    server.put("curfew/other/" + part_key(new_key(), 1), "of another installation");
    const RecordingKey live = new_key();
    auto file = storage->create(live).value();
    ASSERT_TRUE(file->append("to be told apart"));
    auto listed = storage->list().value();
    ASSERT_THAT(listed, SizeIs(2));
    std::sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
    EXPECT_EQ(listed[0].key.session, live.session);
    EXPECT_TRUE(listed[0].live);
    EXPECT_EQ(listed[1].key, there);
    EXPECT_EQ(listed[1].bytes, 3100U);
    using namespace std::chrono;
    EXPECT_EQ(listed[1].changed, sys_days{2026y / 11 / 29} + 20h + 33min + 15s);
}

TEST_F(S3Recordings, AreRemovedFromHereAndFromThere) {
    setup.uploads.keep_local = true;
    open();
    const RecordingKey key = record(bytes(2100));
    await_objects(3);
    EXPECT_TRUE(curfew::test::eventually([&] { return storage->remove(key).has_value(); }))
        << "once it is not looked at";
    EXPECT_THAT(server.objects(), IsEmpty());
    EXPECT_EQ(files_here(), 0U);
    EXPECT_EQ(storage->remove(key).error().code, ErrorCode::not_found);
    const RecordingKey live = new_key();
    auto file = storage->create(live).value();
    EXPECT_EQ(storage->remove(live).error().code, ErrorCode::conflict);
}

TEST_F(S3Recordings, AreNotRemovedWhileTheyAreWritten) {
    open();
    const RecordingKey key = new_key();
    auto file = storage->create(key).value();
    ASSERT_TRUE(file->append("one"));
    EXPECT_EQ(storage->remove(key).error().code, ErrorCode::conflict);
    ASSERT_TRUE(file->append("two"));
    ASSERT_TRUE(file->close());
    await_objects(1);
    EXPECT_EQ(server.objects().at(object(key, 1)), "onetwo");
}

TEST_F(S3Recordings, AreGoneWithoutAWordWhereNothingWasWritten) {
    open();
    ASSERT_TRUE(storage->create(new_key()).value()->close());
    await_empty_directory();
    EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(S3Recordings, AreNotTakenForShorterThanTheyAre) {
    open();
    const std::string content = bytes(900);
    const RecordingKey key = record(content);
    await_empty_directory();
    auto source = storage->open(key).value();
    server.cut_next_answer();
    std::string buffer(2000, '\0');
    EXPECT_EQ(source->read(0, buffer).error().code, ErrorCode::unavailable);
    EXPECT_EQ(source->read(0, buffer).value(), 900U);
    server.cut_next_answer();
    EXPECT_EQ(storage->list().error().code, ErrorCode::unavailable);
    server.answer_all(503, "SlowDown");
    EXPECT_EQ(storage->open(key).error().code, ErrorCode::unavailable) << "it may be there";
    EXPECT_EQ(storage->list().error().code, ErrorCode::unavailable);
}

TEST_F(S3Recordings, TellHowFarUploadsAreBehind) {
    open();
    server.answer_all(503, "SlowDown");
    record(bytes(1234));
    server.await("an attempt", [](const S3Server& at) { return !at.requests_now().empty(); });
    metrics::Metrics::Scrape later;
    later.now = clock.boot_now() + 100s;
    const std::string exposed = metrics.expose(later);
    EXPECT_THAT(exposed, HasSubstr("curfew_recording_upload_waiting_bytes 1234"));
    EXPECT_THAT(exposed, Not(HasSubstr("curfew_oldest_recording_upload_waiting_seconds 0\n")));
    server.answer_all(0, "");
    await_empty_directory();
    EXPECT_TRUE(curfew::test::eventually([&] {
        const std::string now = metrics.expose({});
        return now.find("curfew_recording_upload_waiting_bytes 0\n") != std::string::npos &&
               now.find("curfew_oldest_recording_upload_waiting_seconds 0\n") != std::string::npos;
    }));
}

class S3Requests : public S3Recordings {
protected:
    std::string problem() {
        http::CurlFetch fetch{{}};
        S3Client client{fetch, setup.settings};
        const auto put = client.put("x", "bytes");
        return put ? "" : put.error().message;
    }
};

TEST_F(S3Requests, AreSignedWithTheKeyOfTheSettings) {
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(server.objects().at("curfew/prod/x"), "bytes");
    setup.settings.secret_access_key = Secret{"another"};
    EXPECT_THAT(problem(), HasSubstr("403, SignatureDoesNotMatch"));
    EXPECT_THAT(problem(), Not(HasSubstr("another")));
    EXPECT_THAT(problem(), Not(HasSubstr("never shown")));
    setup.settings.access_key_id = "SOMEBODY";
    EXPECT_THAT(problem(), HasSubstr("InvalidAccessKeyId"));
}

TEST_F(S3Requests, TellOfAClockThatIsWrong) {
    server.step_clock(std::chrono::minutes{16});
    EXPECT_THAT(problem(), HasSubstr("RequestTimeTooSkewed"));
}

TEST_F(S3Requests, TellOfABucketThatIsNotThere) {
    setup.settings.bucket = "nobodys";
    EXPECT_THAT(problem(), HasSubstr("NoSuchBucket"));
    http::CurlFetch fetch{{}};
    S3Client client{fetch, setup.settings};
    EXPECT_EQ(client.remove("x").error().code, ErrorCode::unavailable);
}

TEST_F(S3Requests, HaveAllOfAnyBytes) {
    http::CurlFetch fetch{{}};
    S3Client client{fetch, setup.settings};
    std::string all(70'000, '\0');
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<char>(i * 7);
    ASSERT_TRUE(client.put("all", all));
    EXPECT_EQ(client.get("all", 0, all.size()).value(), all);
    EXPECT_EQ(client.get("all", 100, 5).value(), all.substr(100, 5));
    EXPECT_EQ(client.get("none", 0, 5).error().code, ErrorCode::not_found);
    EXPECT_TRUE(client.remove("all"));
    EXPECT_TRUE(client.remove("all")) << "it is gone, as it was to be";
    EXPECT_THAT(server.refusals(), IsEmpty());
}

}  // namespace
}  // namespace curfew::recording
