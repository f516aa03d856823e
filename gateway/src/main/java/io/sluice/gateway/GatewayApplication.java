package io.sluice.gateway;

import io.sluice.gateway.local.LocalParts;
import io.sluice.resolver.ContextException;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

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
            System.err.println(reason(e));
            System.exit(1);
        }
    }

    /** Starts a gateway in this process; closing the context stops it, and the embedded parts that it started. */
    public static ConfigurableApplicationContext start(String... args) {
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
            started = LocalParts.startIfWanted(event.getEnvironment());
        }
    }

    /** The parts that this run has started, if any. */
    public record LocalRun(@Nullable LocalParts parts) {}

    private static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException taken) {
                return "Port " + taken.getPort() + " is taken (expected: a free one; set server.port, 0 for any)";
            }
            if (cause instanceof ContextException
                    || cause instanceof BindException
                    || cause instanceof IllegalArgumentException
                    || (cause instanceof IllegalStateException
                            && cause.getMessage() != null
                            && cause.getCause() == null)) {
                return String.valueOf(cause.getMessage());
            }
        }
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return "Sluice cannot start: " + root;
    }
}
