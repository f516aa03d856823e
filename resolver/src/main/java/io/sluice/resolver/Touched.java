package io.sluice.resolver;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** To which members a change writes. */
final class Touched {

    private Touched() {}

    /** As an object of objects, whose other values say nothing; null: everything. */
    static @Nullable ObjectNode by(Change change) {
        return switch (change) {
            case Change.Patch patch -> patch.patch();
            case Change.Replace replace -> null;
            case Change.Delete delete -> null;
            case Change.Operate operate -> paths(operate);
        };
    }

    private static ObjectNode paths(Change.Operate operate) {
        ObjectNode touched = Json.newObject();
        for (Operation operation : operate.operations()) {
            ObjectNode at = touched;
            Iterator<String> names = Pointer.names(operation.path()).iterator();
            while (names.hasNext()) {
                String name = names.next();
                if (names.hasNext()) {
                    at = at.get(name) instanceof ObjectNode object ? object : at.putObject(name);
                } else if (!(at.get(name) instanceof ObjectNode)) {
                    at.put(name, true);
                }
            }
        }
        return touched;
    }
}
