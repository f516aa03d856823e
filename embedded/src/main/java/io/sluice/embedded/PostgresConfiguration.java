package io.sluice.embedded;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The settings of the embedded PostgreSQL: as durable as the real one, on the loopback interface only. */
final class PostgresConfiguration {
    private PostgresConfiguration() {}

    static String text(int port) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("port", Integer.toString(port));
        settings.put("unix_socket_directories", ""); // the path of a socket may not be long, that of a data folder may
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("wal_level", "logical");
        settings.put("max_connections", "200");
        settings.put("shared_buffers", "128MB");
        settings.put("max_wal_size", "512MB");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        settings.put("log_line_prefix", "%m [%p] ");
        settings.put("lc_messages", "C.UTF-8");
        return settings.entrySet().stream()
                .map(setting -> setting.getKey() + " = '" + setting.getValue() + "'\n")
                .collect(Collectors.joining("", "# Written anew at each start.\n", ""));
    }
}
