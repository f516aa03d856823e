package io.sluice.gateway.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.sluice.gateway.GatewayApplication.LocalRun;
import io.sluice.gateway.feed.FeedRoutes;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.web.Cors;
import io.sluice.gateway.web.HeadTimeout;
import io.sluice.gateway.web.Routes;
import io.sluice.gateway.web.UriGuard;
import io.sluice.gateway.websocket.SocketRoutes;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.server.WebFilter;
import reactor.netty.http.server.HttpServerState;
import reactor.netty.resources.LoopResources;

/** What Spring has to know: the routes, and when to start and stop. */
@Configuration(proxyBeanMethods = false)
class OpsConfiguration {

    /** So much waits in a connection before it is no longer written to, and until it is again. */
    private static final WriteBufferWaterMark ROOM = new WriteBufferWaterMark(16 << 10, 64 << 10);

    /** The kernel would let it grow to megabytes for each reader that stands still, out of our sight. */
    private static final int SEND_BUFFER = 128 << 10;

    private static final String DEGRADED = "DEGRADED";

    @Bean
    Routes routes() {
        return new Routes();
    }

    @Bean
    Cors cors(SluiceSettings settings) {
        return new Cors(settings.cors().origins(), settings.cors().credentials());
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    WebFilter corsFilter(Cors cors) {
        return cors.filter();
    }

    @Bean
    FeedRoutes feedRoutes(Cors cors) {
        return new FeedRoutes(cors);
    }

    @Bean
    SocketRoutes socketRoutes() {
        return new SocketRoutes();
    }

    @Bean
    NodeLifecycle nodeLifecycle(
            SluiceSettings settings,
            LocalRun local,
            Routes routes,
            FeedRoutes feedRoutes,
            SocketRoutes socketRoutes,
            MeterRegistry registry) {
        return new NodeLifecycle(settings, local.parts(), routes, feedRoutes, socketRoutes, registry);
    }

    /** One type that is stopped is no reason to send nobody here: that would stop the others, too. */
    @Bean
    HealthIndicator typesHealthIndicator(NodeLifecycle node) {
        return () -> {
            Map<String, String> stopped = node.stopped().reasons();
            Health.Builder health = stopped.isEmpty() ? Health.up() : Health.status(DEGRADED);
            return health.withDetails(stopped).build();
        };
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> connections() {
        return factory -> factory.addServerCustomizers(server -> server.doOnChannelInit((observer, channel, remote) -> {
                    UriGuard.install(channel);
                    HeadTimeout.start(channel);
                })
                .childObserve((connection, state) -> {
                    if (state == HttpServerState.REQUEST_RECEIVED) {
                        HeadTimeout.end(connection.channel());
                    }
                })
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ROOM)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER));
    }

    /** As many event loops as can run: more of them take turns, each with the connections of the others out of the processor's caches. */
    @Bean
    ReactorResourceFactory eventLoops() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(
                () -> LoopResources.create("reactor-http", Runtime.getRuntime().availableProcessors(), true));
        resources.setShutdownQuietPeriod(Duration.ZERO); // the server has waited for its requests before
        return resources;
    }

    /** In {@code /actuator/health} as {@code consistency}. */
    @Bean
    HealthIndicator consistencyHealthIndicator(NodeLifecycle node) {
        return node::consistency;
    }

    /** Stops before the server begins to wait for its requests, of which feeds are the ones that never end. */
    @Bean
    SmartLifecycle feedsLifecycle(NodeLifecycle node) {
        return new SmartLifecycle() {

            private volatile boolean running;

            @Override
            public void start() {
                running = true;
            }

            @Override
            public void stop() {
                running = false;
                node.drain();
            }

            @Override
            public boolean isRunning() {
                return running;
            }
        };
    }
}
