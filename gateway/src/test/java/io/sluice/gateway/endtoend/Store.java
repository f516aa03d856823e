package io.sluice.gateway.endtoend;

import io.sluice.gateway.journal.Database;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What gateways have stored, seen with PostgreSQL's own driver. @param url as {@code sluice.postgres.url} takes it */
record Store(String url) {

    /** An empty one, in the same server. */
    Store another(String name) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create database \"" + name + "\"");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Store(url.substring(0, url.lastIndexOf('/') + 1) + name);
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The second column by the first. */
    Map<String, String> read(String sql, String parameter) {
        try (Connection connection = connect();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            Map<String, String> rows = new TreeMap<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.put(result.getString(1), result.getString(2));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All in one transaction. */
    void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What became of each event of that topic, by its place: the resolution, and the revision of the context after it. */
    Map<String, String> outcomes(String topic) {
        return read(
                "select partition || '@' || source_offset, resolution || ' ' || coalesce(incarnation, 0) || '/'"
                        + " || coalesce(version, 0) from journal where topic = ?",
                topic);
    }

    /** How many events of that topic are folded and stored. */
    long folded(String topic) {
        return read("select partition, next_offset from progress where topic = ?", topic).values().stream()
                .mapToLong(Long::parseLong)
                .sum();
    }

    /** Of each context of that type. */
    Map<String, Long> versions(String type) {
        Map<String, Long> versions = new TreeMap<>();
        read("select id, version from states where type = ? and version > 0", type)
                .forEach((id, version) -> versions.put(id, Long.parseLong(version)));
        return versions;
    }

    /** The whole rows of the contexts of that type, by id. */
    Map<String, JsonNode> states(String type) {
        return trees(read("select id, row_to_json(s) from states s where type = ?", type));
    }

    /** The whole rows of what became of each event of that topic, by its place. */
    Map<String, JsonNode> journal(String topic) {
        return trees(
                read("select partition || '@' || source_offset, row_to_json(j) from journal j where topic = ?", topic));
    }

    /** JSON that a column holds as text is a tree, too: members may come in another order after a context was loaded again. */
    private static Map<String, JsonNode> trees(Map<String, String> rows) {
        Map<String, JsonNode> trees = new TreeMap<>();
        rows.forEach((key, row) -> {
            ObjectNode tree = Api.json(row).asObject();
            tree.properties().forEach(column -> {
                String text = column.getValue().asString("");
                if (text.startsWith("{") || text.startsWith("[")) {
                    column.setValue(Api.json(text));
                }
            });
            trees.put(key, tree);
        });
        return trees;
    }

    /** All tables as they are at one moment, into a database that has none: what a dump and its restore come to. */
    void backUpTo(Store other) {
        try (Database tables = new Database(other.url, 2)) {
            tables.migrate();
        }
        try (Connection from = connect();
                Connection to = other.connect()) {
            from.setAutoCommit(false);
            from.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            for (String table : List.of("progress", "states", "journal")) {
                ByteArrayOutputStream rows = new ByteArrayOutputStream();
                from.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("copy (select * from " + table + ") to stdout", rows);
                to.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("copy " + table + " from stdin", new ByteArrayInputStream(rows.toByteArray()));
            }
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Connection connect() throws SQLException {
        URI uri = URI.create(url);
        String[] user = uri.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), user[0], user[1]);
    }
}
