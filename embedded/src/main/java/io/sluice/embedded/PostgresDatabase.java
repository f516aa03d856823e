package io.sluice.embedded;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;

/** The database in the embedded PostgreSQL. Its password is no secret: it is there for clients that insist on one. */
record PostgresDatabase(int port) {
    static final String USER = "sluice";
    static final String PASSWORD = "sluice";
    private static final String NAME = "sluice";
    private static final String DOES_NOT_EXIST = "3D000";

    /** Its address, once it exists and answers. */
    String open() {
        try {
            ask();
        } catch (SQLException e) {
            throw new PartsException("The embedded PostgreSQL does not answer: " + Reason.of(e), e);
        }
        return "postgresql://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port + "/" + NAME;
    }

    private void ask() throws SQLException {
        try {
            execute(NAME, "SELECT 1");
        } catch (SQLException e) {
            if (!DOES_NOT_EXIST.equals(e.getSQLState())) {
                throw e;
            }
            execute("postgres", "CREATE DATABASE " + NAME);
            execute(NAME, "SELECT 1");
        }
    }

    private void execute(String database, String sql) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", PASSWORD);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "30");
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
        try (Connection connection = new Driver().connect(url, properties);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
