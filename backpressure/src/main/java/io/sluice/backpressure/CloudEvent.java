package io.sluice.backpressure;

import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CloudEvents 1.0 event, read from either mode and any binding. The data stays a tree of our own reader, so that numbers keep
 * their digits and duplicate members are refused, which the SDK's reader does not do.
 *
 * @param attributes names in lower case, extensions among them, without {@code datacontenttype}
 * @param data null: there is none
 */
public record CloudEvent(
        Map<String, String> attributes, @Nullable JsonNode data) {

    public static final String STRUCTURED = "application/cloudevents+json";

    public CloudEvent {
        attributes = Map.copyOf(attributes);
        require(attributes, "specversion");
        if (!"1.0".equals(attributes.get("specversion"))) {
            throw malformed("specversion", attributes.get("specversion"), "1.0");
        }
        require(attributes, "id");
        require(attributes, "source");
        require(attributes, "type");
    }

    /** The structured mode: one JSON object. */
    public static CloudEvent structured(byte[] body, Json json) {
        ObjectNode object = json.object(body);
        Map<String, String> attributes = new TreeMap<>();
        for (var member : object.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (name.equals("data") || name.equals("data_base64") || value.isNull()) {
                continue;
            }
            if (!value.isValueNode()) {
                throw malformed(name, value.getNodeType().toString(), "a string, number or boolean");
            }
            attributes.put(name, value.asString());
        }
        requireJson(attributes.remove("datacontenttype"));
        return new CloudEvent(attributes, data(object, json));
    }

    /** The binary mode: attributes came as headers, and the body is the data. An empty body is no data. */
    public static CloudEvent binary(
            Map<String, String> attributes, @Nullable String contentType, byte @Nullable [] body, Json json) {
        if (body == null || body.length == 0) {
            return new CloudEvent(attributes, null);
        }
        requireJson(contentType);
        return new CloudEvent(attributes, json.value(body));
    }

    public @Nullable String attribute(String name) {
        return attributes.get(name);
    }

    /** The value of an attribute that is always there. */
    public String required(String name) {
        return require(attributes, name);
    }

    private static @Nullable JsonNode data(ObjectNode object, Json json) {
        JsonNode data = object.get("data");
        JsonNode base64 = object.get("data_base64");
        if (base64 == null) {
            return data == null || data.isNull() ? null : data;
        }
        try {
            return json.value(Base64.getDecoder().decode(base64.asString()));
        } catch (IllegalArgumentException e) {
            throw malformed("data_base64", base64.asString(), "base64 (RFC 4648)");
        }
    }

    private static void requireJson(@Nullable String contentType) {
        if (contentType != null) {
            String type = contentType.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT);
            if (!type.equals("application/json") && !type.endsWith("+json") && !type.equals("text/json")) {
                throw malformed("datacontenttype", contentType, "JSON");
            }
        }
    }

    private static String require(Map<String, String> attributes, String name) {
        String value = attributes.get(name);
        if (value == null || value.isEmpty()) {
            throw malformed(name, value == null ? "missing" : "", "a non-empty text (CloudEvents 1.0)");
        }
        return value;
    }

    private static MalformedException malformed(String name, @Nullable String value, String expected) {
        return new MalformedException(
                "malformed-cloudevent",
                "CloudEvents attribute " + Texts.shown(name) + ": \"" + Texts.shown(String.valueOf(value))
                        + "\" (expected: " + expected + ")");
    }
}
