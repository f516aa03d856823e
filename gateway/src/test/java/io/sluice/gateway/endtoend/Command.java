package io.sluice.gateway.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.gateway.RepairCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** {@code java -jar sluice.jar verify} or {@code rebuild}, as far as this JVM goes. */
record Command(int exit, String out, String err) {

    static Command run(String command, List<String> settings, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(settings);
        arguments.addAll(List.of(more));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = RepairCommand.run(
                new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), arguments.toArray(String[]::new));
        return new Command(exit, out.toString(UTF_8), err.toString(UTF_8));
    }

    /** The last number before that word. */
    static long number(String text, String word) {
        var matcher = java.util.regex.Pattern.compile("([0-9,]+) " + word).matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1).replace(",", "")) : -1;
    }
}
