package io.sluice.resolver;

import java.util.List;

/** Edits of one text. Neighbouring insertions become one, and so do deletions. */
final class TextEdits extends Edits<TextEdit> {

    TextEdits(List<TextEdit> edits) {
        super(edits);
    }

    @Override
    Edits<TextEdit> none() {
        return new TextEdits(List.of());
    }

    @Override
    void transform(TextEdit edit, TextEdit other, boolean left, Edits<TextEdit> result) {
        edit.transform(other, left, (TextEdits) result);
    }

    @Override
    void append(TextEdit edit) {
        if (edit.length() == 0) {
            return;
        }
        TextEdit last = list.isEmpty() ? null : list.getLast();
        if (last == null || last.insert() != edit.insert()) {
            list.add(edit);
        } else if (edit.insert() && last.at() <= edit.at() && edit.at() <= last.end()) {
            list.set(list.size() - 1, TextEdit.insert(last.at(), within(last, edit.at(), edit)));
        } else if (!edit.insert() && edit.at() <= last.at() && last.at() <= edit.end()) {
            list.set(list.size() - 1, TextEdit.delete(edit.at(), within(edit, last.at(), last)));
        } else {
            list.add(edit);
        }
    }

    private static String within(TextEdit outer, int at, TextEdit inner) {
        int offset = at - outer.at();
        return outer.text().substring(0, offset) + inner.text() + outer.text().substring(offset);
    }
}
