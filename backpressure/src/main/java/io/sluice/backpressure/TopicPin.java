package io.sluice.backpressure;

/**
 * Which topic of events it is that a type is read from: one that is made anew under the same name has another id, and other events at the same
 * offsets; with another number of partitions keys have other places.
 *
 * @param id that Kafka gave it when it was made
 */
public record TopicPin(String topic, String id, int partitions) {}
