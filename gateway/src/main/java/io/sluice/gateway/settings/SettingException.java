package io.sluice.gateway.settings;

/** A setting that cannot be. The message is one line: its name, the value and what was expected. */
public final class SettingException extends IllegalArgumentException {

    /** @param problem the value and what was expected */
    public SettingException(String name, String problem) {
        super(name + ": " + problem);
    }

    private SettingException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @param e whose message begins with the last part of the name */
    public static SettingException beneath(String prefix, RuntimeException e) {
        return new SettingException(prefix + "." + e.getMessage(), e);
    }
}
