package io.sluice.loadtest.simulation;

/** What a gateway must not do. */
enum Fault {
    LOST("acknowledged, and never came"),
    GAP("a version is missing"),
    REPEATED("a version came again"),
    OUT_OF_ORDER("a version came after a higher one"),
    WRONG("not what was acknowledged"),
    RESET("the watching began anew, unasked"),
    REFUSED("refused");

    private final String text;

    Fault(String text) {
        this.text = text;
    }

    /** Without a name or number in it: a report has a line for each text. */
    String text() {
        return text;
    }
}
