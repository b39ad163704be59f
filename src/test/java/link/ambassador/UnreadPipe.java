package link.ambassador;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A pipe that is full and that nobody reads, as the standard output of a program whose log's reader has stopped. */
public record UnreadPipe(Path fifo) {
    /** What a pipe of Linux holds (pipe(7)). */
    public static final int BYTES = 65_536;

    public static UnreadPipe in(Path directory) throws IOException, InterruptedException {
        Path fifo = directory.resolve("unread");
        if (new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor() != 0) {
            throw new IOException("no FIFO " + fifo);
        }
        return new UnreadPipe(fifo);
    }

    /** Writes a program that runs {@code java} with this as its standard output; the pipe lives as long as it does. */
    public void program(Path program, String java) throws IOException {
        Files.createFile(program, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(
                program,
                "#!/bin/sh\nexec 3<>'" + fifo + "'\n/usr/bin/head -c " + BYTES + " /dev/zero >&3\nexec '" + java
                        + "' \"$@\" >&3\n");
    }
}
