package io.sluice.gateway.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Objects;

/** One flight of the data set. @param delay in minutes, negative: early @param distance in miles */
record Flight(LocalDateTime departure, int delay, int distance, String origin, String destination) {

    /** All of them, by departure. Where they are from is in the README beside the file. */
    static List<Flight> all() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Flight.class.getResourceAsStream("/demo/flights.csv")),
                StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(Flight::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Flight parse(String line) {
        String[] fields = line.split(",", -1);
        return new Flight(
                LocalDateTime.parse(fields[0]),
                Integer.parseInt(fields[1]),
                Integer.parseInt(fields[2]),
                fields[3],
                fields[4]);
    }
}
