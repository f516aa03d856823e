package io.sluice.gateway.endtoend;

import io.sluice.gateway.GatewayApplication;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;

/** A gateway in this JVM, spoken to over HTTP only. */
final class Gateway implements AutoCloseable {

    private static final List<String> EVERY = List.of("--server.address=127.0.0.1", "--server.port=0");

    /** What every gateway of the shared cluster has, since all of one cluster have to agree on it. */
    private static final List<String> COMMON = List.of(
            "--sluice.types.shelf.partitions=2",
            "--sluice.types.parcel.partitions=2",
            "--sluice.types.crowd.partitions=3",
            "--sluice.types.churn.partitions=2",
            "--sluice.types.lonely.partitions=1",
            "--sluice.types.mayfly.partitions=2",
            "--sluice.types.mayfly.tombstone-retention=0ms",
            "--sluice.writers.human=ada,grace",
            "--sluice.types.board.priority=human",
            "--sluice.types.board.policies[0].path=/visits",
            "--sluice.types.board.policies[0].policy=counter",
            "--sluice.types.board.policies[1].path=/tags",
            "--sluice.types.board.policies[1].policy=set",
            "--sluice.types.board.policies[2].path=/note",
            "--sluice.types.board.policies[2].policy=text",
            "--sluice.types.board.policies[3].path=/drawing",
            "--sluice.types.board.policies[3].policy=json",
            "--sluice.types.board.policies[4].path=/owner",
            "--sluice.types.board.policies[4].policy=manual",
            "--sluice.types.board.policies[5].path=/price",
            "--sluice.types.board.policies[5].policy=cel",
            "--sluice.types.board.policies[5].rule=candidates[0].value < candidates[1].value ? 0 : 1");

    private final ConfigurableApplicationContext context;
    private final URI base;

    private Gateway(ConfigurableApplicationContext context) {
        this.context = context;
        int port = ((WebServerApplicationContext) context).getWebServer().getPort();
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    static Gateway start(List<String> addresses, List<String> settings) {
        return startWith(EVERY, COMMON, addresses, settings);
    }

    /** One that knows no types but those of its settings, so that it has no part in any others. */
    static Gateway startWithOwnTypes(List<String> addresses, List<String> settings) {
        return startWith(EVERY, shippedWithoutTypes(), addresses, settings);
    }

    /** What is in the jar cannot be taken back by a setting: it is left aside, and given without the types. */
    private static List<String> shippedWithoutTypes() {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new ClassPathResource("application.yaml"));
        Properties shipped = Objects.requireNonNull(yaml.getObject());
        return Stream.concat(
                        Stream.of("--spring.config.location=optional:classpath:/nothing/"),
                        shipped.stringPropertyNames().stream()
                                .filter(name -> !name.startsWith("sluice.types."))
                                .map(name -> "--" + name + "=" + shipped.getProperty(name)))
                .toList();
    }

    @SafeVarargs
    private static Gateway startWith(List<String>... settings) {
        // Of two that set the same, the later counts; Spring would take both as a list.
        Map<String, String> all = new LinkedHashMap<>();
        Stream.of(settings).flatMap(List::stream).forEach(setting -> all.put(setting.split("=", 2)[0], setting));
        return new Gateway(GatewayApplication.start(all.values().toArray(String[]::new)));
    }

    URI base() {
        return base;
    }

    Api api() {
        return new Api(base);
    }

    /** @param path of a context or a type, with or without parameters */
    Feed watch(String path, String... headers) {
        return Feed.open(base, path, headers);
    }

    /** @param json what is to be watched */
    Feed watchPosted(String json, String... headers) {
        return Feed.post(base, "/v1/feeds", json, headers);
    }

    /** The sum of all meters of that name as Prometheus would read them; 0 if there is none. */
    double meter(String name) {
        return api().get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        context.close();
    }
}
