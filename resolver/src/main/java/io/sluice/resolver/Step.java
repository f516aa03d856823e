package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import tools.jackson.databind.JsonNode;

/** One step of a path into a JSON document. */
sealed interface Step {

    JsonNode json();

    /** To a member of an object. */
    record Key(String name) implements Step {

        @Override
        public JsonNode json() {
            return NODES.stringNode(name);
        }
    }

    /** To an element of a list. */
    record Index(int value) implements Step {

        @Override
        public JsonNode json() {
            return NODES.numberNode(value);
        }
    }
}
