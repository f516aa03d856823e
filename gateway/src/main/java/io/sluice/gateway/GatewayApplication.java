package io.sluice.gateway;

import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.local.LocalParts;
import io.sluice.gateway.settings.SettingException;
import io.sluice.resolver.Texts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** The gateway as a Spring application. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@ConfigurationPropertiesScan
@ComponentScan
public class GatewayApplication {

    /** Runs until it is told to stop. What keeps it from starting is said in one line. */
    public static void main(String[] args) {
        try {
            start(args);
        } catch (Throwable e) {
            System.err.println(StartFailure.reason(e));
            System.exit(1);
        }
    }

    /** Starts a gateway in this process; closing the context stops it, and the embedded parts that it started. */
    public static ConfigurableApplicationContext start(String... args) {
        SettingsCheck.requireSettings(args);
        Parts parts = new Parts();
        SpringApplication application = new SpringApplication(GatewayApplication.class);
        application.setWebApplicationType(WebApplicationType.REACTIVE);
        application.addListeners(parts);
        application.addInitializers(context ->
                ((GenericApplicationContext) context).registerBean(LocalRun.class, () -> new LocalRun(parts.started)));
        try {
            return application.run(args);
        } catch (RuntimeException e) {
            if (parts.started != null) {
                parts.started.close();
            }
            throw e;
        }
    }

    /** Starts the embedded parts as soon as the settings are known. */
    private static final class Parts implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

        private @Nullable LocalParts started;

        @Override
        public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
            SettingsCheck.require(event.getEnvironment());
            requireFreePort(event.getEnvironment());
            List<String> missing = Addresses.missing(event.getEnvironment());
            if (!missing.isEmpty()) {
                requireEmbedded(missing.getFirst());
                started = LocalParts.start(event.getEnvironment(), missing);
            }
        }

        /** It is not in the image. */
        private static void requireEmbedded(String missing) {
            if (!ClassUtils.isPresent("io.sluice.embedded.PartsProcess", null)) {
                throw new SettingException(
                        missing, "empty, and nothing is embedded here (expected: where the one is that is to be used)");
            }
        }
    }

    /** Said before anything else is started: the server itself would find out last. */
    private static void requireFreePort(Environment environment) {
        int port = port(environment.getProperty("server.port", "0"));
        String address = environment.getProperty("server.address", "");
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new IllegalStateException(StartFailure.portTaken(port));
        }
    }

    private static int port(String value) {
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > 65535) {
            throw new SettingException("server.port", "\"" + Texts.shown(value) + "\" (expected: 0 to 65535)");
        }
        return Integer.parseInt(value);
    }

    /** The parts that this run has started, if any. */
    public record LocalRun(@Nullable LocalParts parts) {}
}
