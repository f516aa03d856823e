package io.sluice.gateway.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.gateway.GatewayApplication.LocalRun;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.web.Routes;
import io.sluice.gateway.web.UriGuard;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What Spring has to know: the routes, and when to start and stop. */
@Configuration(proxyBeanMethods = false)
class OpsConfiguration {

    @Bean
    Routes routes() {
        return new Routes();
    }

    @Bean
    NodeLifecycle nodeLifecycle(SluiceSettings settings, LocalRun local, Routes routes, MeterRegistry registry) {
        return new NodeLifecycle(settings, local.parts(), routes, registry);
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> uriGuard() {
        return factory -> factory.addServerCustomizers(
                server -> server.doOnChannelInit((observer, channel, remote) -> UriGuard.install(channel)));
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
