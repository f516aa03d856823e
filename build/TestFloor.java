import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Counts what the tests of a module came to, and fails below its floor: a test class that nothing finds, or that skips, must
 * not pass for one that holds. Arguments: the module's name, its target folder, its floor.
 */
class TestFloor {

    private static final Pattern SUITE = Pattern.compile("<testsuite [^>]*>", Pattern.DOTALL);

    public static void main(String[] args) throws IOException {
        String module = args[0];
        int floor = Integer.parseInt(args[2]);
        int tests = 0;
        int failed = 0;
        int skipped = 0;
        for (String reports : List.of("surefire-reports", "failsafe-reports")) {
            Path folder = Path.of(args[1], reports);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(f -> f.getFileName().toString().startsWith("TEST-")).toList()) {
                    Matcher suite = SUITE.matcher(Files.readString(file));
                    if (suite.find()) {
                        tests += number(suite.group(), "tests");
                        failed += number(suite.group(), "failures") + number(suite.group(), "errors");
                        skipped += number(suite.group(), "skipped");
                    }
                }
            }
        }
        if (tests == 0 && floor == 0) {
            return;
        }
        int passed = tests - failed - skipped;
        System.out.println(module + ": " + passed + " passed, " + failed + " failed, " + skipped + " skipped");
        if (passed < floor || skipped > 0) {
            System.out.println(module + " has " + passed + " passing tests, and skips " + skipped + " (expected: at least "
                    + floor + ", as tests.floor in its pom says, and none skipped)");
            System.exit(1);
        }
    }

    private static int number(String suite, String name) {
        Matcher matcher = Pattern.compile("\\s" + name + "=\"(\\d+)\"").matcher(suite);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
