package link.ambassador.link;

public final class Annotations {
    private Annotations() {}

    public static final String REVISION = "ambassador.link/revision";
    public static final String NUDGE = "ambassador.link/nudge";
}
