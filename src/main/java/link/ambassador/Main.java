package link.ambassador;

import io.quarkus.runtime.annotations.QuarkusMain;

/** The entry: reads the role, starts that half, nothing else. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.out.println("hello " + Role.asked(arguments, System.getenv()));
    }
}
