package io.sluice.resolver;

/** One partition of one topic of events: the unit of order and of ownership. */
public record Partition(String topic, int number) {

    public static Partition of(LogPosition position) {
        return new Partition(position.topic(), position.partition());
    }

    @Override
    public String toString() {
        return topic + "-" + number;
    }
}
