package io.sluice.resolver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Enters what one event writes into the registers of its context. For one event, and one thread. */
final class RegisterWriter {

    /** Each keeps its revision for as long as the context lives, and its latest edits. */
    static final int MAX_DOCUMENTS = 256;

    private final Policies policies;
    private final Stamp stamp;
    private final boolean seesAll;
    private final SortedMap<String, SharedDocument> documents;
    private final List<AppliedOperation> applied = new ArrayList<>();
    private boolean effective;
    private int writes;

    RegisterWriter(Policies policies, Stamp stamp, Registers before) {
        this.policies = policies;
        this.stamp = stamp;
        this.seesAll = stamp.clock().covers(before.past().seen());
        this.documents = before.documents().isEmpty() ? new TreeMap<>() : new TreeMap<>(before.documents());
    }

    /** Where one write goes. @param node what was tracked there before @param old what is visible there; null: nothing */
    private record Place(
            @Nullable Place parent,
            RegisterNode node,
            Pointer path,
            PolicyNode policies,
            @Nullable JsonNode old) {

        Place member(String name) {
            return new Place(
                    this,
                    node.child(name),
                    path.child(name),
                    policies.member(name),
                    old instanceof ObjectNode object ? object.get(name) : null);
        }

        /** What is tracked of writes of the whole, at the path and above it. */
        List<Write> writes() {
            List<Write> all = new ArrayList<>();
            if (parent != null) {
                parent.writes().forEach(write -> all.add(write.member(path.name(), false)));
            }
            all.addAll(node.covers());
            return all;
        }

        Place at(List<String> names) {
            Place place = this;
            for (String name : names) {
                place = place.member(name);
            }
            return place;
        }

        @Nullable
        Policy policy() {
            return policies.policy();
        }
    }

    /**
     * @param visible the document before; null: there is none
     * @throws Refusal if the change cannot be made here
     */
    RegisterNode write(Change change, RegisterNode root, @Nullable ObjectNode visible) {
        Place place = new Place(null, root, Pointer.ROOT, policies.root(), visible);
        return switch (change) {
            case Change.Patch patch -> patched(root, place, patch.patch());
            case Change.Replace replace -> covered(root, place, replace.document());
            case Change.Delete delete -> covered(root, place, null);
            case Change.Operate operate -> operated(root, place, operate.operations());
        };
    }

    /** Whether anything of it was not superseded. */
    boolean isEffective() {
        return effective;
    }

    int writes() {
        return writes;
    }

    SortedMap<String, SharedDocument> documents() {
        return documents;
    }

    List<AppliedOperation> applied() {
        return applied;
    }

    private RegisterNode patched(RegisterNode node, Place place, ObjectNode patch) {
        if (place.policy() != null) {
            // One register: what the patch leaves out of it is taken from what stands there.
            return covered(node, place, MergePatch.apply(place.old(), patch));
        }
        if (node.isSuperseded(stamp)) {
            return node;
        }
        effective |= patch.isEmpty();
        Map<String, RegisterNode> children = new LinkedHashMap<>(node.children());
        for (var member : patch.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            Place there = place.member(name);
            RegisterNode child = node.child(name);
            put(
                    children,
                    name,
                    value instanceof ObjectNode object
                            ? patched(child, there, object)
                            : covered(child, there, value.isNull() ? null : value));
        }
        return node.entered(stamp, children);
    }

    private static void put(Map<String, RegisterNode> children, String name, RegisterNode child) {
        if (!child.isEmpty()) {
            children.put(name, child);
        }
    }

    private RegisterNode covered(RegisterNode node, Place place, @Nullable JsonNode value) {
        Fit.require(place.policies(), place.path(), value);
        if (node.isSuperseded(stamp)) {
            return node;
        }
        boolean object = value instanceof ObjectNode;
        effective |= object || !stamp.isBefore(node.ensures());
        writes++;
        if (!documents.isEmpty()) {
            resetDocuments(place, value);
        }
        if (place.policies().hasDocuments()) {
            beginDocuments(place, value);
        }
        return node.covered(new Write(stamp, value), seesAll);
    }

    /** Documents at or beneath a path whose whole was written. */
    private void resetDocuments(Place place, @Nullable JsonNode value) {
        String path = place.path().toString();
        for (var entry : List.copyOf(documents.entrySet())) {
            String of = entry.getKey();
            if (of.equals(path) || of.startsWith(path + "/")) {
                List<String> names = Pointer.names(of.substring(path.length()));
                JsonNode now = Pointer.value(value, names);
                if (wins(place.at(names), now)) {
                    replace(of, entry.getValue(), now);
                }
            }
        }
    }

    /** Edits come in the order of the log. Among concurrent writes of the whole the strongest stands, as elsewhere. */
    private boolean wins(Place there, @Nullable JsonNode value) {
        Write mine = new Write(stamp, value);
        for (Write other : there.writes()) {
            boolean sawMine = other.stamp().isAfter(stamp);
            boolean isSeen = stamp.isAfter(other.stamp());
            if (sawMine || (!isSeen && policies.order().comparator.compare(other, mine) > 0)) {
                return false;
            }
        }
        return true;
    }

    private void beginDocuments(Place place, @Nullable JsonNode value) {
        Policy policy = place.policy();
        if (policy != null) {
            String path = place.path().toString();
            if (policy.isDocument() && value != null && !documents.containsKey(path) && wins(place, value)) {
                replace(path, SharedDocument.empty(policy.kind(), null), value);
            }
            return;
        }
        if (value instanceof ObjectNode object && place.policies().hasDocuments()) {
            for (String name : place.policies().membersIn(value)) {
                beginDocuments(place.member(name), object.get(name));
            }
        }
    }

    private void replace(String path, SharedDocument document, @Nullable JsonNode value) {
        edited(path, document.replaced(value));
    }

    private void edited(String path, SharedDocument.Edited edited) {
        SharedDocument document = edited.document();
        documents.put(path, document);
        if (documents.size() > MAX_DOCUMENTS) {
            throw new Refusal(
                    Resolution.Reason.TOO_LARGE,
                    "values that are edited by operations: " + documents.size() + " (expected: at most " + MAX_DOCUMENTS
                            + " in one context, removed ones included)");
        }
        JsonNode operation = edited.operation();
        if (operation != null) {
            applied.add(new AppliedOperation(path, document.kind(), operation, document.revision()));
        }
    }

    private RegisterNode operated(RegisterNode root, Place place, List<Operation> operations) {
        RegisterNode node = root;
        for (Operation operation : operations) {
            node = operated(node, place, Pointer.names(operation.path()), operation);
        }
        return node;
    }

    private RegisterNode operated(RegisterNode node, Place place, List<String> names, Operation operation) {
        if (names.isEmpty()) {
            Fit.require(place.policy(), operation, place.old());
            return node.isSuperseded(stamp) ? node : operated(node, place, operation);
        }
        if (place.policy() != null) {
            throw Fit.refusal(operation.path(), "lies beneath " + place.path() + ", which is one register");
        }
        if (node.isSuperseded(stamp)) {
            return node;
        }
        String name = names.getFirst();
        Map<String, RegisterNode> children = new LinkedHashMap<>(node.children());
        put(children, name, operated(node.child(name), place.member(name), names.subList(1, names.size()), operation));
        return node.entered(stamp, children);
    }

    private RegisterNode operated(RegisterNode node, Place place, Operation operation) {
        effective = true;
        writes++;
        return switch (operation) {
            case Operation.Add add -> node.added(Increment.of(stamp, add.amount()));
            case Operation.Elements elements -> elements(node, elements);
            case Operation.Edit edit -> {
                SharedDocument document = documents.get(edit.path());
                SharedDocument before = document == null ? SharedDocument.empty(edit.kind(), place.old()) : document;
                edited(edit.path(), before.edited(edit.edit(), edit.revision(), edit.path()));
                yield node;
            }
        };
    }

    private RegisterNode elements(RegisterNode node, Operation.Elements operation) {
        RegisterNode next = node;
        for (JsonNode element : operation.remove()) {
            next = next.element(CanonicalJson.text(element), new Write(stamp, null));
        }
        for (JsonNode element : operation.insert()) {
            next = next.element(CanonicalJson.text(element), new Write(stamp, CanonicalJson.sorted(element)));
        }
        return next;
    }
}
