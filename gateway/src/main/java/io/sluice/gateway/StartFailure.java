package io.sluice.gateway;

import io.sluice.gateway.settings.SettingException;
import io.sluice.resolver.ContextException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.convert.ConversionFailedException;

/** Why the gateway cannot start, for whoever reads the terminal: one line, or everything where no line of ours says it. */
final class StartFailure {

    private StartFailure() {}

    static String portTaken(int port) {
        return "Port " + port + " is taken (expected: a free one; set server.port, 0 for any)";
    }

    static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException taken) {
                return portTaken(taken.getPort());
            }
            if (cause instanceof SettingException setting) {
                return String.valueOf(setting.getMessage());
            }
            if (cause instanceof BindException setting) {
                return setting(setting);
            }
            boolean isOurs = cause instanceof ContextException
                    || cause instanceof IllegalArgumentException
                    || cause instanceof IllegalStateException;
            if (isOurs
                    && cause.getMessage() != null
                    && (cause.getCause() == null || cause instanceof ContextException)) {
                return cause.getMessage();
            }
        }
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return "Sluice cannot start: " + trace;
    }

    private static String setting(BindException e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        if (root instanceof UnboundConfigurationPropertiesException unbound) {
            return unknown(e, unbound);
        }
        Class<?> words = enumOf(e);
        Object value = e.getProperty() == null ? null : e.getProperty().getValue();
        if (value != null && words != null) {
            return e.getName() + ": \"" + value + "\" (expected: " + expected(words) + ")";
        }
        return value == null
                ? String.valueOf(root.getMessage())
                : e.getName() + ": \"" + value + "\" cannot be taken: " + root.getMessage();
    }

    /** Null: it is not one of some words that was wanted. */
    private static @Nullable Class<?> enumOf(Throwable e) {
        Class<?> found = null;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConversionFailedException conversion
                    && conversion.getTargetType().getType().isEnum()) {
                found = conversion.getTargetType().getType();
            }
        }
        return found;
    }

    private static String expected(Class<?> words) {
        return Arrays.stream(words.getEnumConstants())
                .map(word -> ((Enum<?>) word).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
    }

    private static String unknown(BindException e, UnboundConfigurationPropertiesException unbound) {
        String names = unbound.getUnboundProperties().stream()
                .map(property -> property.getName().toString())
                .collect(Collectors.joining(", "));
        // The elements of a list are looked at by themselves, and before all else.
        boolean isOfList = !e.getName().toString().equals(SettingsCheck.ROOT);
        String first = e.getName() + "[0]";
        return isOfList && !names.startsWith(first)
                ? names + ": without those before it (expected: " + first + " and on, none left out)"
                : names + ": unknown (expected: a setting that there is)";
    }
}
