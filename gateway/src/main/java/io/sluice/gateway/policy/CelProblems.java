package io.sluice.gateway.policy;

import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import java.util.stream.Collectors;

/** What the compiler of the Common Expression Language has against a text. */
public final class CelProblems {

    private CelProblems() {}

    /** With the places, in one line. */
    public static String line(CelValidationException refused) {
        return refused.getErrors().stream().map(CelProblems::line).collect(Collectors.joining("; "));
    }

    private static String line(CelIssue issue) {
        CelSourceLocation at = issue.getSourceLocation();
        return "at " + at.getLine() + ":" + (at.getColumn() + 1) + " " + issue.getMessage();
    }
}
