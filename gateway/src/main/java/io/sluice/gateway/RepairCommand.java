package io.sluice.gateway;

import io.sluice.gateway.repair.Repair;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.resolver.UnavailableException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code verify} and {@code rebuild}: with the settings of the gateway, and without one. */
public final class RepairCommand {

    private static final int SAME = 0;
    private static final int DIFFERENT = 1;
    private static final int FAILED = 2;

    private static final String TYPE = "--type=";

    private RepairCommand() {}

    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    /**
     * Blocks until it is done.
     *
     * @return 0: all is as it should be, 1: there are differences, 2: it could not be done, and why is said to {@code err}
     */
    public static int run(PrintStream out, PrintStream err, String... args) {
        List<String> types = new ArrayList<>();
        List<String> settings = new ArrayList<>();
        for (String arg : List.of(args).subList(1, args.length)) {
            if (arg.startsWith(TYPE)) {
                types.addAll(List.of(arg.substring(TYPE.length()).split(",", -1)));
            } else if (arg.matches("--[a-z][\\w-]*(\\.[\\w\\[\\]-]+)+=.*")) {
                settings.add(arg);
            } else {
                err.println(args[0] + ": \"" + SettingsCheck.name(arg)
                        + "\" (expected: --type=<type>, or a setting such as" + " --sluice.embedded.data-dir=./data)");
                return FAILED;
            }
        }
        try {
            Repair repair = new Repair(settings(settings), types, out);
            if (args[0].equals("rebuild")) {
                repair.rebuild();
                return SAME;
            }
            return repair.verify() == 0 ? SAME : DIFFERENT;
        } catch (UnavailableException e) {
            err.println(
                    e.getMessage() + " (expected: systems that run, such as those of a gateway with embedded parts)");
            return FAILED;
        } catch (RuntimeException e) {
            err.println(StartFailure.reason(e));
            return FAILED;
        }
    }

    /** One at a time: what is set up for logging is of the whole process. */
    private static synchronized SluiceSettings settings(List<String> args) {
        SpringApplication application = new SpringApplication(RepairCommand.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try (ConfigurableApplicationContext context = application.run(args.toArray(String[]::new))) {
            return SettingsCheck.require(context.getEnvironment());
        }
    }
}
