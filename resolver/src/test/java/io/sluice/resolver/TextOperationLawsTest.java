package io.sluice.resolver;

class TextOperationLawsTest implements OperationLaws<TextOperation> {

    @Override
    public OperationType<TextOperation> type() {
        return new TextType();
    }
}
