package io.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to run PostgreSQL, which refuses to run as root. An ordinary user runs it as it is; root runs it in a user namespace,
 * where it is nobody and yet owns root's files; where namespaces are forbidden, as the user {@code nobody}, whom the files
 * are then given to. Files that already belong to an ordinary user stay his, and he runs the server.
 */
final class Unprivileged {
    private static final int NOBODY = 65_534;

    private final int owner;
    private final List<String> prefix;

    private Unprivileged(int owner, List<String> prefix) {
        this.owner = owner;
        this.prefix = prefix;
    }

    /** As whom to run a server whose data is in {@code data}, if that exists already. */
    static Unprivileged on(Path data) throws IOException {
        if (uid(Path.of("/proc/self")) != 0) {
            return new Unprivileged(0, List.of());
        }
        int owner = Files.exists(data) ? uid(data) : 0;
        if (owner == 0 && Command.succeeds(List.of("unshare", "-U", "true"))) {
            return new Unprivileged(0, List.of("unshare", "-U"));
        }
        return as(owner == 0 ? NOBODY : owner);
    }

    private static Unprivileged as(int user) {
        List<String> prefix = List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--");
        if (!Command.succeeds(append(prefix, List.of("true")))) {
            throw new PartsException(
                    "The embedded PostgreSQL does not run as root, and here root may neither create a user"
                            + " namespace nor become another user: start as an ordinary user");
        }
        return new Unprivileged(user, prefix);
    }

    /** Whether the server, maybe as another user than we are, can get at the path. */
    boolean reaches(Path path) {
        return !isStranger() || Command.succeeds(append(prefix, List.of("test", "-x", path.toString())));
    }

    /** Makes a file or folder the server's, with all in it. */
    void own(Path path) throws IOException {
        if (!isStranger() || uid(path) == owner) {
            return;
        }
        // The top comes last, so that an interrupted change is seen to be unfinished.
        for (Path each : Folders.bottomUp(path)) {
            Files.setAttribute(each, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(each, "unix:gid", owner, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private boolean isStranger() {
        return owner != 0;
    }

    List<String> command(List<String> words) {
        return append(prefix, words);
    }

    private static List<String> append(List<String> prefix, List<String> words) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(words);
        return all;
    }

    private static int uid(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid");
    }
}
