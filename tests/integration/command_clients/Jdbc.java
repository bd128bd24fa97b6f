// Work by command with PostgreSQL's JDBC driver: one flow a run, which prints what it saw. Usage: Jdbc FLOW PORT
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;

public final class Jdbc {
    private static final String INSERT = "INSERT INTO orders VALUES (?, ?)";

    private Jdbc() {
    }

    public static void main(String[] arguments) throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[1] + "/shop?user=alice&sslmode=disable";
        try (Connection connection = DriverManager.getConnection(url)) {
            switch (arguments[0]) {
                case "statement" -> statement(connection);
                case "values" -> values(connection);
                case "transaction" -> transaction(connection);
                case "batch" -> batch(connection);
                case "often" -> often(connection);
                case "portions" -> portions(connection);
                case "rejected" -> rejected(connection);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private static void said(String what, Object value) {
        System.out.println(what + ": " + value);
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM orders")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void insert(PreparedStatement statement, int id, String note) throws SQLException {
        statement.setInt(1, id);
        if (note == null) {
            statement.setNull(2, Types.VARCHAR);
        } else {
            statement.setString(2, note);
        }
    }

    private static void statement(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            said("inserted", statement.executeUpdate("INSERT INTO orders VALUES (7, 'seven')"));
            for (SQLWarning each = statement.getWarnings(); each != null; each = each.getNextWarning()) {
                said("notice", each.getMessage());
            }
        }
        said("count", count(connection));
    }

    private static void values(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            insert(statement, 7, null);
            said("inserted", statement.executeUpdate());
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT note FROM orders WHERE id = ?")) {
            statement.setInt(1, 7);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                said("found", rows.getString(1));
            }
        }
    }

    private static void transaction(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (int id = 1; id <= 2; ++id) {
                insert(statement, id, "x");
                statement.executeUpdate();
            }
        }
        connection.commit();
        said("count", count(connection));
        connection.rollback();
    }

    private static void batch(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (int id = 1; id <= 3; ++id) {
                insert(statement, id, "x");
                statement.addBatch();
            }
            said("inserted", Arrays.toString(statement.executeBatch()));
        }
    }

    // From the fifth time on the driver executes what it has prepared at the server, and sends no text.
    private static void often(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (int id = 1; id <= 7; ++id) {
                insert(statement, id, "x");
                statement.executeUpdate();
            }
        }
        said("count", count(connection));
    }

    private static void portions(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        int rows = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(2);
            try (ResultSet found = statement.executeQuery("SELECT id FROM orders")) {
                while (found.next()) {
                    ++rows;
                }
            }
        }
        connection.commit();
        said("rows", rows);
    }

    private static void rejected(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM orders");
        } catch (SQLException error) {
            said("refused", error.getSQLState());
        }
        said("count", count(connection));
    }
}
