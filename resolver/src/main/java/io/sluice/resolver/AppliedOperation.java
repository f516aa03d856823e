package io.sluice.resolver;

import tools.jackson.databind.JsonNode;

/**
 * An edit as it was applied, for those who follow: transformed against what came before it.
 *
 * @param revision of the value at the path after it
 */
public record AppliedOperation(String path, Policy.Kind kind, JsonNode operation, long revision) {}
