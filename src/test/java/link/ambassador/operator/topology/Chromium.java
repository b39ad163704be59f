package link.ambassador.operator.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real browser with one tab, by the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol/). It remembers which
 * addresses the tab asked, and what the browser complained about.
 */
final class Chromium implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final ObjectMapper json = new ObjectMapper();
    private final Process process;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger commands = new AtomicInteger();
    private WebSocket tab;

    private Chromium(Process process) {
        this.process = process;
    }

    static Chromium start(Path directory) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program(),
                "--headless=new",
                "--remote-debugging-port=0",
                "--user-data-dir=" + directory.resolve("profile"),
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--window-size=1280,860",
                "about:blank"));
        if (System.getProperty("user.name").equals("root")) {
            // Its sandbox refuses root.
            command.add(1, "--no-sandbox");
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chromium.log").toFile())
                .start();
        Chromium chromium = new Chromium(process);
        try {
            chromium.connect(directory.resolve("profile/DevToolsActivePort"));
        } catch (RuntimeException | IOException | InterruptedException e) {
            chromium.close();
            throw e;
        }
        return chromium;
    }

    private static String program() throws IOException, InterruptedException {
        String found = Stream.of("chromium", "google-chrome", "chromium-browser")
                .filter(Chromium::isInPath)
                .findFirst()
                .orElse("");
        if (!found.isEmpty()) {
            return found;
        }
        int installed = new ProcessBuilder("src/test/debian-packages", "chromium=chromium")
                .redirectError(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT)
                .start()
                .waitFor();
        if (installed != 0) {
            throw new IllegalStateException("no chromium: src/test/debian-packages says above how to get it");
        }
        return "chromium";
    }

    private static boolean isInPath(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private void connect(Path port) throws IOException, InterruptedException {
        Awaitility.await("Chromium").atMost(START).until(() -> !process.isAlive() || isWritten(port));
        HttpClient http = HttpClient.newHttpClient();
        String devTools = "http://127.0.0.1:" + Files.readAllLines(port).get(0);
        JsonNode tabs = json.readTree(http.send(
                        HttpRequest.newBuilder(URI.create(devTools + "/json/list"))
                                .build(),
                        BodyHandlers.ofString())
                .body());
        tab = http.newWebSocketBuilder()
                .buildAsync(URI.create(tabs.path(0).path("webSocketDebuggerUrl").asText()), new Messages())
                .join();
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            send(domain + ".enable", Map.of());
        }
    }

    private static boolean isWritten(Path port) {
        try {
            return Files.exists(port) && Files.readAllLines(port).size() == 2;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void open(URI page) {
        send("Page.navigate", Map.of("url", page.toString()));
    }

    /** The value of a JavaScript expression in the page, as text. */
    String value(String expression) {
        JsonNode answer = send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value").asText();
    }

    /** Waits until the expression is true. */
    void await(String expression) {
        Awaitility.await(expression).atMost(ANSWER).until(() -> value("Boolean(" + expression + ")")
                .equals("true"));
    }

    /** Presses the mouse button in the middle of the element, wherever it is on the screen. */
    void click(String selector) {
        String middle = "(() => { const all = document.querySelector(" + quoted(selector)
                + "); all.scrollIntoView({block: 'center'});"
                + " const box = all.getBoundingClientRect();"
                + " return (box.x + box.width / 2) + ' ' + (box.y + box.height / 2); })()";
        String[] point = value(middle).split(" ", -1);
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            Double.valueOf(point[0]),
                            "y",
                            Double.valueOf(point[1]),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    void type(String text) {
        send("Input.insertText", Map.of("text", text));
    }

    /** The upper part of the page, as PNG. */
    byte[] picture(int width, int height) {
        // What is beyond the window would be white.
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Map<String, Object> clip = Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
        return Base64.getDecoder()
                .decode(send("Page.captureScreenshot", Map.of("format", "png", "clip", clip))
                        .path("data")
                        .asText());
    }

    /** Every address that the tab has asked. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** Uncaught exceptions, and what the browser logged: a violation of the security policy, a file that is missing. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private String quoted(String text) {
        try {
            return json.writeValueAsString(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode send(String method, Map<String, Object> parameters) {
        int id = commands.incrementAndGet();
        ObjectNode command = json.createObjectNode().put("id", id).put("method", method);
        command.set("params", json.valueToTree(parameters));
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        tab.sendText(command.toString(), true).join();
        return answer.orTimeout(ANSWER.toSeconds(), TimeUnit.SECONDS).join();
    }

    private void received(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer =
                    waiting.remove(message.path("id").asInt());
            if (message.has("error")) {
                answer.completeExceptionally(
                        new AssertionError(message.path("error").toString()));
            } else {
                answer.complete(message.path("result"));
            }
            return;
        }
        JsonNode parameters = message.path("params");
        switch (message.path("method").asText()) {
            case "Network.requestWillBeSent" ->
                asked.add(parameters.path("request").path("url").asText());
            case "Runtime.exceptionThrown" ->
                complaints.add(parameters.path("exceptionDetails").toString());
            case "Log.entryAdded" -> complaints.add(parameters.path("entry").toString());
            default -> {}
        }
    }

    @Override
    public void close() {
        if (tab != null) {
            tab.abort();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Awaitility.await().atMost(START).until(() -> !process.isAlive());
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                try {
                    received(json.readTree(message.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                message.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
