"""Work by command with psycopg 3: one flow a run, which prints what it saw. Usage: psycopg3.py FLOW CONNINFO"""

import sys

import psycopg

INSERT = "INSERT INTO orders VALUES (%s, %s)"


def said(what, value):
    print(f"{what}: {value}", flush=True)


def connect(conninfo, **more):
    connection = psycopg.connect(conninfo, **more)
    connection.add_notice_handler(lambda notice: said("notice", notice.message_primary))
    return connection


def count(connection):
    return connection.execute("SELECT count(*) FROM orders").fetchone()[0]


def values(conninfo):
    with connect(conninfo, autocommit=True) as connection:
        said("inserted", connection.execute(INSERT, (7, None)).rowcount)
        found = connection.execute("SELECT id, note FROM orders WHERE id = %s", (7,))
        said("found", found.fetchone())


def transaction(conninfo):
    with connect(conninfo) as connection:
        with connection.transaction():
            connection.execute(INSERT, (1, "one"))
            connection.execute(INSERT, (2, "two"))
        said("count", count(connection))


def rejected(conninfo):
    with connect(conninfo, autocommit=True) as connection:
        try:
            connection.execute("DELETE FROM orders")
        except psycopg.errors.InsufficientPrivilege as error:
            said("refused", error.sqlstate)
        said("count", count(connection))


def prepared(conninfo):
    with connect(conninfo, autocommit=True) as connection:
        for number in (1, 2):
            connection.execute(INSERT, (number, "x"), prepare=True)
        said("count", count(connection))


def pipeline(conninfo):
    with connect(conninfo, autocommit=True) as connection:
        with connection.pipeline():
            before = connection.execute("SELECT count(*) FROM orders")
            connection.execute(INSERT, (1, "one"))
            after = connection.execute("SELECT count(*) FROM orders")
        said("before", before.fetchone()[0])
        said("after", after.fetchone()[0])


def copy(conninfo):
    with connect(conninfo, autocommit=True) as connection:
        with connection.cursor() as cursor:
            with cursor.copy("COPY orders FROM STDIN") as rows:
                rows.write_row((1, "one"))
                rows.write_row((2, "two"))
            said("copied", cursor.rowcount)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
