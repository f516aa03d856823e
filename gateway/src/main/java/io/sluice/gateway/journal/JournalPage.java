package io.sluice.gateway.journal;

import java.util.List;

/** @param more whether there is more in the direction in which it was read */
public record JournalPage(List<JournalEntry> entries, boolean more) {

    public JournalPage {
        entries = List.copyOf(entries);
    }
}
