package io.sluice.backpressure;

/** What a feed has and how it looks on the wire: all who share a view share its bytes. */
public record View(Selection selection, Filter filter, Encoding encoding) {

    /** Of all that is selected. */
    public View(Selection selection, Encoding encoding) {
        this(selection, Filter.NONE, encoding);
    }
}
