// Which servers a connection string names.
#include "store/postgres/target.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using store::read_postgres_target;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

const pq::Parameters& parameters(const store::PostgresTarget& target, std::size_t server = 0) {
    return target.servers.at(server).parameters;
}

// Of two values the later one counts.
std::string value(const pq::Parameters& parameters, const std::string& keyword) {
    std::string found;
    for (const auto& [key, text] : parameters) {
        if (key == keyword) found = text;
    }
    return found;
}

TEST(PostgresTargets, AreReadFromAUri) {
    const auto target = read_postgres_target("postgresql://curfewd@db1:5433/access?sslmode=verify-full",
                                             Secret{"sesame"}, "curfewd node-a");
    ASSERT_TRUE(target);
    ASSERT_THAT(target->servers, SizeIs(1));
    EXPECT_EQ(target->name(), "access on db1:5433");
    EXPECT_THAT(parameters(*target), Contains(Pair("host", "db1")));
    EXPECT_THAT(parameters(*target), Contains(Pair("port", "5433")));
    EXPECT_THAT(parameters(*target), Contains(Pair("user", "curfewd")));
    EXPECT_THAT(parameters(*target), Contains(Pair("sslmode", "verify-full")));
    EXPECT_EQ(value(parameters(*target), "application_name"), "curfewd node-a");
    EXPECT_THAT(parameters(*target), Not(Contains(Pair("password", testing::_))));
}

TEST(PostgresTargets, HaveEachServerOfAListByItself) {
    const auto target = read_postgres_target("host=db1,db2,db3 port=5432,5433,5434 dbname=access", {}, "x");
    ASSERT_TRUE(target);
    ASSERT_THAT(target->servers, SizeIs(3));
    EXPECT_EQ(value(parameters(*target, 1), "host"), "db2");
    EXPECT_EQ(value(parameters(*target, 1), "port"), "5433");
    EXPECT_EQ(target->name(), "access on db1:5432, db2:5433, db3:5434");
}

TEST(PostgresTargets, HaveOnePortForAllServersIfOneIsNamed) {
    const auto target = read_postgres_target("host=db1,db2 port=6000", {}, "x");
    ASSERT_TRUE(target);
    EXPECT_EQ(value(parameters(*target, 1), "port"), "6000");
}

TEST(PostgresTargets, TakeOnlyWhatTakesWrites) {
    const auto target = read_postgres_target("host=db1 target_session_attrs=any", {}, "x");
    ASSERT_TRUE(target);
    EXPECT_EQ(value(parameters(*target), "target_session_attrs"), "read-write");
}

TEST(PostgresTargets, KeepTheOptionsThatWereAskedFor) {
    const auto target = read_postgres_target("host=db1 options='-c work_mem=1MB'", {}, "x");
    ASSERT_TRUE(target);
    EXPECT_THAT(value(parameters(*target), "options"), HasSubstr("-c work_mem=1MB -c search_path=curfew"));
}

TEST(PostgresTargets, HoldNoPasswordInTheOpen) {
    const auto target = read_postgres_target("postgresql://curfewd:sesame@db1/access", {}, "x");
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code, ErrorCode::invalid);
    EXPECT_THAT(target.error().message, HasSubstr("store.password"));
    EXPECT_THAT(target.error().message, Not(HasSubstr("sesame")));
}

// A file of services for libpq, for as long as it lives.
class ServiceFile {
public:
    explicit ServiceFile(const std::string& text) {
        const std::string path = directory_.path() / "pg_service.conf";
        std::ofstream{path} << text;
        ::setenv("PGSERVICEFILE", path.c_str(), 1);
    }
    ~ServiceFile() { ::unsetenv("PGSERVICEFILE"); }
    ServiceFile(const ServiceFile&) = delete;
    ServiceFile& operator=(const ServiceFile&) = delete;

private:
    TemporaryDirectory directory_{"curfew-services"};
};

TEST(PostgresTargets, HaveWhatTheirServiceStandsFor) {
    const ServiceFile file{
        "[other]\nhost=db9\n[store]\nhost=db1,db2\nport=5433,5434\ndbname=access\nuser=gate\n"
        "sslmode=verify-full\ntarget_session_attrs=any\n"};
    const auto target = read_postgres_target("service=store", {}, "x");
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->name(), "access on db1:5433, db2:5434");
    EXPECT_EQ(value(parameters(*target, 1), "host"), "db2");
    EXPECT_EQ(value(parameters(*target, 1), "port"), "5434");
    EXPECT_EQ(value(parameters(*target), "user"), "gate");
    EXPECT_EQ(value(parameters(*target), "sslmode"), "verify-full");
    EXPECT_EQ(value(parameters(*target), "target_session_attrs"), "read-write");
}

TEST(PostgresTargets, SayMoreThanTheirService) {
    const ServiceFile file{"[store]\nhost=db1\ndbname=access\nuser=gate\n"};
    const auto target = read_postgres_target("postgresql://other@/?service=store&port=6000", {}, "x");
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->name(), "access on db1:6000");
    EXPECT_EQ(value(parameters(*target), "user"), "other");
}

TEST(PostgresTargets, NeedTheServiceThatTheyName) {
    const ServiceFile file{"[store]\nhost=db1\n"};
    const auto target = read_postgres_target("service=sotre", {}, "x");
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code, ErrorCode::invalid);
    EXPECT_THAT(target.error().message, HasSubstr("\"sotre\""));
}

TEST(PostgresTargets, HoldNoPasswordInTheirServiceEither) {
    const ServiceFile file{"[store]\nhost=db1\npassword=sesame\n"};
    const auto target = read_postgres_target("service=store", {}, "x");
    ASSERT_FALSE(target);
    EXPECT_THAT(target.error().message, HasSubstr("store.password"));
    EXPECT_THAT(target.error().message, Not(HasSubstr("sesame")));
}

TEST(PostgresTargets, RefuseWhatCannotBeRead) {
    EXPECT_FALSE(read_postgres_target("postgresql://[db1", {}, "x"));
    EXPECT_FALSE(read_postgres_target("host=db1,db2,db3 port=1,2", {}, "x"));
    EXPECT_FALSE(read_postgres_target("hots=db1", {}, "x"));
}

}  // namespace
}  // namespace curfew::test
