// `curfewd`: stands in front of PostgreSQL.
#include "apps/commands.hpp"

int main(int argc, char** argv) {
    return curfew::apps::run(argc, argv);
}
