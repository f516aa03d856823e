package io.sluice.loadtest.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The fenced blocks of a page, in their order. */
record Readme(List<Block> blocks) {

    /** @param language what stands behind the fence, or nothing */
    record Block(String language, String text) {

        /** A command goes on over the end of a line that ends with a backslash or a pipe. Comments are left to the shell. */
        List<String> commands() {
            return Arrays.stream(text.split("(?<![\\\\|])\n"))
                    .filter(command -> !command.isBlank())
                    .toList();
        }
    }

    static Readme read(Path page) throws IOException {
        List<Block> blocks = new ArrayList<>();
        String[] parts = Files.readString(page).split("(?m)^```");
        for (int i = 1; i < parts.length; i += 2) {
            String[] block = parts[i].split("\n", 2);
            blocks.add(new Block(block[0].strip(), block[1]));
        }
        return new Readme(List.copyOf(blocks));
    }
}
