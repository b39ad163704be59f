package link.ambassador.config;

import java.io.IOException;
import java.net.ServerSocket;

/** Whether a process can open the ports that its settings name, asked before it starts anything that it would have to end. */
public final class FreePort {
    private FreePort() {}

    /**
     * Opens {@code port} on every address of this machine, and closes it again.
     *
     * @throws BadSettingException says that {@code variable} names a port that another process has, or that needs a right
     */
    public static void require(String variable, int port) {
        try {
            new ServerSocket(port, 1).close();
        } catch (IOException e) {
            throw new BadSettingException(variable, Integer.toString(port), "a free port (" + e.getMessage() + ")");
        }
    }
}
