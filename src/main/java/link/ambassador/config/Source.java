package link.ambassador.config;

/**
 * A resource that a link table was made from. {@code /links} shows it with the applied table.
 *
 * @param namespace of the resource
 * @param name of the resource
 * @param generation of the resource when the table was made, 0 or more
 */
public record Source(String namespace, String name, long generation) {
    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Source {
        LinkTable.requireOpaque(namespace, "A source's namespace");
        LinkTable.requireOpaque(name, "A source's name");
        if (generation < 0) {
            throw new IllegalArgumentException("A source's generation is " + generation + ": it must be 0 or more");
        }
    }
}
